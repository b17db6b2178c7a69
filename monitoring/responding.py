"""What an alert does in transactions of their own: roll-back and re-certification, through the doors of everybody."""

import datetime as dt
from typing import Any

from compliance.models.approvals import EFFECTIVE
from compliance.services.recertifications import ASK, recertification_ask
from deployments.facts import LIVE
from deployments.models import Traffic
from deployments.selectors.endpoints import revision_before, revision_get
from deployments.services.revisions import ROLLBACK, revision_rollback
from monitoring import facts
from monitoring.models import Alert
from monitoring.services.notes import NOTE, alert_note
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, DomainError

RESPOND_ACTIONS = (NOTE, ROLLBACK, ASK)
_DEFAULT_DAYS = 30
ASKED = "asked for"


def alert_respond(actor: Actor, alert: Alert) -> None:
    """Do what the rules say and is not done yet. Killed at any line and run again, it does nothing twice."""
    rules, done = alert.monitor.settings.get("on_alert", {}), {each["action"]: each for each in alert.done}
    if alert.state in (facts.SILENCED, facts.RESOLVED):
        return
    if rules.get(facts.ROLLBACK) and done.get(facts.ROLLBACK, {}).get("outcome", ASKED) == ASKED:
        outcome = _rolled_back(actor, alert, done.get(facts.ROLLBACK))
        alert_note(actor=actor, alert=alert, entry={"action": facts.ROLLBACK, "outcome": outcome})
    if facts.RECERTIFY in rules and facts.RECERTIFY not in done:
        outcome = _recertified(actor, alert, rules[facts.RECERTIFY].get("due_days", _DEFAULT_DAYS))
        alert_note(actor=actor, alert=alert, entry={"action": facts.RECERTIFY, "outcome": outcome})


def _rolled_back(actor: Actor, alert: Alert, asked: dict[str, Any] | None) -> str:
    """Where the roll-back goes is written down first, so that a second try goes there, too, and not one further."""
    endpoint = alert.monitor.endpoint
    try:
        if asked is None and _has_moved(alert):
            return "Not done: traffic was moved after the alert had opened."
        target = revision_get(endpoint, asked["revision"]) if asked else revision_before(endpoint)
        if asked is None:
            entry = {"action": facts.ROLLBACK, "outcome": ASKED, "revision": target.number}
            alert_note(actor=actor, alert=alert, entry=entry)
        revision_rollback(
            actor=actor, model=target.version.model, endpoint=endpoint, revision=target,
            reason=f"Alert {alert.pk}: {alert.title}"[:2000],
        )  # fmt: skip
    except Conflict as no:
        return (
            f"Done before: {no.detail}" if asked and no.code == "invalid_state" else f"Not done: {no.detail}"
        )
    except DomainError as no:
        return f"Not done: {no.detail}"
    return f"Traffic goes back to revision {target.number}."


def _has_moved(alert: Alert) -> bool:
    return Traffic.objects.filter(
        endpoint=alert.monitor.endpoint_id, role=LIVE, valid_from__gt=alert.alerted_at or alert.opened_at
    ).exists()


def _recertified(actor: Actor, alert: Alert, days: int) -> str:
    """Ask that the approvals be looked at again under which something serves now."""
    serving = Traffic.objects.filter(endpoint=alert.monitor.endpoint_id, role=LIVE, valid_to=None)
    approvals = [each.revision.approval for each in serving.select_related("revision__approval__request")]
    said = []
    for approval in filter(None, dict.fromkeys(approvals)):
        if approval.state != EFFECTIVE:
            continue
        try:
            recertification_ask(
                actor=actor, approval=approval, trigger="alert", detail=alert.title,
                due_at=now() + dt.timedelta(days=days),
            )  # fmt: skip
            said.append(f"asked for {approval.request}")
        except DomainError as no:
            said.append(no.detail)
    return ("; ".join(said) or "Nothing serves under an approval.")[:1000]
