"""Moves a run of a pipeline on: what ended is settled, what can begin begins, all under the lock of the run.

Whoever looks again at the same rows plans the same, so it does not matter how often or by whom that is done.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.db import transaction
from django.db.models import QuerySet

from experiments.models.experiment import ACTIVE
from jobs.models import JobRun
from jobs.quotas import QuotaExceeded
from jobs.services.runs import job_cancel_within
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import DomainError
from portal.operations import Changed, operation
from training.models import PipelineRun, PipelineStep, TrainingJob
from training.models.jobs import TRAINING
from training.models.pipelines import CANCELLED, DONE, FAILED, REUSED, RUNNING, WAITING
from training.pipelines.caching import cache_key
from training.pipelines.filling import Unknown
from training.pipelines.planning import Facts, Plan, filled, plan
from training.selectors.pipelines import step_facts
from training.services.endings import LISTENERS
from training.services.jobs import training_begin
from training.services.pipelines import advance_ask
from training.spec.reading import spec_read
from training.work.inputs import inputs_resolve

ADVANCE = "training.pipeline.advance"
ADVANCE_ACTIONS = (ADVANCE, "jobs.job.cancel")
STARTS_AT_ONCE = 20
_REASON = 2000
Key: TypeAlias = tuple[str, int]


@dataclass(frozen=True)
class Look:
    """A run as it stands: its rows, what they say now, and what follows from it."""

    rows: Mapping[Key, PipelineStep]
    facts: list[Facts]
    ended: tuple[Key, ...] = ()
    plan: Plan = field(default_factory=Plan)
    cancels: tuple[JobRun, ...] = ()

    @property
    def is_at_rest(self) -> bool:
        return not (self.ended or self.cancels) and self.plan.is_empty


def look_at(run: PipelineRun) -> Look:
    """Read a run and plan; a run that is over is at rest."""
    steps = run.steps.select_related("training__job", "training__run").order_by("name", "item")
    rows = {(row.name, row.item): row for row in steps}
    facts = step_facts(rows.values())
    if not run.goes_on:
        return Look(rows, facts)
    ended = tuple(key for key, each in zip(rows, facts, strict=True) if each.state != rows[key].state)
    if run.is_cancelling:
        return Look(rows, facts, ended, _cancelling(facts), tuple(_uncancelled(rows.values())))
    return Look(rows, facts, ended, plan(run.version.document, run.parameters, facts))


@operation(ADVANCE, on="run")
def pipeline_advance(*, actor: Actor, run: PipelineRun, requester: Actor) -> Changed[int]:
    """Settle, end, spread and begin what is due; how many steps could not begin as too many jobs wait already.

    New trainings run in the name of `requester`.
    """
    look = look_at(run)
    before = _told(run, look)
    for key in look.ended:
        _settle(look, key)
    for each, state, reason in look.plan.endings:
        _end(look.rows[each.name, each.item], state, reason)
    for name, items in look.plan.spreads.items():
        _spread(look.rows[name, -1], items)
    held = _begin_all(run, requester, look)
    for job in look.cancels:
        job_cancel_within(actor=actor, run=job, reason="its pipeline was cancelled")
    if look.plan.end:
        run.state, run.ended_at = look.plan.end, now()
        run.reason = run.reason or _reason(look)
        run.save(update_fields=["state", "ended_at", "reason"])
    return Changed(held, before=before, after=_told(run, look))


def _cancelling(facts: list[Facts]) -> Plan:
    """Nothing begins any more, and when nothing runs it is over."""
    waiting = tuple((each, CANCELLED, "The run was cancelled.") for each in facts if each.state == WAITING)
    runs = any(each.state == RUNNING for each in facts)
    return Plan(endings=waiting, end="" if runs else CANCELLED)


def _settle(look: Look, key: Key) -> None:
    row = look.rows[key]
    state = next(each.state for each in look.facts if (each.name, each.item) == key)
    reason = row.training.job.reason if row.training is not None and state != DONE else ""
    _end(row, state, reason)


def _end(row: PipelineStep, state: str, reason: str) -> None:
    row.state, row.reason, row.ended_at = state, reason[:_REASON], now()
    row.save(update_fields=["state", "reason", "ended_at"])


def _spread(row: PipelineStep, items: list[Any]) -> None:
    """The row of the step becomes that of its first item."""
    row.item, row.value = 0, items[0]
    row.save(update_fields=["item", "value"])
    others = enumerate(items[1:], start=1)
    PipelineStep.objects.bulk_create(
        PipelineStep(run_id=row.run_id, name=row.name, item=number, value=value) for number, value in others
    )


def _begin_all(run: PipelineRun, requester: Actor, look: Look) -> int:
    """Begin what may, some at a time; what finds no room in the queue waits."""
    held = 0
    for each in look.plan.starts[:STARTS_AT_ONCE]:
        row = look.rows[each.name, each.item]
        try:
            with transaction.atomic():
                _begin(run, row, requester, look)
        except QuotaExceeded:
            held += 1
        except DomainError as no:
            row.refresh_from_db()
            _end(row, FAILED, no.detail)
    return held


def _begin(run: PipelineRun, row: PipelineStep, requester: Actor, look: Look) -> None:
    spec = spec_read(_spec(run, row, look))
    spec["inputs"] = inputs_resolve(requester, run.workspace, spec["inputs"])
    step = run.version.document["steps"][row.name]
    row.cache_key = cache_key(run.workspace_id, spec) if step.get("cache", True) else ""
    earlier = _earlier(run, row.cache_key) if run.is_cached and row.cache_key else None
    if earlier is not None:
        row.training, row.state, row.ended_at = earlier, REUSED, now()
    else:
        row.tries += 1
        row.training = training_begin(
            actor=requester, workspace=run.workspace, spec=spec, key=f"pipeline {row.pk} {row.tries}",
            cloned_from=row.training,
        )  # fmt: skip
        row.state, row.ended_at = RUNNING, None
    row.reason = ""
    row.save(update_fields=["training", "state", "cache_key", "tries", "reason", "ended_at"])


def _spec(run: PipelineRun, row: PipelineStep, look: Look) -> dict[str, Any]:
    """The job of a step with its values put in. Raises Unknown."""
    document = run.version.document
    step, pipeline = document["steps"][row.name], run.version.pipeline
    job: dict[str, Any] = filled(step["job"], run.parameters, look.facts, row.value)
    inputs = {name: _input(document, each, look) for name, each in step.get("inputs", {}).items()}
    tags = {
        "portal.pipeline": pipeline.name, "portal.pipeline.run": str(run.pk), "portal.pipeline.step": str(row),
    }  # fmt: skip
    return {
        **job, "experiment": document["experiment"], "name": f"{pipeline.name} {row}",
        "inputs": {**job.get("inputs", {}), **inputs}, "tags": {**job.get("tags", {}), **tags},
        "limits": {**job.get("limits", {}), "retries": step.get("retries", 0)},
    }  # fmt: skip


def _input(document: Mapping[str, Any], given: Mapping[str, Any], look: Look) -> dict[str, Any]:
    """What an earlier step left: a version of a dataset where it made one, else its folders."""
    good = {(each.name, each.item) for each in look.facts if each.state in (DONE, REUSED)}
    trainings = [
        row.training
        for key, row in look.rows.items()
        if key[0] == given["step"] and key in good and row.training is not None
    ]
    if not trainings:
        raise Unknown(f"the step {given['step']} left no output {given['output']}")
    kept = trainings[0].seen.get("outputs", {}).get(given["output"], {})
    if len(trainings) == 1 and "dataset" in kept:
        return {"dataset": kept["dataset"], "version": kept["version"]}
    return {"trainings": [str(each.pk) for each in trainings], "output": given["output"]}


def _earlier(run: PipelineRun, key: str) -> TrainingJob | None:
    """The training that did the same, where its results are still there."""
    same = PipelineStep.objects.filter(cache_key=key, state=DONE, run__workspace=run.workspace_id)
    same = same.filter(training__run__lifecycle_stage=ACTIVE, training__purpose=TRAINING)
    found = same.select_related("training__job", "training__run").order_by("-id").first()
    return found.training if found is not None else None


def _uncancelled(rows: Iterable[PipelineStep]) -> Iterator[JobRun]:
    for row in rows:
        job = row.training.job if row.state == RUNNING and row.training is not None else None
        if job is not None and job.cancel_requested_at is None and not job.is_terminal:
            yield job


def _reason(look: Look) -> str:
    failed = sorted({each.name for each in look.facts if each.state == FAILED})
    failed += [f"{each.name}" for each, state, _ in look.plan.endings if state == FAILED]
    return f"Failed: {', '.join(failed)}."[:_REASON] if failed else ""


def _told(run: PipelineRun, look: Look) -> dict[str, Any]:
    return {"state": run.state, "steps": {str(row): row.state for row in look.rows.values()}}


def _training_ended(*, actor: Actor, training: TrainingJob, state: str) -> None:
    """However the training of a step ends, its run is looked at."""
    waiting = PipelineStep.objects.filter(training=training, state=RUNNING).select_related("run")
    for row in waiting:
        advance_ask(actor, row.run, str(row.pk))


def runs_going_on() -> QuerySet[PipelineRun]:
    """The runs that are not over."""
    return PipelineRun.objects.filter(state=RUNNING)


LISTENERS.append(_training_ended)
