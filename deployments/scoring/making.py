"""What a scoring is as rows: made with its job, and ended with the approval that it stands under."""

from collections.abc import Mapping
from typing import Any

from compliance.models import Approval
from compliance.services.gate import consequence
from deployments.models import BatchScoring, Endpoint, Revision
from experiments.models import DatasetVersion
from jobs.queue import enqueue
from jobs.services.runs import job_cancel_within
from portal.accounts.actor import Actor
from portal.accounts.models import User
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, PermissionDenied
from portal.kernel.ids import uuid7
from registry.models import ModelVersion
from registry.models.registered_model import READY

SCORE_JOB = "deployments.score"


def scoring_make(
    actor: Actor, version: ModelVersion, dataset: DatasetVersion, environment: str, asked: Mapping[str, Any], *,
    approval: Approval | None, requested_by: User | None = None, endpoint: Endpoint | None = None,
    revision: Revision | None = None, reason: str = "",
) -> BatchScoring:  # fmt: skip
    """Make a scoring and its job. The caller holds the version; `requested_by` is the actor unless it is said."""
    if version.status != READY or not version.digest:
        raise Conflict(f"{version} is {version.status}: only a READY version has files.", code="not_ready")
    person = requested_by or (User.objects.get(pk=actor.user_id) if actor.user_id is not None else None)
    if person is None:
        raise PermissionDenied(f"{actor.name} is no account, and somebody answers for every scoring.")
    scoring_id = uuid7()
    job = enqueue(
        SCORE_JOB, key=scoring_id.hex, args={"scoring_id": scoring_id.hex}, actor=actor,
        workspace_id=version.workspace_id,
    )  # fmt: skip
    return BatchScoring.objects.create(
        id=scoring_id, workspace_id=version.workspace_id, version=version, digest=version.digest,
        environment=environment, endpoint=endpoint, revision=revision, approval=approval, dataset=dataset,
        asked=dict(asked), job=job, reason=reason[:2000], requested_by=person, created_at=now(),
    )  # fmt: skip


def scorings_end(actor: Actor, approval: Approval, reason: str) -> None:
    """Cancel what goes on under an approval that was revoked; what is done stays, and says what it stood under."""
    cancel = "jobs.job.cancel"
    for scoring in (
        BatchScoring.objects.filter(approval=approval, ended_at=None).select_related("job").order_by("id")
    ):
        job_cancel_within(
            actor=consequence(actor, cancel),
            run=scoring.job,
            reason=f"its approval was revoked: {reason}"[:500],
        )
