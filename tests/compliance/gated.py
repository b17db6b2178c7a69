"""A gated act of the tests' own: subjects and targets are rows of two small tables, so that no other app is needed.

A subject has a digest, facts and authors that a test sets; a move writes where the target points.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from compliance.gates import GATED_ACTS, GatedAct, Proposal, Subject, Target
from compliance.models import Approval
from compliance.services.approvals import approval_reinstate, approval_use
from compliance.services.gate import consequence, lent
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.errors import NotFound
from portal.operations import Changed, effect

ACT = "experiments.model.update"  # a listed action that contributors may do
TABLES = """
CREATE TABLE gated_subject (id text PRIMARY KEY, workspace_id bigint, digest text, facts jsonb, authors bigint[],
                            tier text);
CREATE TABLE gated_target (name text PRIMARY KEY, subject text, approval uuid, earlier text, earlier_approval uuid)
"""
DROP = "DROP TABLE IF EXISTS gated_subject, gated_target"
CLEAN: dict[str, Any] = {
    "model": {"name": "fraud", "tags": {}},
    "metrics": {"auc": 0.9},
    "champion": None,
    "evidence": {"artifact_scan": {"outcome": "pass", "age_hours": 1.0, "digest": "a" * 64}},
    "card": {"number": 1, "sections": {"purpose": True}},
    "datasets": [{"name": "train", "digest": "b" * 64}],
}


def subject_put(
    workspace_id: int, *, subject: str = "v1", digest: str = "d" * 64, facts: Mapping[str, Any] = CLEAN,
    authors: tuple[int, ...] = (), tier: str = "",
) -> None:  # fmt: skip
    sql.execute(
        "INSERT INTO gated_subject VALUES (%s, %s, %s, %s::jsonb, %s::bigint[], %s) ON CONFLICT (id) DO UPDATE SET "
        "digest = excluded.digest, facts = excluded.facts, authors = excluded.authors, tier = excluded.tier",
        (subject, workspace_id, digest, orjson.dumps(facts).decode(), list(authors), tier),
    )


def subject_delete(subject: str = "v1") -> None:
    sql.execute("DELETE FROM gated_subject WHERE id = %s", (subject,))


def points_to(target: str = "champion") -> str | None:
    found = sql.row("SELECT subject FROM gated_target WHERE name = %s", (target,))
    return found[0] if found else None


def propose(subject_id: str, params: Mapping[str, Any]) -> Proposal:
    found = sql.row(
        "SELECT workspace_id, digest, facts::text, authors, tier FROM gated_subject WHERE id = %s FOR NO KEY UPDATE",
        (subject_id,),
    )
    if found is None:
        raise NotFound(f"There is no {subject_id}.")
    workspace_id, digest, facts, authors, tier = found
    name = params["target"]
    return Proposal(
        act=ACT, subject=Subject("gated", subject_id, f"fraud {subject_id}", workspace_id, digest),
        target=Target(f"gated:{name}", f"{name} of fraud", "alias", name), params=dict(params),
        facts=orjson.loads(facts), selectors={"model": "fraud", "alias": name, "tags": {}},
        excluded=frozenset(authors), risk_tier=tier,
    )  # fmt: skip


@effect(ACT, on="subject")
def _move(*, actor: Actor, subject: Subject, target: str, approval: Approval, reason: str) -> Changed[None]:
    sql.execute(
        "INSERT INTO gated_target VALUES (%(name)s, %(subject)s, %(approval)s) ON CONFLICT (name) DO UPDATE SET "
        "earlier = gated_target.subject, earlier_approval = gated_target.approval, subject = %(subject)s, "
        "approval = %(approval)s",
        {"name": target, "subject": subject.id, "approval": approval.pk},
    )
    return Changed(None, before={}, after={"target": target, "subject": subject.id})


def apply(*, actor: Actor, proposal: Proposal, approval: Approval, reason: str = "") -> None:
    _move(
        actor=actor, subject=proposal.subject, target=proposal.target.name, approval=approval, reason=reason
    )
    approval_use(actor=lent(actor, "compliance.approval.use"), approval=approval)


@effect(ACT, on="subject")
def _back(*, actor: Actor, subject: Subject, approval: Approval, reason: str) -> Changed[None]:
    sql.execute(
        "UPDATE gated_target SET subject = earlier, approval = earlier_approval, earlier = NULL, "
        "earlier_approval = NULL WHERE approval = %s",
        (approval.pk,),
    )
    return Changed(None, before={"subject": subject.id}, after={})


def revert(*, actor: Actor, approval: Approval, reason: str = "") -> None:
    subject = Subject(
        approval.subject_type,
        approval.subject_id,
        approval.subject_id,
        approval.workspace_id,
        approval.subject_digest,
    )
    _back(actor=actor, subject=subject, approval=approval, reason=reason)
    found = sql.row("SELECT approval FROM gated_target WHERE name = %s", (approval.request.params["target"],))
    if found and found[0]:
        stood = Approval.objects.get(pk=found[0])
        actor = consequence(actor, "compliance.approval.reinstate")
        approval_reinstate(actor=actor, approval=stood, reason=reason)


GATED = GatedAct(ACT, propose, apply, revert)


def install() -> None:
    """Declare the act in a process of its own, as an app would."""
    GATED_ACTS[ACT] = GATED
