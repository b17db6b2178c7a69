"""Asking for an evaluation, its report, and the evidence that it becomes."""

from collections.abc import Mapping
from typing import Any

from compliance.models import Evidence
from experiments.models import DatasetVersion
from jobs.models import DONE
from portal.accounts.actor import Actor
from portal.accounts.models import User
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, PermissionDenied
from portal.operations import Changed, effect, locked, operation
from registry.gate.recording import Observation, observations_record
from registry.gate.subjects import VERSION_TYPE
from registry.models import ModelVersion
from registry.models.registered_model import READY
from training.evaluation.planning import Asked, spec_of
from training.evaluation.reports import evidence_body, judged, summary_of
from training.models import Evaluation, TrainingJob
from training.models.jobs import EVALUATION
from training.services.endings import LISTENERS
from training.services.jobs import training_begin

BEGIN, RECORD, END = "training.evaluation.begin", "training.evaluation.record", "training.evaluation.end"
EVALUATION_ACTIONS = (RECORD, END, "compliance.evidence.record")
KIND, SOURCE = "evaluation", "training.evaluation"
REPORT_ARTIFACT = "evaluation/report.json"


@operation(BEGIN, on="version", lock="share")
def evaluation_begin(
    *, actor: Actor, version: ModelVersion, dataset: DatasetVersion, champion: ModelVersion | None, asked: Asked,
    environment: Mapping[str, Any],
) -> Changed[Evaluation]:  # fmt: skip
    """Measure a model version on a dataset version, in the name of the caller.

    `environment` is what `training.evaluation.planning.environment_of` says. Raises Conflict for a version without
    files, InvalidInput for data of another workspace or what cannot be measured.
    """
    if actor.user_id is None:
        raise PermissionDenied(f"{actor.name} is no account, and somebody answers for every evaluation.")
    if version.status != READY or version.deleted_at is not None:
        raise Conflict(f"{version} is not READY, so there is nothing to measure.", code="not_ready")
    if dataset.workspace_id != version.workspace_id:
        raise InvalidInput(f"{dataset} and {version} are in different workspaces.", code="other_workspace")
    facts = asked.facts()
    training = training_begin(
        actor=actor, workspace=version.workspace, spec=spec_of(version, dataset, champion, facts, environment),
        purpose=EVALUATION,
    )  # fmt: skip
    made = Evaluation.objects.create(
        workspace_id=version.workspace_id, version=version, dataset=dataset, champion=champion, training=training,
        asked=facts, requested_by=User.objects.get(pk=actor.user_id), created_at=now(),
    )  # fmt: skip
    after = {"version": str(version), "dataset": str(dataset), "champion": str(champion or ""), **facts}
    return Changed(made, before={}, after=after, subject=made)


@operation(RECORD, on="evaluation")
def evaluation_record(*, actor: Actor, evaluation: Evaluation, report: dict[str, Any]) -> Changed[Evaluation]:
    """Keep what was measured, with its outcome by the thresholds. A later attempt of the same job replaces it."""
    if evaluation.ended_at is not None:
        raise Conflict(f"The {evaluation} has ended.", code="invalid_state")
    outcome, results = judged(report, evaluation.asked["thresholds"])
    evaluation.report = {**report, "thresholds": results}
    evaluation.outcome, evaluation.summary = outcome, summary_of(report, results)
    evaluation.save(update_fields=["report", "outcome", "summary"])
    return Changed(evaluation, before={}, after={"outcome": outcome, "summary": evaluation.summary})


@effect(END, on="evaluation")
def evaluation_end(*, actor: Actor, evaluation: Evaluation, state: str) -> Changed[None]:
    """End an evaluation with its job; one that is done becomes evidence about the version, unless that was deleted."""
    evaluation.ended_at = now()
    if state == DONE and evaluation.report is not None:
        locked(evaluation.version.model)
        version: ModelVersion = locked(evaluation.version)
        if version.deleted_at is None:
            _evidence(actor, evaluation)
            evaluation.evidence_id = _newest(evaluation)
    evaluation.save(update_fields=["ended_at", "evidence_id"])
    return Changed(None, before={}, after={"state": state, "outcome": evaluation.outcome})


def _evidence(actor: Actor, evaluation: Evaluation) -> None:
    report, dataset = evaluation.report or {}, evaluation.dataset
    training = evaluation.training
    facts = {
        "evaluation": str(evaluation.pk), "run": training.run.pk.hex if training.run else None,
        "dataset": {"name": dataset.asset.name, "version": dataset.number, "digest": dataset.digest},
        "champion_version": evaluation.champion.version if evaluation.champion else None,
        "report_artifact": REPORT_ARTIFACT,
        "environment": training.environment.digest if training.environment else None,
    }  # fmt: skip
    body = evidence_body(report, report["thresholds"], facts)
    seen = Observation(KIND, evaluation.outcome, evaluation.summary, body, SOURCE)
    observations_record(actor, evaluation.version, [seen])


def _newest(evaluation: Evaluation) -> Any:
    """The evidence that was just recorded."""
    from_now = Evidence.objects.filter(
        subject_type=VERSION_TYPE, subject_id=evaluation.version.pk.hex, kind=KIND
    )
    return from_now.order_by("-id").values_list("pk", flat=True).first()


def _training_ended(*, actor: Actor, training: TrainingJob, state: str) -> None:
    """However the training of an evaluation ends, the evaluation ends."""
    if training.purpose == EVALUATION:
        found = Evaluation.objects.select_related(
            "version__model__workspace",
            "dataset__asset",
            "champion",
            "training__run",
            "training__environment",
        )
        for evaluation in found.filter(training=training, ended_at=None):
            evaluation_end(actor=actor, evaluation=evaluation, state=state)


LISTENERS.append(_training_ended)
