"""Schedules and triggers of pipelines under /api/v1/."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.base import ApiView, Serializers
from portal.api.paging import PageQuery
from training.api import pipeline_serializers as shapes
from training.selectors.pipelines import (
    pipeline_get,
    pipeline_version,
    schedule_get,
    schedules_visible,
    trigger_get,
    triggers_visible,
)
from training.services.pipeline_starts import (
    SCHEDULE,
    SCHEDULE_PAUSE,
    TRIGGER,
    TRIGGER_PAUSE,
    UNSCHEDULE,
    UNTRIGGER,
    schedule_create,
    schedule_delete,
    schedule_pause,
    trigger_create,
    trigger_delete,
    trigger_pause,
)


class Schedules(ApiView):
    """The schedules of a pipeline; and making one."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.schedule.list", "POST": SCHEDULE}
    inputs: ClassVar[Serializers] = {"GET": PageQuery, "POST": shapes.ScheduleInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.ScheduleOutput, "POST": shapes.ScheduleOutput}
    is_paged = True

    def get(self, request: Request, pipeline_id: UUID) -> Response:
        given, pipeline = self.given, pipeline_get(self.actor, pipeline_id)
        return self.page(schedules_visible(self.actor).filter(pipeline=pipeline), given)

    def post(self, request: Request, pipeline_id: UUID) -> Response:
        given, pipeline = self.given, pipeline_get(self.actor, pipeline_id)
        version = pipeline_version(pipeline, given.pop("version", None))
        made = schedule_create(actor=self.actor, pipeline=pipeline, version=version, **given)
        return self.answer(made, status=201)


class ScheduleOne(ApiView):
    """One schedule: look, pause or let it go on, delete."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "training.schedule.read", "PATCH": SCHEDULE_PAUSE, "DELETE": UNSCHEDULE,
    }  # fmt: skip
    inputs: ClassVar[Serializers] = {"PATCH": shapes.PauseInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.ScheduleOutput, "PATCH": shapes.ScheduleOutput}

    def get(self, request: Request, schedule_id: UUID) -> Response:
        return self.answer(schedule_get(self.actor, schedule_id))

    def patch(self, request: Request, schedule_id: UUID) -> Response:
        is_paused, found = self.given["is_paused"], schedule_get(self.actor, schedule_id)
        return self.answer(schedule_pause(actor=self.actor, schedule=found, is_paused=is_paused))

    def delete(self, request: Request, schedule_id: UUID) -> Response:
        schedule_delete(actor=self.actor, schedule=schedule_get(self.actor, schedule_id))
        return Response(status=204)


class Triggers(ApiView):
    """The triggers of a pipeline; and making one."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.trigger.list", "POST": TRIGGER}
    inputs: ClassVar[Serializers] = {"GET": PageQuery, "POST": shapes.TriggerInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.TriggerOutput, "POST": shapes.TriggerOutput}
    is_paged = True

    def get(self, request: Request, pipeline_id: UUID) -> Response:
        given, pipeline = self.given, pipeline_get(self.actor, pipeline_id)
        return self.page(triggers_visible(self.actor).filter(pipeline=pipeline), given)

    def post(self, request: Request, pipeline_id: UUID) -> Response:
        given, pipeline = self.given, pipeline_get(self.actor, pipeline_id)
        version = pipeline_version(pipeline, given.pop("version", None))
        made = trigger_create(actor=self.actor, pipeline=pipeline, version=version, **given)
        return self.answer(made, status=201)


class TriggerOne(ApiView):
    """One trigger: look, pause or let it listen again, delete."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "training.trigger.read", "PATCH": TRIGGER_PAUSE, "DELETE": UNTRIGGER,
    }  # fmt: skip
    inputs: ClassVar[Serializers] = {"PATCH": shapes.PauseInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.TriggerOutput, "PATCH": shapes.TriggerOutput}

    def get(self, request: Request, trigger_id: UUID) -> Response:
        return self.answer(trigger_get(self.actor, trigger_id))

    def patch(self, request: Request, trigger_id: UUID) -> Response:
        is_paused, found = self.given["is_paused"], trigger_get(self.actor, trigger_id)
        return self.answer(trigger_pause(actor=self.actor, trigger=found, is_paused=is_paused))

    def delete(self, request: Request, trigger_id: UUID) -> Response:
        trigger_delete(actor=self.actor, trigger=trigger_get(self.actor, trigger_id))
        return Response(status=204)
