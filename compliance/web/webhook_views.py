"""Webhooks of the workspaces that the reader maintains, and what became of each delivery."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from compliance.deliveries.trials import webhook_try
from compliance.selectors.webhooks import delivery_get, delivery_list, webhook_get, webhooks_visible
from compliance.services.deliveries import delivery_replay
from compliance.services.webhooks import (
    STYLES,
    WebhookWish,
    shown_url,
    webhook_create,
    webhook_delete,
    webhook_update,
)
from compliance.topics import MLFLOW_TOPICS, PORTAL_TOPICS
from compliance.web.forms import WebhookForm
from compliance.web.input import cleaned
from portal import access
from portal.accounts.selectors import workspace_get, workspaces_visible
from portal.answers import PageRequest, act, act_and_go
from portal.kernel.errors import Conflict
from portal.routing import page

READ, LIST, CREATE = "compliance.webhook.read", "compliance.webhook.list", "compliance.webhook.create"
DELIVERIES = 50


@page(LIST)
@require_GET
def webhooks(request: PageRequest) -> HttpResponse:
    """The webhooks, and the form for another."""
    rows = [
        (each, shown_url(each))
        for each in webhooks_visible(request.actor).order_by("workspace__name", "name")
    ]
    places = [
        each.name for each in workspaces_visible(request.actor) if access.allows(request.actor, CREATE, each)
    ]
    context = {
        "rows": rows, "places": places, "styles": STYLES, "nouns": _nouns(), "events": sorted(MLFLOW_TOPICS),
    }  # fmt: skip
    return render(request, "compliance/webhooks.html", context)


@page(CREATE)
@require_POST
def webhook_new(request: PageRequest) -> HttpResponse:
    """Make one."""
    said = cleaned(WebhookForm(request.POST))

    def make() -> str:
        workspace = workspace_get(request.actor, said["workspace"])
        made = webhook_create(actor=request.actor, workspace=workspace, wish=_wish(said, request))
        return reverse("webhook", args=[made.pk])

    return act_and_go(request, make, said="The webhook is made. Test it now.", otherwise=reverse("webhooks"))


@page(READ)
@require_GET
def webhook(request: PageRequest, key: UUID) -> HttpResponse:
    """One webhook with its newest deliveries."""
    found = webhook_get(request.actor, key)
    may = access.allows(request.actor, "compliance.webhook.update", found)
    context = {
        "hook": found, "address": found.url if may else shown_url(found), "may": may,
        "deliveries": delivery_list(request.actor).filter(webhook=found)[:DELIVERIES],
    }  # fmt: skip
    return render(request, "compliance/webhook.html", context)


@page("compliance.webhook.test")
@require_POST
def webhook_trial(request: PageRequest, key: UUID) -> HttpResponse:
    """Post an example."""
    found = webhook_get(request.actor, key)

    def post() -> None:
        answer = webhook_try(actor=request.actor, webhook=found)
        if not answer.is_taken:
            raise Conflict(f"The example did not arrive. {answer.words}")

    return act(request, post, said="The example arrived.", then=reverse("webhook", args=[key]))


@page("compliance.webhook.update")
@require_POST
def webhook_switch(request: PageRequest, key: UUID) -> HttpResponse:
    """Switch it off, or on again."""
    found = webhook_get(request.actor, key)
    status = "DISABLED" if found.status == "ACTIVE" else "ACTIVE"
    return act(
        request,
        lambda: webhook_update(actor=request.actor, webhook=found, wish=WebhookWish(status=status)),
        said=f"The webhook is {status.lower()}.",
        then=reverse("webhook", args=[key]),
    )


@page("compliance.webhook.delete")
@require_POST
def webhook_end(request: PageRequest, key: UUID) -> HttpResponse:
    """Delete it."""
    found = webhook_get(request.actor, key)
    return act(
        request,
        lambda: webhook_delete(actor=request.actor, webhook=found),
        said=f"{found.name} is deleted.",
        then=reverse("webhooks"),
    )


@page("compliance.delivery.replay")
@require_POST
def delivery_again(request: PageRequest, key: UUID) -> HttpResponse:
    """Send a notice once more."""
    found = delivery_get(request.actor, key)
    then = reverse("webhook", args=[found.webhook_id]) if found.webhook_id else reverse("webhooks")
    return act(
        request,
        lambda: delivery_replay(actor=request.actor, delivery=found),
        said="It is on its way once more.",
        then=then,
    )


def _wish(said: dict[str, Any], request: PageRequest) -> WebhookWish:
    events = [
        dict(zip(("entity", "action"), each.split(".", 1), strict=False))
        for each in request.POST.getlist("events")
    ]
    return WebhookWish(
        name=said["name"], url=said["url"], style=said["style"], secret=said["secret"] or None,
        topics=request.POST.getlist("topics"), events=events,
    )  # fmt: skip


def _nouns() -> list[str]:
    """What may be asked for as a whole."""
    return ["*", *sorted({f"{topic.partition('.')[0]}.*" for topic in PORTAL_TOPICS})]
