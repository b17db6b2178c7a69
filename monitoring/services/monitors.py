"""Monitors: making, changing, silencing, and measuring at once."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from deployments.models import Endpoint
from deployments.services.endpoints import there_check
from monitoring import facts
from monitoring.asking import run_ask
from monitoring.models import Monitor
from monitoring.validation import every_check, name_check, settings_read
from portal.accounts.actor import Actor
from portal.accounts.models import Membership, User
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput
from portal.operations import Changed, operation

CREATE, UPDATE, DELETE = (
    "monitoring.monitor.create", "monitoring.monitor.update", "monitoring.monitor.delete",
)  # fmt: skip
SILENCE, MEASURE = "monitoring.monitor.silence", "monitoring.monitor.measure"
LONGEST_SILENCE = dt.timedelta(days=90)
# What a new endpoint is offered: kind, name, every so many seconds, settings.
DEFAULTS: tuple[tuple[str, str, int, dict[str, Any]], ...] = (
    (facts.DATA_DRIFT, "Data drift", 3600, {"window": {"rows": 10_000}}),
    (facts.ERRORS, "Errors", 60, {"window": {"seconds": 300}}),
    (facts.LATENCY, "Latency", 60, {"window": {"seconds": 300}}),
    (facts.VOLUME, "Volume", 3600, {"window": {"seconds": 3600}}),
)


@operation(CREATE, on="endpoint", lock="share")
def monitor_create(
    *, actor: Actor, endpoint: Endpoint, kind: str, name: str, settings: Mapping[str, Any], every_seconds: int,
    owner: User | None = None,
) -> Monitor:  # fmt: skip
    """Watch an endpoint from now on. Raises InvalidInput (`invalid_settings`), and Conflict (`name_taken`)."""
    there_check(endpoint)
    _people_check(endpoint.workspace_id, settings, owner)
    return _made(actor, endpoint, kind, name, settings, every_seconds, owner)


@operation(CREATE, on="endpoint")
def monitors_default(*, actor: Actor, endpoint: Endpoint) -> Changed[list[Monitor]]:
    """Watch drift, errors, latency and volume as is usual. What has one of their names already stays as it is."""
    there_check(endpoint)
    held = set(Monitor.objects.filter(endpoint=endpoint, deleted_at=None).values_list("name", flat=True))
    made = [
        _made(actor, endpoint, kind, name, settings, every, None)
        for kind, name, every, settings in DEFAULTS
        if name not in held
    ]
    return Changed(made, before={}, after={"monitors": [each.name for each in made]})


@operation(UPDATE, on="monitor")
def monitor_update(
    *, actor: Actor, monitor: Monitor, name: str | None = None, settings: Mapping[str, Any] | None = None,
    every_seconds: int | None = None, owner: User | None = None, is_paused: bool | None = None,
) -> Monitor:  # fmt: skip
    """Change what is given; `settings` replace those that were there."""
    _there_check(monitor)
    _people_check(monitor.workspace_id, settings or {}, owner)
    if name is not None:
        monitor.name = name_check(name)
    if settings is not None:
        monitor.settings = settings_read(monitor.kind, settings)
    if every_seconds is not None:
        monitor.every_seconds = every_check(every_seconds)
    if is_paused is not None:
        monitor.is_paused = is_paused
    monitor.owner = owner or monitor.owner
    monitor.due_at = now()
    try:
        with transaction.atomic():
            monitor.save(update_fields=["name", "settings", "every_seconds", "owner", "is_paused", "due_at"])
    except IntegrityError as error:
        raise _taken(monitor.endpoint, monitor.name) from error
    return monitor


@operation(DELETE, on="monitor")
def monitor_delete(*, actor: Actor, monitor: Monitor) -> Monitor:
    """Watch no more. Its measurements stay; its open alert is resolved."""
    _there_check(monitor)
    monitor.deleted_at = now()
    monitor.save(update_fields=["deleted_at"])
    monitor.alerts.exclude(state=facts.RESOLVED).update(
        state=facts.RESOLVED, resolved_at=now(), note="The monitor was deleted.", silenced_until=None
    )
    return monitor


@operation(SILENCE, on="monitor")
def monitor_silence(
    *, actor: Actor, monitor: Monitor, until: dt.datetime | None, reason: str = ""
) -> Monitor:
    """Measure on, but tell nobody and do nothing until a date, for a reason; None ends the silence."""
    _there_check(monitor)
    if until is not None:
        silence_check(until, reason)
    monitor.silenced_until, monitor.silence_reason = until, reason.strip() if until else ""
    monitor.save(update_fields=["silenced_until", "silence_reason"])
    return monitor


@operation(MEASURE, on="monitor", lock="share")
def monitor_measure(*, actor: Actor, monitor: Monitor) -> Changed[Any]:
    """Have it measured now, whatever its schedule says."""
    _there_check(monitor)
    run = run_ask(actor, monitor, now())
    return Changed(run, before={}, after={"job": str(run.pk)})


def silence_check(until: dt.datetime, reason: str) -> None:
    """A silence ends, and has a reason."""
    if not now() < until <= now() + LONGEST_SILENCE:
        raise InvalidInput(f"A silence ends within {LONGEST_SILENCE.days} days.", code="invalid_silence")
    if not reason.strip() or len(reason) > 2000 or "\x00" in reason:
        raise InvalidInput("Say why it is silenced, in at most 2000 characters.", code="invalid_silence")


def _made(
    actor: Actor,
    endpoint: Endpoint,
    kind: str,
    name: str,
    settings: Mapping[str, Any],
    every: int,
    owner: User | None,
) -> Monitor:
    try:
        with transaction.atomic():
            return Monitor.objects.create(
                workspace_id=endpoint.workspace_id, endpoint=endpoint, kind=kind, name=name_check(name),
                settings=settings_read(kind, settings), every_seconds=every_check(every),
                owner_id=owner.pk if owner else actor.user_id, due_at=now(), created_by_id=actor.user_id,
                created_at=now(),
            )  # fmt: skip
    except IntegrityError as error:
        raise _taken(endpoint, name) from error


def _taken(endpoint: Endpoint, name: str) -> Conflict:
    return Conflict(f"A monitor named {name} watches {endpoint} already.", code="name_taken")


def _people_check(workspace_id: int, settings: Any, owner: User | None) -> None:
    """Everybody who is named is a member: whoever is told sees what they are told of."""
    rules = settings.get("on_alert", {}) if isinstance(settings, Mapping) else {}
    rules = rules if isinstance(rules, Mapping) else {}
    finding, notify = rules.get("finding"), rules.get("notify")
    named = {*notify} if isinstance(notify, list) and all(isinstance(each, str) for each in notify) else set()
    if isinstance(finding, Mapping) and isinstance(finding.get("owner"), str):
        named.add(finding["owner"])
    if owner is not None:
        named.add(owner.username)
    members = Membership.objects.filter(
        workspace=workspace_id, user__is_active=True, user__username__in=named
    )
    strangers = named - set(members.values_list("user__username", flat=True))
    if strangers:
        raise InvalidInput(
            f"{', '.join(sorted(strangers))[:300]}: no active member of the workspace. Add them first, or name others.",
            code="not_a_member",
        )


def _there_check(monitor: Monitor) -> None:
    if monitor.deleted_at is not None:
        raise Conflict(f"The monitor {monitor} was deleted. Make a new one.", code="deleted")
