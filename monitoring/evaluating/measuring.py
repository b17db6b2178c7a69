"""Which module measures which kind. It comes in with the first measurement: SciPy and scikit-learn take seconds."""

import datetime as dt
from dataclasses import replace
from importlib import import_module

from monitoring import facts
from monitoring.evaluating.found import Found
from monitoring.models import Monitor
from monitoring.reading.watched import revision_watched

_MODULES = {
    **dict.fromkeys((facts.DATA_DRIFT, facts.PREDICTION_DRIFT, facts.DATA_QUALITY), "drift"),
    **dict.fromkeys((facts.PERFORMANCE, facts.FAIRNESS), "labelled"),
    **dict.fromkeys((facts.LATENCY, facts.ERRORS, facts.VOLUME, facts.COST), "traffic"),
}


def measured(monitor: Monitor, until: dt.datetime) -> Found:
    """One measurement of a window that ends at a moment. Reads much and may take seconds; no transaction is needed."""
    found: Found = import_module(f"monitoring.evaluating.{_MODULES[monitor.kind]}").measure(monitor, until)
    watched = revision_watched(monitor)
    if watched is None:
        return found
    said = f"Revision {watched.number} alone: {found.summary}"[:1000]
    return replace(found, summary=said, body={**found.body, "revision": watched.number})
