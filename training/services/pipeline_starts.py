"""What starts pipelines by itself: schedules, and triggers that listen for what happens."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from experiments.models import DatasetVersion
from experiments.services import dataset_versions
from jobs.queue import enqueue
from jobs.registry import SYSTEM_QUEUE
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import DomainError, InvalidInput, PermissionDenied
from portal.operations import Changed, operation
from registry import telling
from registry.models import RegisteredModel
from training.models import (
    Pipeline,
    PipelineRun,
    PipelineSchedule,
    PipelineStep,
    PipelineTrigger,
    PipelineVersion,
)
from training.models.pipelines import ALERT, ALIAS, DATASET, ONCE, RUNNING, SKIP
from training.pipelines.filling import Parts, Unknown, addresses_in, fill
from training.pipelines.schedules import cron_next
from training.services.jobs import person_of
from training.services.pipelines import parameters_plain, parameters_read, pipeline_begin_within

SCHEDULE, UNSCHEDULE, SCHEDULE_PAUSE = (
    "training.schedule.create", "training.schedule.delete", "training.schedule.pause",
)  # fmt: skip
TRIGGER, UNTRIGGER, TRIGGER_PAUSE = (
    "training.trigger.create", "training.trigger.delete", "training.trigger.pause",
)  # fmt: skip
FIRE_SCHEDULE, FIRE_TRIGGER = "training.schedule.fire", "training.trigger.fire"
TRIGGER_JOB = "training.pipeline.trigger"
LATE_AFTER = dt.timedelta(minutes=5)
TRIGGER_KINDS = (DATASET, ALIAS, ALERT)
FACTS = ("dataset", "version", "digest", "model", "alias", "alert", "endpoint")
_NOTE = 1000


@operation(SCHEDULE, on="pipeline", lock="share")
def schedule_create(
    *, actor: Actor, pipeline: Pipeline, version: PipelineVersion, cron: str, time_zone: str = "UTC",
    parameters: Mapping[str, Any] | None = None, missed: Literal["skip", "once"] = "skip", overlaps: bool = False,
) -> PipelineSchedule:  # fmt: skip
    """Run a version of a pipeline at the times of a cron expression, in the name of the caller.

    Raises InvalidInput (`invalid_schedule`, `invalid_parameters`).
    """
    if missed not in (SKIP, ONCE):
        raise InvalidInput("missed: skip or once.", code="invalid_schedule")
    _parameters_check(version, parameters or {})
    return PipelineSchedule.objects.create(
        workspace=pipeline.workspace, pipeline=pipeline, version=version, cron=" ".join(cron.split()),
        time_zone=time_zone, parameters=dict(parameters or {}), missed=missed, overlaps=overlaps,
        next_at=cron_next(cron, time_zone, now()),
        created_by=person_of(actor), created_at=now(),
    )  # fmt: skip


@operation(SCHEDULE_PAUSE, on="schedule")
def schedule_pause(*, actor: Actor, schedule: PipelineSchedule, is_paused: bool) -> PipelineSchedule:
    """Pause a schedule, or let it go on from now: times that passed meanwhile are not made up for.

    Raises PermissionDenied for who lets it go on in the name of somebody else.
    """
    _own_check(actor, schedule, is_paused)
    schedule.is_paused = is_paused
    schedule.next_at = cron_next(schedule.cron, schedule.time_zone, now())
    schedule.save(update_fields=["is_paused", "next_at"])
    return schedule


@operation(UNSCHEDULE, on="schedule")
def schedule_delete(*, actor: Actor, schedule: PipelineSchedule) -> Changed[None]:
    """Start the pipeline no more by this schedule."""
    before = {"cron": schedule.cron, "time_zone": schedule.time_zone, "pipeline": schedule.pipeline.name}
    PipelineSchedule.objects.filter(pk=schedule.pk).delete()
    return Changed(None, before=before, after={})


@operation(TRIGGER, on="pipeline", lock="share")
def trigger_create(
    *, actor: Actor, pipeline: Pipeline, version: PipelineVersion, kind: str, subject: str,
    parameters: Mapping[str, Any] | None = None,
) -> PipelineTrigger:  # fmt: skip
    """Run a version of a pipeline when something happens, in the name of the caller.

    `subject` is the name of a dataset, `model@alias`, or the name of an alert; it need not be there yet. Raises
    InvalidInput (`invalid_trigger`, `invalid_parameters`).
    """
    model, _, alias = subject.rpartition("@")
    if kind not in TRIGGER_KINDS or not 0 < len(subject) <= 500 or "\x00" in subject:
        raise InvalidInput(
            f"kind: one of {', '.join(TRIGGER_KINDS)}, with a subject.", code="invalid_trigger"
        )
    if kind == ALIAS and not (model and alias):
        raise InvalidInput("subject: a model and its alias, as churn@champion.", code="invalid_trigger")
    _parameters_check(version, parameters or {})
    for value in (parameters or {}).values():
        _filled(value, dict.fromkeys(FACTS, ""))
    return PipelineTrigger.objects.create(
        workspace=pipeline.workspace, pipeline=pipeline, version=version, kind=kind, subject=subject,
        parameters=dict(parameters or {}), created_by=person_of(actor), created_at=now(),
    )  # fmt: skip


@operation(TRIGGER_PAUSE, on="trigger")
def trigger_pause(*, actor: Actor, trigger: PipelineTrigger, is_paused: bool) -> PipelineTrigger:
    """Pause a trigger, or let it listen again, as with a schedule."""
    _own_check(actor, trigger, is_paused)
    trigger.is_paused = is_paused
    trigger.save(update_fields=["is_paused"])
    return trigger


@operation(UNTRIGGER, on="trigger")
def trigger_delete(*, actor: Actor, trigger: PipelineTrigger) -> Changed[None]:
    """Start the pipeline no more by this trigger."""
    before = {"kind": trigger.kind, "subject": trigger.subject, "pipeline": trigger.pipeline.name}
    PipelineTrigger.objects.filter(pk=trigger.pk).delete()
    return Changed(None, before=before, after={})


@operation(FIRE_SCHEDULE, on="schedule")
def schedule_fire(*, actor: Actor, schedule: PipelineSchedule, requester: Actor) -> PipelineSchedule:
    """Start the pipeline if its time has come, and say when it comes next. Each time counts once."""
    at, due = now(), schedule.next_at
    if schedule.is_paused or due > at:
        return schedule
    schedule.next_at = cron_next(schedule.cron, schedule.time_zone, at)
    mark = f"schedule {schedule.pk} "
    key = f"{mark}{due.isoformat()}"
    goes_on = PipelineRun.objects.filter(state=RUNNING, cause_key__startswith=mark)
    if PipelineRun.objects.filter(cause_key=key).exists():  # a clock that was put back
        schedule.note = f"{due.isoformat()} had come before, and counts once."
    elif at - due > LATE_AFTER and schedule.missed == SKIP:
        schedule.note = f"Nobody looked at {due.isoformat()}; that time was left out."
    elif not schedule.overlaps and goes_on.exists():
        schedule.note = f"At {due.isoformat()} the run before still went on; that time was left out."
    else:
        cause = f"Schedule {schedule} at {due.isoformat()}."
        schedule.note = _started(requester, schedule, {}, cause, key)
    schedule.save(update_fields=["next_at", "note", "is_paused"])
    return schedule


@operation(FIRE_TRIGGER, on="trigger")
def trigger_fire(
    *, actor: Actor, trigger: PipelineTrigger, event: str, facts: Mapping[str, Any], requester: Actor
) -> PipelineTrigger:
    """Start the pipeline for an event, once however often it is told."""
    key = f"trigger {trigger.pk} {event}"
    if trigger.is_paused or PipelineRun.objects.filter(cause_key=key).exists():
        return trigger
    said = ", ".join(f"{name} {facts[name]}" for name in FACTS if name in facts and name != "digest") or event
    trigger.note = _started(requester, trigger, facts, f"Trigger {trigger}: {said}."[:600], key)
    trigger.save(update_fields=["note", "is_paused"])
    return trigger


def schedules_due() -> QuerySet[PipelineSchedule]:
    """The schedules whose time has come."""
    return PipelineSchedule.objects.filter(is_paused=False, next_at__lte=now())


def triggers_tell(
    actor: Actor, *, workspace_id: int, kind: str, subject: str, event: str, facts: Mapping[str, Any],
    made_by: UUID | None = None,
) -> None:  # fmt: skip
    """Tell the triggers what happened, in the transaction in which it does; they start by jobs of their own.

    `event` names what happened once and for all, `facts` are plain values of FACTS that parameters may ask for. The
    pipeline that it was `made_by` is not told, so that none starts itself.
    """
    listening = PipelineTrigger.objects.filter(
        workspace=workspace_id, kind=kind, subject=subject, is_paused=False
    )
    for trigger in listening.exclude(pipeline=made_by) if made_by else listening:
        args = {"trigger_id": str(trigger.pk), "event": event, "facts": dict(facts)}
        enqueue(
            TRIGGER_JOB, key=f"{trigger.pk} {event}", args=args, actor=actor, workspace_id=workspace_id,
            queue=SYSTEM_QUEUE,
        )  # fmt: skip


def _started(
    requester: Actor,
    start: PipelineSchedule | PipelineTrigger,
    facts: Mapping[str, Any],
    cause: str,
    key: str,
) -> str:
    """Start it, and say what came of it. What its maker may not do any more pauses it."""
    try:
        given = {name: _filled(value, facts) for name, value in start.parameters.items()}
        with transaction.atomic():
            run = pipeline_begin_within(
                actor=requester, pipeline=start.pipeline, version=start.version, parameters=given, cause=cause,
                cause_key=key,
            )  # fmt: skip
    except DomainError as no:
        start.is_paused = True
        return f"Paused, as it could not start: {no.detail}"[:_NOTE]
    return f"Started {run.pk}."


def _own_check(actor: Actor, start: PipelineSchedule | PipelineTrigger, is_paused: bool) -> None:
    """Anybody who may start the pipeline stops what starts it; who answers for it lets it go on."""
    if not is_paused and actor.user_id != start.created_by_id:
        raise PermissionDenied(
            f"{start} acts in the name of {start.created_by}, who alone lets it go on. Make one of your own."
        )


def _parameters_check(version: PipelineVersion, given: Mapping[str, Any]) -> None:
    """What an event will say is taken as what the pipeline has by itself."""
    parameters_plain(given)
    document = version.document
    told = {name for name, value in given.items() if any(addresses_in(value))}
    parameters_read(
        document,
        {
            name: document["parameters"].get(name, value) if name in told else value
            for name, value in given.items()
        },
    )


def _filled(value: Any, facts: Mapping[str, Any]) -> Any:
    """A parameter with the facts of an event put in. Raises InvalidInput."""

    def look_up(parts: Parts) -> Any:
        if parts[0] != "event" or parts[1] not in facts:
            raise Unknown(f"{'.'.join(parts)} is nothing that an event tells")
        return facts[parts[1]]

    try:
        return fill(value, look_up)
    except Unknown as error:
        raise InvalidInput(f"parameters: {error}.", code="invalid_parameters") from error


def _dataset_made(*, actor: Actor, version: DatasetVersion) -> None:
    """A new version of a dataset starts what listens, but not the pipeline that made it."""
    own = PipelineStep.objects.filter(training=version.made_by_training).select_related("run__version")
    step = own.first() if version.made_by_training else None
    facts = {"dataset": version.asset.name, "version": version.number, "digest": version.digest}
    triggers_tell(
        actor, workspace_id=version.workspace_id, kind=DATASET, subject=version.asset.name,
        event=f"version {version.pk}", facts=facts, made_by=step.run.version.pipeline_id if step is not None else None,
    )  # fmt: skip


def _alias_moved(*, actor: Actor, model: RegisteredModel, alias: str, version: int | None) -> None:
    if version is None:
        return
    triggers_tell(
        actor, workspace_id=model.workspace_id, kind=ALIAS, subject=f"{model.name}@{alias}",
        event=f"alias {model.pk} {alias} {version} {now().isoformat()}",
        facts={"model": model.name, "alias": alias, "version": version},
    )  # fmt: skip


dataset_versions.LISTENERS.append(_dataset_made)
telling.ALIAS_LISTENERS.append(_alias_moved)
