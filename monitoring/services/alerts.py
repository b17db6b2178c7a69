"""What people do with alerts."""

import datetime as dt

from monitoring.facts import ACKNOWLEDGED, RESOLVED, SILENCED
from monitoring.models import Alert
from monitoring.services.monitors import silence_check
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput
from portal.operations import operation

ACKNOWLEDGE, SILENCE, RESOLVE = (
    "monitoring.alert.acknowledge", "monitoring.alert.silence", "monitoring.alert.resolve",
)  # fmt: skip


@operation(ACKNOWLEDGE, on="alert")
def alert_acknowledge(*, actor: Actor, alert: Alert, note: str = "") -> Alert:
    """Say that somebody looks at it. Raises Conflict once it is resolved."""
    _open_check(alert)
    _handled(actor, alert, note)
    alert.state, alert.silenced_until = ACKNOWLEDGED, None
    alert.save(update_fields=["state", "silenced_until", "note", "handled_by"])
    return alert


@operation(SILENCE, on="alert")
def alert_silence(*, actor: Actor, alert: Alert, until: dt.datetime, reason: str) -> Alert:
    """Hear nothing of it until a date, for a reason. Raises Conflict once it is resolved."""
    _open_check(alert)
    silence_check(until, reason)
    _handled(actor, alert, reason)
    alert.state, alert.silenced_until = SILENCED, until
    alert.save(update_fields=["state", "silenced_until", "note", "handled_by"])
    return alert


@operation(RESOLVE, on="alert")
def alert_resolve(*, actor: Actor, alert: Alert, note: str) -> Alert:
    """Say what showed that it is over. If it is not, the next measurement opens another one."""
    _open_check(alert)
    if not note.strip():
        raise InvalidInput("Say what showed that the alert is over.", code="invalid_note")
    _handled(actor, alert, note)
    alert.state, alert.resolved_at, alert.silenced_until = RESOLVED, now(), None
    alert.save(update_fields=["state", "resolved_at", "silenced_until", "note", "handled_by"])
    return alert


def _handled(actor: Actor, alert: Alert, note: str) -> None:
    if len(note) > 2000 or "\x00" in note:
        raise InvalidInput("A note has at most 2000 characters.", code="invalid_note")
    alert.note = note.strip() or alert.note
    alert.handled_by_id = actor.user_id


def _open_check(alert: Alert) -> None:
    if alert.is_over:
        raise Conflict(f"The alert {alert} is resolved already.", code="already_resolved")
