"""Which function measures which kind."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from monitoring import facts
from monitoring.evaluating import drift, labelled, traffic
from monitoring.evaluating.found import Found
from monitoring.models import Monitor
from monitoring.reading.watched import revision_watched

_MEASURES: dict[str, Callable[[Monitor, dt.datetime], Found]] = {
    **dict.fromkeys((facts.DATA_DRIFT, facts.PREDICTION_DRIFT, facts.DATA_QUALITY), drift.measure),
    **dict.fromkeys((facts.PERFORMANCE, facts.FAIRNESS), labelled.measure),
    **dict.fromkeys((facts.LATENCY, facts.ERRORS, facts.VOLUME, facts.COST), traffic.measure),
}


def measured(monitor: Monitor, until: dt.datetime) -> Found:
    """One measurement of a window that ends at a moment. Reads much and may take seconds; no transaction is needed."""
    found = _MEASURES[monitor.kind](monitor, until)
    watched = revision_watched(monitor)
    if watched is None:
        return found
    said = f"Revision {watched.number} alone: {found.summary}"[:1000]
    return replace(found, summary=said, body={**found.body, "revision": watched.number})
