"""Answers roll-outs that are guarded against drift."""

import datetime as dt

from deployments.guards import DRIFT_GUARDS
from deployments.models import Rollout
from monitoring.facts import ALERT, DRIFTS, RESOLVED, SILENCED
from monitoring.models import Alert


def drift_said(rollout: Rollout, since: dt.datetime) -> str:
    """The alert about drift that was opened since a roll-out began; "" for none. Silenced ones do not count."""
    began = min(since, rollout.created_at)
    found = Alert.objects.filter(
        monitor__endpoint=rollout.endpoint_id, monitor__kind__in=DRIFTS, severity=ALERT, alerted_at__gte=began
    ).exclude(state__in=(SILENCED, RESOLVED))
    alert = found.order_by("id").first()
    return f"Alert: {alert.title}."[:2000] if alert else ""


DRIFT_GUARDS.append(drift_said)
