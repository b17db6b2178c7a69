"""Webhooks: who is told what, where, and signed with which secret."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from compliance.deliveries.addresses import AddressRefused, place_of
from compliance.deliveries.parcels import Parcel
from compliance.deliveries.payloads import parcel_of
from compliance.deliveries.sealing import seal
from compliance.models import Notice, Webhook
from compliance.topics import MLFLOW_EVENTS, PORTAL_TOPICS, example_of, is_asked_for, is_known
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.clock import now, now_ms
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.ids import uuid7
from portal.operations import Changed, operation

STYLES, STATUSES = ("mlflow", "cloudevents", "slack"), ("ACTIVE", "DISABLED")
MOST_PER_WORKSPACE = 50
_SECRET_LENGTH = 500
# MLflow's rule for names of webhooks.
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")


@dataclass(frozen=True)
class WebhookWish:
    """What a webhook shall be. None leaves a field as it is; a secret of "" takes it away."""

    name: str | None = None
    url: str | None = None
    events: Sequence[Mapping[str, str]] | None = None
    topics: Sequence[str] | None = None
    description: str | None = None
    style: str | None = None
    status: str | None = None
    secret: str | None = field(default=None, repr=False)


@operation("compliance.webhook.create", on="workspace", lock="share")
def webhook_create(*, actor: Actor, workspace: Workspace, wish: WebhookWish) -> Changed[Webhook]:
    """Tell an address of what happens in a workspace. Raises InvalidInput for what is malformed or not sent to."""
    held = Webhook.objects.filter(workspace=workspace, deleted_at=None)
    if held.count() >= MOST_PER_WORKSPACE:
        raise Conflict(f"{workspace} has {MOST_PER_WORKSPACE} webhooks, and no more fit. Delete one first.")
    at = now_ms()
    made = Webhook(
        workspace=workspace, created_by_id=actor.user_id, creation_timestamp=at, last_updated_timestamp=at
    )
    _shape(made, wish)
    if not made.name or not made.url:
        raise InvalidInput("A webhook needs a name and an address.")
    made.save(force_insert=True)
    return Changed(made, before={}, after=_told(made), subject=made)


@operation("compliance.webhook.update", on="webhook")
def webhook_update(*, actor: Actor, webhook: Webhook, wish: WebhookWish) -> Changed[Webhook]:
    """Change what is wished and leave the rest. Raises NotFound once it is deleted."""
    before = _told(webhook)
    _live_check(webhook)
    _shape(webhook, wish)
    webhook.last_updated_timestamp = max(now_ms(), webhook.last_updated_timestamp + 1)
    webhook.save()
    after = _told(webhook) | ({"secret": "changed"} if wish.secret is not None else {})
    return Changed(webhook, before=before, after=after)


@operation("compliance.webhook.delete", on="webhook")
def webhook_delete(*, actor: Actor, webhook: Webhook) -> Changed[None]:
    """Stop telling it. What waits for it is dropped; what was sent stays on record. Its secret is forgotten."""
    _live_check(webhook)
    before = _told(webhook)
    webhook.deleted_at, webhook.secret = now(), None
    webhook.save(update_fields=["deleted_at", "secret"])
    return Changed(None, before=before, after={})


@operation("compliance.webhook.test", on="webhook")
def webhook_test(*, actor: Actor, webhook: Webhook, topic: str = "") -> Changed[Parcel]:
    """Plan the post of an example and put it on record; whoever asked posts it when this has committed.

    `topic` is one that the webhook asks for; the first of them where it is left open.
    """
    _live_check(webhook)
    asked = topics_of(webhook)
    if topic and topic not in asked:
        raise InvalidInput(f"{webhook} does not ask for {topic[:60]}. It asks for {', '.join(asked)}.")
    chosen = topic or asked[0]
    example = Notice(
        id=uuid7(), workspace_id=webhook.workspace_id, topic=chosen, title=f"This is a test of {webhook}",
        url="", data=example_of(chosen), created_at=now(),
    )  # fmt: skip
    return Changed(parcel_of(webhook, example), before={}, after={"topic": chosen, "event": str(example.pk)})


def topics_of(webhook: Webhook) -> list[str]:
    """Every topic that a webhook is told about, MLflow's first, in the order in which it lists them."""
    mlflow = [f"{event['entity']}.{event['action']}" for event in webhook.events]
    return mlflow + sorted(
        topic for topic in PORTAL_TOPICS if any(is_asked_for(topic, each) for each in webhook.topics)
    )


def shown_url(webhook: Webhook) -> str:
    """Where a webhook leads, for those who need not know all of it: Slack's addresses are secrets in themselves."""
    host = re.match(r"https?://[^/?#]+", webhook.url)
    return f"{host[0]}/…" if host else "…"


def _shape(webhook: Webhook, wish: WebhookWish) -> None:
    """Put what is wished into the row. Raises InvalidInput."""
    if wish.name is not None:
        webhook.name = _name(wish.name)
    if wish.url is not None:
        webhook.url = _url(wish.url)
    if wish.description is not None:
        webhook.description = _description(wish.description)
    webhook.style = _choice("style", wish.style, STYLES, webhook.style)
    webhook.status = _choice("status", wish.status, STATUSES, webhook.status)
    if wish.events is not None:
        webhook.events = _events(wish.events)
    if wish.topics is not None:
        webhook.topics = _topics(wish.topics)
    if not webhook.events and not webhook.topics:
        raise InvalidInput("Webhook events cannot be empty: name at least one event or topic.")
    if wish.secret is not None:
        webhook.secret = _sealed(wish.secret)


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"Webhook name '{name[:80]}' is invalid. It must start and end with a letter or digit, be less than 63 "
            "characters long, and contain only letters, digits, dots (.), underscores (_), and hyphens (-)."
        )
    return name


def _url(url: str) -> str:
    """An address that may be posted to; what is wrong is told in the words that MLflow begins with."""
    if not url.strip():
        raise InvalidInput("Webhook URL cannot be empty or just whitespace.", code="address_refused")
    scheme, mark, _ = url.partition("://")
    part = "URL scheme" if mark and scheme.lower() not in ("http", "https") else "URL"
    try:
        place_of(url)
    except AddressRefused as no:
        raise InvalidInput(f"Invalid webhook {part}: {no}", code="address_refused") from no
    return url


def _description(text: str) -> str:
    if len(text) > 1000 or "\x00" in text:
        raise InvalidInput("The description of a webhook has at most 1000 characters.")
    return text


def _choice(name: str, value: str | None, allowed: Sequence[str], held: str) -> str:
    if value is None:
        return held
    if value not in allowed:
        raise InvalidInput(f"The {name} of a webhook is one of {', '.join(allowed)}.")
    return value


def _events(events: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """MLflow's events, each once."""
    found: list[dict[str, str]] = []
    for event in events:
        entity, action = str(event.get("entity", "")), str(event.get("action", ""))
        allowed = MLFLOW_EVENTS.get(entity)
        if allowed is None:
            raise InvalidInput(
                f"'{entity[:60]}' is no entity of webhooks. Known: {', '.join(MLFLOW_EVENTS)}."
            )
        if action not in allowed:
            raise InvalidInput(
                f"Invalid action '{action[:60]}' for entity '{entity}'. Valid actions are: {sorted(allowed)}"
            )
        if {"entity": entity, "action": action} not in found:
            found.append({"entity": entity, "action": action})
    return found


def _topics(topics: Sequence[str]) -> list[str]:
    unknown = [topic for topic in topics if not is_known(topic)]
    if unknown:
        raise InvalidInput(
            f"'{unknown[0][:60]}' is no topic of the portal. Topics: *, {', '.join(sorted(PORTAL_TOPICS))}."
        )
    return sorted(set(topics))


def _sealed(secret: str) -> bytes | None:
    if len(secret) > _SECRET_LENGTH or "\x00" in secret:
        raise InvalidInput(f"The secret of a webhook has at most {_SECRET_LENGTH} characters.")
    return seal(secret) if secret else None


def _live_check(webhook: Webhook) -> None:
    if webhook.deleted_at is not None:
        raise NotFound(f"Webhook {webhook} was deleted.")


def _told(webhook: Webhook) -> dict[str, Any]:
    """What the audit log keeps: neither the secret nor the path of the address, which may be one."""
    return {
        "name": webhook.name, "url": shown_url(webhook), "style": webhook.style, "status": webhook.status,
        "events": [f"{event['entity']}.{event['action']}" for event in webhook.events],
        "topics": list(webhook.topics), "description": webhook.description,
        "secret": "set" if webhook.secret else "none",
    }  # fmt: skip
