"""Rows of the registry and of compliance, made directly: a page should not need the operations to be tested."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from compliance.models import (
    AISystem,
    Approval,
    ApprovalRequest,
    Evidence,
    Finding,
    GateEvaluation,
    Policy,
    PolicyVersion,
    Waiver,
)
from compliance.policies.document import document_digest, document_parse
from experiments.models import Experiment, Run
from portal.accounts.models import User, Workspace
from portal.kernel.clock import now, now_ms
from registry.models import Assignment, ModelVersion, RegisteredModel, SystemModel

DIGEST = "ab12" * 16


def model_row(
    workspace: Workspace, name: str = "scorer", *, owner: User | None = None, **fields: Any
) -> RegisteredModel:
    stamp = now_ms()
    return RegisteredModel.objects.create(
        workspace=workspace,
        name=name,
        created_by=owner,
        creation_timestamp=stamp,
        last_updated_timestamp=stamp,
        **fields,
    )


def run_row(experiment: Experiment, user: User, name: str = "a-run") -> Run:
    return Run.objects.create(
        experiment=experiment, workspace=experiment.workspace, name=name, created_by=user, user_name=user.username,
        status="FINISHED", start_time=now_ms() - 60_000, end_time=now_ms(), artifact_uri="mlflow-artifacts:/1/1/x",
    )  # fmt: skip


def version_row(model: RegisteredModel, *, digest: str = DIGEST, **fields: Any) -> ModelVersion:
    model.last_version += 1
    model.save(update_fields=["last_version"])
    manifest = [
        {"path": "MLmodel", "size": 512, "sha256": "0" * 64},
        {"path": "model.skops", "size": 90_000, "sha256": "1" * 64},
    ]
    made = {"status": "READY", "ready_at": now(), "manifest": manifest} | fields
    return ModelVersion.objects.create(
        workspace=model.workspace, model=model, version=model.last_version, digest=digest, creation_timestamp=now_ms(),
        last_updated_timestamp=now_ms(), **made,
    )  # fmt: skip


def assignment_row(
    version: ModelVersion, name: str = "champion", *, days_ago: int = 1, **fields: Any
) -> Assignment:
    return Assignment.objects.create(
        workspace=version.workspace, model=version.model, version=version, kind="alias", name=name,
        valid_from=now() - timedelta(days=days_ago), moved_by="user:1", moved_by_name="ann", **fields,
    )  # fmt: skip


def evidence_row(
    version: ModelVersion, kind: str = "artifact_scan", outcome: str = "pass", **fields: Any
) -> Evidence:
    made = {"summary": "Nothing was found in 2 files.", "body": {"files": 2}, "source": "modelscan"} | fields
    return Evidence.objects.create(
        workspace=version.workspace, subject_type="modelversion", subject_id=version.pk.hex,
        subject_label=str(version), subject_digest=version.digest, kind=kind, outcome=outcome, digest="c" * 64,
        actor="system:test", recorded_at=now(), **made,
    )  # fmt: skip


def facts_of(version: ModelVersion) -> dict[str, Any]:
    """Facts in the form that `compliance/policies/facts.py` promises."""
    return {
        "act": "registry.alias.move", "workspace": version.workspace.name,
        "model": {"name": version.model.name, "tags": {}, "risk_tier": "high"},
        "version": {"number": version.version, "digest": version.digest, "status": "READY"},
        "target": {"kind": "alias", "name": "champion"},
        "metrics": {"auc": 0.9134, "brier": 0.118}, "params": {"depth": "6"},
        "champion": {"version": 1, "digest": DIGEST, "metrics": {"auc": 0.8911, "brier": 0.124}, "params": {}},
        "run": {"id": "a" * 32, "user": "cora", "commit": "4f2c" * 10, "is_dirty": False, "has_lock": True},
        "datasets": [{"name": "loans-2026q3", "digest": "9f2c1e", "context": "training", "source_type": "s3"}],
        "signature": {"inputs": True, "outputs": True},
        "evidence": {"artifact_scan": {"outcome": "pass", "age_hours": 3, "summary": "Nothing was found in 2 files."},
                     "evaluation": {"outcome": "fail", "age_hours": 70, "summary": "Subgroup age < 25 is below 0.8."}},
        "card": {"number": 2, "sections": {"intended_uses": True, "evaluation_details": False}},
        "findings": {"open": 1, "overdue": 0, "high": 0},
    }  # fmt: skip


def waiver_row(version: ModelVersion, asker: User, granter: User | None = None) -> Waiver:
    return Waiver.objects.create(
        workspace=version.workspace, policy_name="champions", rule="fresh", subject_type="modelversion",
        subject_id=version.pk.hex, subject_label=str(version), subject_digest=version.digest, reason="being repeated",
        state="granted" if granter else "requested", requested_by=asker, decided_by=granter,
        expires_at=now() + timedelta(days=14),
    )  # fmt: skip


def request_row(
    version: ModelVersion, asker: User, *, excluded: tuple[User, ...] = (), waiver: Waiver | None = None,
    policy: Policy | None = None, **fields: Any,
) -> ApprovalRequest:  # fmt: skip
    digest = policy.current.digest if policy and policy.current else "d" * 64
    checks = [
        {"policy": "champions", "policy_digest": digest, "rule": "better",
         "title": "AUC is not below the champion's", "outcome": "pass",
         "message": "auc is 0.9134, the champion has 0.8911", "waiver": None},
        {"policy": "champions", "policy_digest": digest, "rule": "fresh",
         "title": "An evaluation is not older than 30 days", "outcome": "waived",
         "message": "the newest is 70 hours old and failed", "waiver": str(waiver.pk) if waiver else None},
    ]  # fmt: skip
    subject = {"subject_type": "modelversion", "subject_id": version.pk.hex, "subject_label": str(version)}
    needed = [{"role": "approver", "quorum": 2}]
    evaluation = GateEvaluation.objects.create(
        workspace=version.workspace, act="registry.alias.move", facts=facts_of(version), facts_digest="e" * 64,
        checks=checks, approvals_needed=needed, passed=True, actor=f"user:{asker.pk}", evaluated_at=now(), **subject,
    )  # fmt: skip
    evaluation.policy_versions.set([policy.current] if policy and policy.current else [])
    made = {
        "state": "open",
        "opened_at": now(),
        "expires_at": now() + timedelta(days=7),
        "reason": "Better on every slice.",
    } | fields
    return ApprovalRequest.objects.create(
        workspace=version.workspace, act="registry.alias.move", subject_digest=version.digest, evaluation=evaluation,
        target_key=f"{version.model_id}:champion:{uuid4()}", target_label=f"champion of {version.model.name}",
        params={"name": "champion"}, evidence_digest="f" * 64, approvals_needed=needed, risk_tier="high",
        excluded=[asker.pk, *(each.pk for each in excluded)], requested_by=asker, **subject, **made,
    )  # fmt: skip


def approval_row(request: ApprovalRequest, **fields: Any) -> Approval:
    return Approval.objects.create(
        workspace=request.workspace, request=request, act=request.act, target_key=request.target_key,
        subject_type=request.subject_type, subject_id=request.subject_id, subject_digest=request.subject_digest,
        evidence_digest=request.evidence_digest, effective_at=now(), **fields,
    )  # fmt: skip


def ago(days: float) -> datetime:
    return now() - timedelta(days=days)


def policy_in_force(workspace: Workspace, source: str, *, proposer: User, decider: User) -> Policy:
    """A policy as its text reads, published by a second person."""
    document = document_parse(source)
    policy = Policy.objects.create(workspace=workspace, name=document["name"], created_by=proposer)
    policy.current = PolicyVersion.objects.create(
        policy=policy, workspace=workspace, number=1, source=source, document=document, state="published",
        digest=document_digest(document), proposed_by=proposer, decided_by=decider, decided_at=now(),
    )  # fmt: skip
    policy.save()
    return policy


def policy_row(
    workspace: Workspace | None, name: str, sources: list[str], *, proposer: User, decider: User,
    in_force: bool = True,
) -> Policy:  # fmt: skip
    document = {
        "name": name, "description": "What may be called champion.",
        "applies_to": {"aliases": ["champion"], "risk_tiers": ["high"]},
        "rules": [
            {"id": "better", "title": "AUC is not below the champion's", "severity": "high",
             "require": "facts.champion == null || facts.metrics.auc >= facts.champion.metrics.auc"},
            {"id": "fresh", "title": "An evaluation is not older than 30 days", "waivable": True, "severity": "medium",
             "require": "facts.evidence.evaluation.age_hours < 720.0"},
        ],
        "approvals": [{"role": "approver", "quorum": 1, "quorum_by_tier": {"high": 2}}],
        "request_expires_after": "7d", "approval_valid_for": "48h", "break_glass": {"allowed": True, "hours": 8},
    }  # fmt: skip
    policy = Policy.objects.create(workspace=workspace, name=name, created_by=proposer)
    for number, source in enumerate(sources, start=1):
        policy.current = PolicyVersion.objects.create(
            policy=policy, workspace=workspace, number=number, source=source, document=document, digest=f"{number:064}",
            state="published", reason="Tighter.", proposed_by=proposer, decided_by=decider, decided_at=now(),
        )  # fmt: skip
    if in_force:
        policy.save()
    return policy


def finding_row(
    version: ModelVersion, title: str = "A byte of model.skops differs", **fields: Any
) -> Finding:
    made = {
        "severity": "high",
        "due_at": now() + timedelta(days=3),
        "source": "registry.version.verify",
    } | fields
    return Finding.objects.create(
        workspace=version.workspace, key=uuid4().hex, subject_type="modelversion", subject_id=version.pk.hex,
        subject_label=str(version), title=title, description="The digest of the file is another one.",
        opened_by="system:test", **made,
    )  # fmt: skip


def system_row(workspace: Workspace, owner: User, model: RegisteredModel | None = None) -> AISystem:
    system = AISystem.objects.create(
        workspace=workspace, name="Loan scoring", owner=owner,
        intended_purpose="Scores applications for consumer loans.", role="deployer", risk_tier="high",
    )  # fmt: skip
    if model is not None:
        SystemModel.objects.create(
            workspace=workspace,
            system=system,
            model=model,
            alias="champion",
            valid_from=now(),
            linked_by=owner,
        )
    return system
