"""Jobs of pipelines: moving runs on, and starting them by schedules and triggers."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from jobs.errors import NothingToDo, Transient
from jobs.periodic import periodic
from jobs.registry import SYSTEM_QUEUE, job
from jobs.step import JobStep
from portal.accounts.actor import Actor
from portal.accounts.models import User
from training.models import PipelineRun, PipelineTrigger
from training.services.pipeline_moves import ADVANCE_ACTIONS, look_at, pipeline_advance, runs_going_on
from training.services.pipeline_starts import (
    FIRE_SCHEDULE,
    FIRE_TRIGGER,
    TRIGGER_JOB,
    schedule_fire,
    schedules_due,
    trigger_fire,
)
from training.services.pipelines import ADVANCE_JOB

LOOK_JOB, TICK_JOB = "training.pipeline.look", "training.pipeline.tick"
LOOK_EVERY, TICK_EVERY = dt.timedelta(seconds=30), dt.timedelta(seconds=5)
MOST_MOVES = 500
_STARTED = ("workspace", "pipeline__workspace", "version__pipeline__workspace", "created_by")


@job(
    ADVANCE_JOB, actions=ADVANCE_ACTIONS, max_attempts=8, queue=SYSTEM_QUEUE, restartable=True,
    retry_after=dt.timedelta(seconds=1),
)  # fmt: skip
def advance_pipeline(step: JobStep, *, run_id: str) -> None:
    """Move a run on until it waits for its trainings again."""
    if not PipelineRun.objects.filter(pk=UUID(run_id)).exists():
        raise NothingToDo(f"The run {run_id} is not there any more.")
    _advance(step, UUID(run_id))


@job(LOOK_JOB, actions=ADVANCE_ACTIONS, max_attempts=1, queue=SYSTEM_QUEUE, restartable=True)
def look_at_pipelines(step: JobStep) -> None:
    """See to what no ending tells of: room in the queue again, and whatever else was left standing."""
    for run_id in runs_going_on().values_list("pk", flat=True).order_by("pk"):
        _advance(step, run_id)


@job(TICK_JOB, actions=[FIRE_SCHEDULE], max_attempts=1, queue=SYSTEM_QUEUE, restartable=True)
def start_scheduled(step: JobStep) -> None:
    """Start what is due."""
    due = schedules_due().select_related(*_STARTED)
    for schedule in due.order_by("next_at"):
        step.check()
        schedule_fire(actor=step.actor, schedule=schedule, requester=_person(step, schedule.created_by))


@job(TRIGGER_JOB, actions=[FIRE_TRIGGER], max_attempts=8, queue=SYSTEM_QUEUE, restartable=True)
def start_triggered(step: JobStep, *, trigger_id: str, event: str, facts: Mapping[str, Any]) -> None:
    """Start the pipeline of a trigger for one event."""
    found = PipelineTrigger.objects.select_related(*_STARTED)
    trigger = found.filter(pk=UUID(trigger_id)).first()
    if trigger is None:
        raise NothingToDo(f"The trigger {trigger_id} is not there any more.")
    requester = _person(step, trigger.created_by)
    trigger_fire(actor=step.actor, trigger=trigger, event=event, facts=facts, requester=requester)


def _advance(step: JobStep, run_id: UUID) -> None:
    """Raises Transient when others are always faster."""
    for _ in range(MOST_MOVES):
        step.check()
        run = PipelineRun.objects.select_related("version__pipeline", "workspace", "requested_by").get(
            pk=run_id
        )
        if look_at(run).is_at_rest:
            return
        if pipeline_advance(actor=step.actor, run=run, requester=_person(step, run.requested_by)):
            return  # the workspace may have no more jobs wait; the next look tries again
    raise Transient(f"The run {run_id} moved {MOST_MOVES} times without coming to rest.")


def _person(step: JobStep, user: User) -> Actor:
    return Actor.of_user(user, request_id=step.run.request_id)


periodic(LOOK_JOB, every=LOOK_EVERY, wanted=lambda: runs_going_on().exists())
periodic(TICK_JOB, every=TICK_EVERY, wanted=lambda: schedules_due().exists())
