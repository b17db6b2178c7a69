"""An endpoint whose requests have changed: monitors with measurements, an alert, and a plan."""

import datetime as dt
from random import Random
from typing import Any

from django.db import transaction

from deployments.models import Endpoint
from deployments.services.endpoints import endpoint_create
from monitoring.evaluating.found import judged
from monitoring.evaluating.measuring import measured
from monitoring.models import Alert, Monitor, MonitorRun
from monitoring.services.feedback import feedback_write
from monitoring.services.monitors import monitor_create, monitors_default
from monitoring.services.results import RESULT_ACTIONS, Measured, result_record
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.clock import now
from tests.monitoring.records import records_write

EARLIER = {"reference": {"kind": "earlier", "earlier_seconds": 7200}, "window": {"seconds": 3600}}


def monitoring_make(ann: Actor, workspace: Workspace) -> dict[str, str]:
    """`drift` has an alert (`alert`) and a past, `right` has slices."""
    endpoint = endpoint_create(actor=ann, workspace=workspace, name="risk-scores", environment="staging")
    drift = monitor_create(
        actor=ann, endpoint=endpoint, kind="data_drift", name="Drift since yesterday", every_seconds=3600,
        settings=EARLIER | {"on_alert": {"finding": {"severity": "high", "owner": "ann"}}},
    )  # fmt: skip
    right = monitor_create(
        actor=ann, endpoint=endpoint, kind="performance", name="Right by region", every_seconds=3600,
        settings={"window": {"seconds": 3600}, "slices": ["region"], "thresholds": {"warn": 0.9, "alert": 0.6}},
    )  # fmt: skip
    monitors_default(actor=ann, endpoint=endpoint)
    _asked(ann, endpoint)
    for hours in range(24, 0, -1):
        at = now() - dt.timedelta(hours=hours)
        MonitorRun.objects.create(
            monitor=drift, due_at=at, begins_at=at - dt.timedelta(hours=1), ends_at=at, rows=600, state="ok",
            value=0.02 + 0.06 * (24 - hours) / 24 + 0.01 * (hours % 3), summary="income: PSI is fine.", made_at=at,
        )  # fmt: skip
    for monitor in (drift, right):
        _measure(monitor)
    return {"drift": str(drift.pk), "right": str(right.pk), "alert": str(Alert.objects.get(monitor=drift).pk)}


def _asked(ann: Actor, endpoint: Endpoint) -> None:
    given = Random(5)  # noqa: S311 - the same numbers each time
    for hours, shift in ((2.5, 0), (0.2, 9_000)):
        rows = [
            {
                "age": given.randint(20, 70), "income": given.gauss(40_000 + shift, 12_000),
                "region": given.choice(["north", "south", "south", "west"] if shift else ["north", "south", "west"]),
            }
            for _ in range(600)
        ]  # fmt: skip
        ids = records_write(
            endpoint, rows, lambda row: int(row["income"] > 45_000), now() - dt.timedelta(hours=hours)
        )
        truth = [
            {"request_id": each, "row": 0, "kind": "truth", "value": _is_high(row)}
            for each, row in zip(ids, rows, strict=True)
        ]  # fmt: skip
        feedback_write(actor=ann, endpoint=endpoint, given=truth)


def _is_high(row: dict[str, Any]) -> int:
    """The truth, which the model misses in the west."""
    return int(row["income"] > 45_000 - 6_000 * (row["region"] == "west"))


def _measure(monitor: Monitor) -> None:
    found, moment = measured(monitor, now()), now()
    state = judged(monitor.kind, monitor.settings, found.value)
    actor = Actor.system("scenery", actions=RESULT_ACTIONS)
    with transaction.atomic():
        result_record(actor=actor, monitor=monitor, measured=Measured(moment, state, found, moment))
