"""Looking at the files of a version again: before a use, or because somebody asks."""

from collections.abc import Sequence

from compliance.models import Approval
from compliance.models.approvals import EFFECTIVE
from compliance.services.findings import finding_open
from compliance.services.gate import consequence
from compliance.services.invalidation import requests_invalidate
from compliance.services.revocations import REVOKE, revoked
from jobs.models import JobRun
from jobs.queue import enqueue
from portal.accounts.actor import Actor
from portal.kernel.errors import Conflict
from portal.operations import Changed, effect, locked, operation
from registry.gate.subjects import version_subject
from registry.models import ModelVersion, RegisteredModel
from registry.models.registered_model import READY
from registry.services.versions import there_check

VERIFY = "registry.version.verify"
VERIFY_JOB = "registry.verify_version"
_NAMED, _DUE_DAYS = 20, 1


@operation(VERIFY, on="version")
def version_verify(*, actor: Actor, version: ModelVersion) -> Changed[JobRun]:
    """Let a job hash the files of a version again and compare them with its manifest. Raises Conflict unless READY."""
    there_check(version)
    if version.status != READY or not version.artifact_location:
        raise Conflict(
            f"{version} has no files that were measured, so there is nothing to verify.", code="not_ready"
        )
    run = enqueue(
        VERIFY_JOB, key=version.pk.hex, args={"version_id": version.pk.hex}, actor=actor,
        workspace_id=version.workspace_id,
    )  # fmt: skip
    return Changed(run, before={}, after={"job": run.pk.hex})


@operation(VERIFY, on="model")
def version_refuse(
    *, actor: Actor, model: RegisteredModel, version: ModelVersion, changed: Sequence[str]
) -> Changed[dict[str, object]]:
    """Record that a use was refused because files were changed, outside of a job."""
    return _compared(actor, model, version, changed)


@effect(VERIFY, on="model")
def version_verified(
    *, actor: Actor, model: RegisteredModel, version: ModelVersion, changed: Sequence[str]
) -> Changed[dict[str, object]]:
    """Record how the files compare. What changed opens a finding and ends every approval of the version.

    An alias or a stage that stands under one of them moves back in the same commit.
    """
    return _compared(actor, model, version, changed)


def _compared(
    actor: Actor, model: RegisteredModel, version: ModelVersion, changed: Sequence[str]
) -> Changed[dict[str, object]]:
    row: ModelVersion = locked(version)
    row.model = model
    facts: dict[str, object] = {
        "digest": row.digest,
        "changed": list(changed[:_NAMED]),
        "changed_total": len(changed),
    }
    if changed:
        _refuse_use(actor, row, changed)
    return Changed(facts, before={}, after=facts, subject=row)


def changed_key(subject_id: str) -> str:
    """The key of the finding that the files of a version were changed."""
    return f"registry.files_changed:{subject_id}"


def _refuse_use(actor: Actor, version: ModelVersion, changed: Sequence[str]) -> None:
    subject = version_subject(version)
    why = f"{len(changed)} files of {version} are not what was measured: {', '.join(changed[:5])}."[:1000]
    finding_open(
        actor=consequence(actor, "compliance.finding.open"), workspace_id=subject.workspace_id,
        key=changed_key(subject.id), subject_type=subject.type, subject_id=subject.id,
        subject_label=subject.label, title=f"Files of {version} were changed",
        description=f"{why} The version may not be used. Find out who changed them, and register anew.",
        severity="critical", source=VERIFY_JOB, due_days=_DUE_DAYS,
    )  # fmt: skip
    requests_invalidate(actor=actor, subject_type=subject.type, subject_id=subject.id, reason=why)
    used = Approval.objects.filter(
        subject_type=subject.type, subject_id=subject.id, state=EFFECTIVE, used_at__isnull=False
    )
    for approval in used.select_related("request").order_by("id"):
        _approval_end(actor=consequence(actor, REVOKE), approval=approval, reason=why)


@effect(REVOKE, on="approval", lock="own")
def _approval_end(*, actor: Actor, approval: Approval, reason: str) -> Changed[Approval]:
    return revoked(actor, approval, reason)
