"""Asking for a reproduction, and its verdict."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from compliance.evidence_kinds import FAIL, INFO, PASS
from jobs.queue import enqueue
from portal.accounts.actor import Actor
from portal.accounts.models import User
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, PermissionDenied
from portal.operations import Changed, effect, operation
from registry.gate.recording import Observation, observations_record
from registry.models import ModelVersion
from registry.models.registered_model import READY
from training.models import Reproduction, TrainingJob
from training.models.jobs import REPRODUCTION
from training.models.reproductions import NOT_ATTEMPTED, NOT_EQUAL
from training.reproduction.recorded import recorded_of, spec_again
from training.reproduction.verdict import DEFAULT_TOLERANCE
from training.services.endings import LISTENERS
from training.services.jobs import training_begin

CERTIFY_JOB = "training.certify"
BEGIN, CERTIFY = "training.reproduction.begin", "training.reproduction.certify"


@operation(BEGIN, on="version")
def reproduction_begin(
    *, actor: Actor, version: ModelVersion, tolerance: Mapping[str, float] | None = None
) -> Changed[Reproduction]:
    """Train a version again from what was recorded, in the name of the caller; the one that runs, if one does.

    Where something was never recorded, the certificate will say `not_attempted` and why. Raises Conflict for a version
    without files, InvalidInput for a tolerance that is none.
    """
    if actor.user_id is None:
        raise PermissionDenied(f"{actor.name} is no account, and somebody answers for every training.")
    if version.status != READY or version.deleted_at is not None:
        raise Conflict(f"{version} is not READY, so there is nothing to compare with.", code="not_ready")
    pending = Reproduction.objects.filter(version=version, verdict="").first()
    if pending is not None:
        return Changed(pending, before={}, after={}, subject=pending)
    recorded = recorded_of(version)
    made = Reproduction(
        workspace_id=version.workspace_id, version=version, tolerance=_tolerance(tolerance or {}),
        requested_by=User.objects.get(pk=actor.user_id), created_at=now(),
    )  # fmt: skip
    if recorded.training is not None and not recorded.missing:
        made.training = training_begin(
            actor=actor, workspace=version.workspace, spec=spec_again(version, recorded.training),
            purpose=REPRODUCTION, key=f"reproduction {made.pk}", cloned_from=recorded.training,
        )  # fmt: skip
    made.save(force_insert=True)
    if made.training is None:
        _certify_enqueue(actor, made)
    after = {"version": str(version), "training": str(made.training_id), "tolerance": made.tolerance}
    return Changed(made, before={}, after=after, subject=made)


@effect(CERTIFY, on="reproduction")
def reproduction_certify(
    *, actor: Actor, reproduction: Reproduction, verdict: str, why: str, comparison: Mapping[str, Any],
    certificate: Mapping[str, Any], at: dt.datetime,
) -> Changed[dict[str, Any]]:  # fmt: skip
    """Give a reproduction its verdict, once, and record it as evidence about the version."""
    if reproduction.verdict:
        raise Conflict(f"The {reproduction} has its certificate already.", code="invalid_state")
    reproduction.verdict, reproduction.why = verdict, why
    reproduction.comparison, reproduction.certificate = dict(comparison), dict(certificate)
    reproduction.ended_at = at
    reproduction.save(update_fields=["verdict", "why", "comparison", "certificate", "ended_at"])
    body = {
        "class": verdict,
        "why": why,
        "reproduction": str(reproduction.pk),
        "tolerance": reproduction.tolerance,
    }
    outcome = {NOT_EQUAL: FAIL, NOT_ATTEMPTED: INFO}.get(verdict, PASS)
    seen = Observation("reproduction", outcome, f"{verdict}: {why}", body, CERTIFY_JOB, severity="medium")
    observations_record(actor, reproduction.version, [seen])
    return Changed({"verdict": verdict}, before={"verdict": ""}, after={"verdict": verdict, "why": why})


def _tolerance(given: Mapping[str, float]) -> dict[str, float]:
    unknown = given.keys() - DEFAULT_TOLERANCE.keys()
    values = {**DEFAULT_TOLERANCE, **given}
    if unknown or not all(isinstance(value, (int, float)) and 0 <= value <= 1 for value in values.values()):
        raise InvalidInput(
            f"A tolerance has {' and '.join(DEFAULT_TOLERANCE)}, each from 0 to 1.", code="bad_tolerance"
        )
    return {key: float(value) for key, value in values.items()}


def _certify_enqueue(actor: Actor, reproduction: Reproduction) -> None:
    enqueue(
        CERTIFY_JOB, key=str(reproduction.pk), args={"reproduction_id": str(reproduction.pk)}, actor=actor,
        workspace_id=reproduction.workspace_id,
    )  # fmt: skip


def _training_ended(*, actor: Actor, training: TrainingJob, state: str) -> None:
    """However the training of a reproduction ends, it gets its verdict."""
    if training.purpose == REPRODUCTION:
        for reproduction in Reproduction.objects.filter(training=training, verdict=""):
            _certify_enqueue(actor, reproduction)


LISTENERS.append(_training_ended)
