"""Schedules and triggers on the page of their pipeline."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.answers import PageRequest, act
from portal.routing import page
from training.models import PipelineSchedule, PipelineTrigger
from training.selectors.pipelines import pipeline_get, schedule_get, trigger_get
from training.services import pipeline_starts as starts
from training.web.pipeline_views import parameters_said, version_said


@page(starts.SCHEDULE)
@require_POST
def schedule_new(request: PageRequest, pipeline_id: UUID) -> HttpResponse:
    """Start the pipeline at times."""
    found, given = pipeline_get(request.actor, pipeline_id), request.POST
    version = version_said(found, given)
    return act(
        request,
        lambda: starts.schedule_create(
            actor=request.actor, pipeline=found, version=version, cron=given.get("cron", "")[:120],
            time_zone=given.get("time_zone", "").strip()[:60] or "UTC",
            parameters=parameters_said(given, version.document),
            missed="once" if "makes_up" in given else "skip", overlaps="overlaps" in given,
        ),
        said="The schedule is set.", then=reverse("pipeline", args=[pipeline_id]),
    )  # fmt: skip


@page(starts.TRIGGER)
@require_POST
def trigger_new(request: PageRequest, pipeline_id: UUID) -> HttpResponse:
    """Start the pipeline when something happens."""
    found, given = pipeline_get(request.actor, pipeline_id), request.POST
    version = version_said(found, given)
    return act(
        request,
        lambda: starts.trigger_create(
            actor=request.actor, pipeline=found, version=version, kind=given.get("kind", ""),
            subject=given.get("subject", "").strip(), parameters=parameters_said(given, version.document),
        ),
        said="The trigger listens.", then=reverse("pipeline", args=[pipeline_id]),
    )  # fmt: skip


@page(starts.SCHEDULE_PAUSE)
@require_POST
def schedule_change(request: PageRequest, schedule_id: UUID) -> HttpResponse:
    """Pause, let go on, or delete a schedule."""
    found = schedule_get(request.actor, schedule_id)

    def pause(is_paused: bool) -> Any:
        return starts.schedule_pause(actor=request.actor, schedule=found, is_paused=is_paused)

    return _changed(
        request, found, pause, lambda: starts.schedule_delete(actor=request.actor, schedule=found)
    )


@page(starts.TRIGGER_PAUSE)
@require_POST
def trigger_change(request: PageRequest, trigger_id: UUID) -> HttpResponse:
    """Pause, let go on, or delete a trigger."""
    found = trigger_get(request.actor, trigger_id)

    def pause(is_paused: bool) -> Any:
        return starts.trigger_pause(actor=request.actor, trigger=found, is_paused=is_paused)

    return _changed(request, found, pause, lambda: starts.trigger_delete(actor=request.actor, trigger=found))


def _changed(
    request: PageRequest, found: PipelineSchedule | PipelineTrigger, pause: Callable[[bool], Any],
    delete: Callable[[], Any],
) -> HttpResponse:  # fmt: skip
    asked = request.POST.get("go", "")
    said = {"pause": "It is paused.", "delete": "It is deleted."}.get(asked, "It goes on from now.")
    change = delete if asked == "delete" else lambda: pause(asked == "pause")
    return act(request, change, said=said, then=reverse("pipeline", args=[found.pipeline_id]))
