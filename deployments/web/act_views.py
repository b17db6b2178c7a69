"""What people do with an endpoint from its page: going back, steering a roll-out, the kill switch, deleting."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from deployments.selectors.endpoints import endpoint_get, revision_before, rollout_now
from deployments.services.endpoints import endpoint_delete, endpoint_drill, endpoint_start, endpoint_stop
from deployments.services.revisions import revision_rollback
from deployments.services.rollouts import rollout_abort, rollout_pause, rollout_promote, rollout_resume
from portal.answers import PageRequest, act
from portal.routing import page


@page("deployments.revision.rollback")
@require_POST
def rollback(request: PageRequest, name: str) -> HttpResponse:
    """All traffic to an earlier revision: the one that is named, else the last one that may serve again."""
    found = endpoint_get(request.actor, name)
    number, reason = request.POST.get("revision", ""), request.POST.get("reason", "").strip()

    def change() -> None:
        target = revision_before(found, int(number) if number.isdecimal() and len(number) < 9 else None)
        revision_rollback(
            actor=request.actor, model=target.version.model, endpoint=found, revision=target,
            reason=reason or "Rolled back from the page.",
        )  # fmt: skip

    return act(request, change, said="Traffic goes back.", then=reverse("endpoint", args=[name]))


def _rollout_act(request: PageRequest, name: str, change: Callable[..., Any], said: str) -> HttpResponse:
    found, reason = endpoint_get(request.actor, name), request.POST.get("reason", "").strip()
    return act(
        request,
        lambda: change(
            actor=request.actor, endpoint=found, rollout=rollout_now(found), reason=reason or "From the page."
        ),
        said=said, then=reverse("endpoint", args=[name]),
    )  # fmt: skip


@page("deployments.rollout.pause")
@require_POST
def rollout_halt(request: PageRequest, name: str) -> HttpResponse:
    """Keep the split that there is."""
    return _rollout_act(
        request, name, rollout_pause, "Paused: the split stays as it is, and the guards hold."
    )


@page("deployments.rollout.resume")
@require_POST
def rollout_go_on(request: PageRequest, name: str) -> HttpResponse:
    """Go on."""
    return _rollout_act(request, name, rollout_resume, "It goes on with the step that it was at.")


@page("deployments.rollout.abort")
@require_POST
def rollout_end(request: PageRequest, name: str) -> HttpResponse:
    """Give the traffic back."""
    return _rollout_act(request, name, rollout_abort, "Aborted: the traffic is where it was before.")


@page("deployments.rollout.promote")
@require_POST
def rollout_finish(request: PageRequest, name: str) -> HttpResponse:
    """All traffic now."""
    return _rollout_act(request, name, rollout_promote, "It has all traffic now.")


@page("deployments.endpoint.stop")
@require_POST
def stop(request: PageRequest, name: str) -> HttpResponse:
    """The kill switch."""
    found, reason = endpoint_get(request.actor, name), request.POST.get("reason", "").strip()
    return act(
        request, lambda: endpoint_stop(actor=request.actor, endpoint=found, reason=reason or "Stopped from the page."),
        said="Stopped: no request is answered from now on.", then=reverse("endpoint", args=[name]),
    )  # fmt: skip


@page("deployments.endpoint.start")
@require_POST
def start(request: PageRequest, name: str) -> HttpResponse:
    """Answer again."""
    found = endpoint_get(request.actor, name)
    return act(
        request, lambda: endpoint_start(actor=request.actor, endpoint=found),
        said="It answers again, with the split that it had.", then=reverse("endpoint", args=[name]),
    )  # fmt: skip


@page("deployments.endpoint.drill")
@require_POST
def drill(request: PageRequest, name: str) -> HttpResponse:
    """Try the kill switch."""
    found = endpoint_get(request.actor, name)
    return act(
        request, lambda: endpoint_drill(actor=request.actor, endpoint=found),
        said="The switch is thrown, and put back when every gateway has refused.",
        then=reverse("endpoint", args=[name]),
    )  # fmt: skip


@page("deployments.endpoint.delete")
@require_POST
def delete(request: PageRequest, name: str) -> HttpResponse:
    """Delete an endpoint; what served is kept."""
    found = endpoint_get(request.actor, name)
    return act(
        request, lambda: endpoint_delete(actor=request.actor, endpoint=found), said=f"The endpoint {name} was deleted.",
        then=reverse("endpoints"),
    )  # fmt: skip
