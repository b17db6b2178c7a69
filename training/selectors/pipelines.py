"""Reads of pipelines, their runs, and what starts them."""

from collections.abc import Iterable
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, OuterRef, Prefetch, QuerySet, Subquery

from experiments.models import LatestMetric
from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound
from training.models import (
    Pipeline,
    PipelineRun,
    PipelineSchedule,
    PipelineStep,
    PipelineTrigger,
    PipelineVersion,
    TrainingJob,
)
from training.models.pipelines import RUNNING
from training.pipelines.planning import Facts

Row = TypeVar("Row", bound=Model)
_STATES = {"done": "done", "failed": "failed", "cancelled": "cancelled"}


def pipelines_visible(actor: Actor) -> QuerySet[Pipeline]:
    """The pipelines that the actor may see, newest first, each with its newest version and last run."""
    last = PipelineRun.objects.filter(version__pipeline=OuterRef("pk")).order_by("-id")
    newest = PipelineVersion.objects.filter(pipeline=OuterRef("pk")).order_by("-number")
    found = Pipeline.objects.select_related("workspace", "created_by").order_by("-id")
    found = found.annotate(
        last_state=Subquery(last.values("state")[:1]), last_at=Subquery(last.values("created_at")[:1]),
        last_run=Subquery(last.values("pk")[:1]), newest_number=Subquery(newest.values("number")[:1]),
    )  # fmt: skip
    return _seen(found, actor)


def pipeline_get(actor: Actor, pipeline_id: UUID) -> Pipeline:
    """One pipeline. Raises NotFound when there is none, or the actor may not see it."""
    return _one(pipelines_visible(actor).filter(pk=pipeline_id), "pipeline")


def pipeline_version(pipeline: Pipeline, number: int | None = None) -> PipelineVersion:
    """A version by its number, or the newest. Raises NotFound."""
    found = PipelineVersion.objects.filter(pipeline=pipeline).select_related("created_by").order_by("-number")
    return _one(found if number is None else found.filter(number=number), "version of the pipeline")


def runs_visible(actor: Actor) -> QuerySet[PipelineRun]:
    """Runs of pipelines, newest first."""
    found = PipelineRun.objects.select_related("workspace", "version__pipeline", "requested_by").order_by(
        "-id"
    )
    return _seen(found, actor)


def pipeline_run_get(actor: Actor, run_id: UUID) -> PipelineRun:
    """One run with its steps. Raises NotFound."""
    steps = PipelineStep.objects.select_related("training__job", "training__run").order_by("name", "item")
    return _one(
        runs_visible(actor).filter(pk=run_id).prefetch_related(Prefetch("steps", steps)), "run of a pipeline"
    )


def schedules_visible(actor: Actor) -> QuerySet[PipelineSchedule]:
    """Schedules, newest first."""
    return _seen(
        PipelineSchedule.objects.select_related("workspace", "pipeline", "version", "created_by").order_by(
            "-id"
        ),
        actor,
    )


def triggers_visible(actor: Actor) -> QuerySet[PipelineTrigger]:
    """Triggers, newest first."""
    return _seen(
        PipelineTrigger.objects.select_related("workspace", "pipeline", "version", "created_by").order_by(
            "-id"
        ),
        actor,
    )


def schedule_get(actor: Actor, schedule_id: UUID) -> PipelineSchedule:
    """One schedule. Raises NotFound."""
    return _one(schedules_visible(actor).filter(pk=schedule_id), "schedule")


def trigger_get(actor: Actor, trigger_id: UUID) -> PipelineTrigger:
    """One trigger. Raises NotFound."""
    return _one(triggers_visible(actor).filter(pk=trigger_id), "trigger")


def step_facts(steps: Iterable[PipelineStep]) -> list[Facts]:
    """Steps as the planner sees them: one whose training has ended is over, whatever its row still says."""
    rows = list(steps)
    metrics = _metrics(row.training.run_id for row in rows if row.training is not None)
    return [
        Facts(row.name, row.item, state_now(row), row.value, _values(row.training, metrics)) for row in rows
    ]


def state_now(row: PipelineStep) -> str:
    """The state of a step, as far as its training has come."""
    if row.state == RUNNING and row.training is not None:
        return _STATES.get(row.training.job.state, RUNNING)
    return row.state


def _values(training: TrainingJob | None, metrics: dict[Any, dict[str, float]]) -> dict[str, Any]:
    if training is None:
        return {}
    return {**metrics.get(training.run_id, {}), **training.seen.get("values", {})}


def _metrics(runs: Iterable[Any]) -> dict[Any, dict[str, float]]:
    """The last values of all metrics, by run; JSON has no NaN, so those are left out."""
    found: dict[Any, dict[str, float]] = {}
    wanted = [run for run in runs if run is not None]
    rows = LatestMetric.objects.filter(run_id__in=wanted, is_nan=False) if wanted else ()
    for row in rows:
        found.setdefault(row.run_id, {})[row.key] = row.value
    return found


def _seen(found: QuerySet[Row], actor: Actor) -> QuerySet[Row]:
    return found if actor.workspace_ids is None else found.filter(workspace_id__in=actor.workspace_ids)


def _one(found: QuerySet[Row], what: str) -> Row:
    one = found.first()
    if one is None:
        raise NotFound(f"No such {what}, or you may not see it.")
    return one
