"""What a measurement leaves: its row, and the alert that it opens, counts or ends, with all that follows at once."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from compliance.services.findings import OPEN as FINDING_OPEN
from compliance.services.findings import finding_open
from compliance.services.notices import notice_write
from jobs.queue import enqueue
from monitoring import facts
from monitoring.evaluating.found import Found
from monitoring.models import Alert, Monitor, MonitorRun
from portal import access
from portal.accounts.actor import Actor
from portal.accounts.models import Membership
from portal.kernel.clock import now
from portal.operations import effect, locked, writer
from training.services.pipeline_starts import triggers_tell

RECORD = "monitoring.run.record"
OPEN, ESCALATE, END = "monitoring.alert.open", "monitoring.alert.escalate", "monitoring.alert.end"
RESULT_ACTIONS = (RECORD, OPEN, ESCALATE, END, FINDING_OPEN)
_BEYOND = (facts.WARN, facts.ALERT)


@dataclass(frozen=True)
class Measured:
    """What is to be written of one due time."""

    due_at: dt.datetime
    state: str
    found: Found
    ends_at: dt.datetime


@writer(RECORD)
def result_record(*, actor: Actor, monitor: Monitor, measured: Measured) -> MonitorRun:
    """Write a measurement in the transaction that is open, with what follows; the second time it changes nothing."""
    access.require(actor, RECORD, monitor)
    monitor = locked(monitor)
    held = MonitorRun.objects.filter(monitor=monitor, due_at=measured.due_at).first()
    if held is not None:
        return held
    found = measured.found
    made = MonitorRun.objects.create(
        monitor=monitor, due_at=measured.due_at, begins_at=found.begins_at, ends_at=measured.ends_at,
        rows=found.rows, state=measured.state, value=found.value, summary=found.summary[:1000], body=found.body,
        made_at=now(),
    )  # fmt: skip
    monitor.due_at = next_due(measured.due_at, monitor.every_seconds, now())
    monitor.save(update_fields=["due_at"])
    if monitor.deleted_at is None:
        _alert(actor, monitor, made)
    return made


def next_due(last: dt.datetime, every_seconds: int, moment: dt.datetime) -> dt.datetime:
    """The next time of a schedule after a moment; those that were missed are not made up for."""
    steps = max(0, int((moment - last).total_seconds() // every_seconds)) + 1
    return last + dt.timedelta(seconds=every_seconds * steps)


def _alert(actor: Actor, monitor: Monitor, run: MonitorRun) -> None:
    held = (
        Alert.objects.select_for_update(no_key=True)
        .filter(monitor=monitor)
        .exclude(state=facts.RESOLVED)
        .first()
    )
    if run.state in _BEYOND:
        if held is None:
            _opened(actor=actor, monitor=monitor, run=run)
        else:
            _seen(actor, monitor, held, run)
    elif run.state == facts.OK and held is not None:
        _ended(actor=actor, alert=held, run=run)


@effect(OPEN, on="monitor", lock="own")
def _opened(*, actor: Actor, monitor: Monitor, run: MonitorRun) -> Alert:
    at, is_silenced = now(), monitor.is_silenced(now())
    alert = Alert.objects.create(
        workspace_id=monitor.workspace_id, monitor=monitor, run=run, key=monitor.pk.hex, severity=run.state,
        state=facts.SILENCED if is_silenced else facts.OPEN, title=_title(monitor, run), detail=run.summary,
        opened_at=at, last_seen_at=at, silenced_until=monitor.silenced_until if is_silenced else None,
        note=monitor.silence_reason if is_silenced else "",
    )  # fmt: skip
    if not is_silenced:
        _follow(actor, monitor, alert, "alert.opened")
    return alert


def _seen(actor: Actor, monitor: Monitor, alert: Alert, run: MonitorRun) -> None:
    """Count it. It grows when it is worse than it was, and speaks again when its silence is over."""
    alert.run, alert.detail, alert.last_seen_at = run, run.summary, now()
    alert.count += 1
    alert.save(update_fields=["run", "detail", "last_seen_at", "count"])
    is_worse = run.state == facts.ALERT and alert.severity == facts.WARN
    until = max(filter(None, (alert.silenced_until, monitor.silenced_until)), default=None)
    is_silent = alert.state == facts.SILENCED and until is not None and until > now()
    if is_worse or (alert.state == facts.SILENCED and not is_silent):
        _escalated(actor=actor, alert=alert, monitor=monitor, is_silent=is_silent, is_worse=is_worse)


@effect(ESCALATE, on="alert", lock="own")
def _escalated(*, actor: Actor, alert: Alert, monitor: Monitor, is_silent: bool, is_worse: bool) -> Alert:
    if is_worse:
        alert.severity = facts.ALERT
    alert.title = _title(monitor, alert.run)
    if not is_silent:
        alert.state, alert.silenced_until = facts.OPEN, None
    alert.save(update_fields=["severity", "title", "state", "silenced_until"])
    if not is_silent and not monitor.is_silenced(now()):
        _follow(actor, monitor, alert, "alert.escalated")
    return alert


@effect(END, on="alert", lock="own")
def _ended(*, actor: Actor, alert: Alert, run: MonitorRun) -> Alert:
    was_silent = alert.state == facts.SILENCED
    alert.state, alert.resolved_at, alert.silenced_until = facts.RESOLVED, now(), None
    alert.note = f"Measured again and fine: {run.summary}"[:2000]
    alert.save(update_fields=["state", "resolved_at", "silenced_until", "note"])
    if not was_silent:
        _tell(actor, alert.monitor, alert, "alert.resolved")
    return alert


def _follow(actor: Actor, monitor: Monitor, alert: Alert, topic: str) -> None:
    """What the rules of the monitor say, as far as it needs no other transaction; the rest is asked of a job."""
    rules = monitor.settings.get("on_alert", {})
    if alert.severity == facts.ALERT and alert.alerted_at is None:
        alert.alerted_at = now()
        if facts.FINDING in rules:
            alert.finding = _finding(actor, monitor, alert, rules[facts.FINDING])
            done_add(alert, facts.FINDING, f"Opened or already open: {alert.finding.title}")
        if rules.get(facts.RETRAIN):
            _retrain(actor, monitor, alert)
            done_add(alert, facts.RETRAIN, f"Pipelines were told that listen to {subject_of(monitor)}.")
        alert.save(update_fields=["alerted_at", "finding", "done"])
        if rules.get(facts.ROLLBACK) or facts.RECERTIFY in rules:
            enqueue(
                facts.RESPOND_JOB, key=alert.pk.hex, args={"alert_id": alert.pk.hex}, actor=actor,
                workspace_id=monitor.workspace_id,
            )  # fmt: skip
    _tell(actor, monitor, alert, topic)


def subject_of(monitor: Monitor) -> str:
    """The name under which pipelines listen for alerts of a monitor."""
    return f"{monitor.endpoint.name}/{monitor.name}"


def done_add(alert: Alert, action: str, outcome: str, **more: Any) -> None:
    """Note on an alert what was done; the newest note of an action counts."""
    entry = {"action": action, "outcome": outcome[:1000], "at": now().isoformat(), **more}
    alert.done = [*(each for each in alert.done if each["action"] != action), entry]


def _finding(actor: Actor, monitor: Monitor, alert: Alert, rule: dict[str, Any]) -> Any:
    """The owner of the rule, else that of the monitor; who has left the workspace owns nothing."""
    members = Membership.objects.filter(workspace=monitor.workspace_id, user__is_active=True)
    named = (
        members.filter(user__username=rule["owner"])
        if "owner" in rule
        else members.filter(user=monitor.owner_id)
    )
    return finding_open(
        actor=actor, workspace_id=monitor.workspace_id, key=f"alert {monitor.pk.hex}", subject_type="endpoint",
        subject_id=monitor.endpoint_id.hex, subject_label=monitor.endpoint.name, title=alert.title,
        description=f"{alert.detail}\n\n{alert_path(alert)}", severity=rule.get("severity", "high"),
        source="monitoring", due_days=rule.get("due_days", 14),
        owner_id=named.values_list("user_id", flat=True).first(),
    )  # fmt: skip


def _retrain(actor: Actor, monitor: Monitor, alert: Alert) -> None:
    triggers_tell(
        actor, workspace_id=monitor.workspace_id, kind="alert", subject=subject_of(monitor),
        event=f"alert {alert.pk}", facts={"alert": subject_of(monitor), "endpoint": monitor.endpoint.name},
    )  # fmt: skip


def _tell(actor: Actor, monitor: Monitor, alert: Alert, topic: str) -> None:
    named = monitor.settings.get("on_alert", {}).get(facts.NOTIFY, [])
    members = Membership.objects.filter(workspace=monitor.workspace_id, user__is_active=True)
    people = {*members.filter(user__username__in=named).values_list("user_id", flat=True)}
    if monitor.owner_id is not None:
        people.add(monitor.owner_id)
    said = {"alert.opened": "Alert", "alert.escalated": "Alert", "alert.resolved": "Resolved"}[topic]
    notice_write(
        actor=actor, workspace_id=monitor.workspace_id, topic=topic, title=f"{said} ({alert.severity}): {alert.title}",
        url=alert_path(alert), to_users=people,
        data={
            "alert": str(alert.pk), "monitor": monitor.name, "kind": monitor.kind, "endpoint": monitor.endpoint.name,
            "severity": alert.severity, "detail": alert.detail, "value": alert.run.value,
        },
    )  # fmt: skip


def alert_path(alert: Alert) -> str:
    """Its page."""
    return f"/alerts/{alert.pk}"


def _title(monitor: Monitor, run: MonitorRun) -> str:
    return f"{monitor.name} at {monitor.endpoint.name}: {run.summary}"[:300]
