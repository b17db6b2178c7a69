"""Answers roll-outs that are guarded against drift."""

import datetime as dt

from deployments.guards import DRIFT_GUARDS
from deployments.models import Rollout
from monitoring.facts import ALERT, CANDIDATE, DRIFTS, RESOLVED, SILENCED
from monitoring.models import Alert, Monitor


def drift_said(rollout: Rollout, since: dt.datetime) -> str:
    """The alert about drift that was opened since a roll-out began; "" for none. Silenced ones do not count."""
    began = min(since, rollout.created_at)
    found = Alert.objects.filter(
        monitor__endpoint=rollout.endpoint_id, monitor__kind__in=DRIFTS, severity=ALERT, alerted_at__gte=began
    ).exclude(state__in=(SILENCED, RESOLVED))
    of_candidate = Monitor.objects.filter(
        endpoint=rollout.endpoint_id, kind__in=DRIFTS, deleted_at=None, settings__of=CANDIDATE
    )
    if of_candidate.exists():  # what is seen of the candidate alone says more than what is seen of all
        found = found.filter(monitor__in=of_candidate)
    alert = found.order_by("id").first()
    return f"Alert: {alert.title}."[:2000] if alert else ""


DRIFT_GUARDS.append(drift_said)
