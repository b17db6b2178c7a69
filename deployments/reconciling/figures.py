"""What guards read: requests, errors and latency of a revision, as gateways added them up."""

import datetime as dt

from deployments.facts import LIVE, SHADOW, SHADOWING
from deployments.guards import drifted
from deployments.latency import PLACES, percentile
from deployments.models import Rollout, TrafficFigure
from deployments.reconciling.rolling import Figures

_SPAN = dt.timedelta(seconds=10)


def figures_of(rollout: Rollout, since: dt.datetime) -> Figures:
    """What the revision of a roll-out did since a moment: its answers, or copies that nobody got, for a shadow.

    The ten seconds in which the moment lies count whole.
    """
    role = SHADOW if rollout.strategy == SHADOWING else LIVE
    rows = TrafficFigure.objects.filter(
        endpoint_id=rollout.endpoint_id, revision_id=rollout.revision_id, role=role, at__gt=since - _SPAN
    )
    requests, errors, counts = 0, 0, [0] * PLACES
    for each in rows.only("requests", "server_errors", "latency"):
        requests += each.requests
        errors += each.server_errors
        counts = [one + other for one, other in zip(counts, each.latency, strict=True)]
    return Figures(requests, errors, percentile(counts, 0.95), drifted(rollout, since))
