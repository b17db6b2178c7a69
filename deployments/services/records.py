"""The end of what was kept long enough of predictions. These are many rows and no decisions: no audit events."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from compliance.models import LegalHold
from deployments.models import Endpoint
from portal.access import require
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.clock import now
from portal.operations import writer

KEEP = "deployments.inference_log.keep"
FIGURE_DAYS, DELETED_AT_ONCE, DELETED_AT_MOST = 90, 5000, 200_000
_RECORDS = """
DELETE FROM deployments_inferencerecord r USING (
    SELECT id, at FROM deployments_inferencerecord
    WHERE retention_class = %s AND at < %s AND endpoint_id <> ALL(%s::uuid[]) ORDER BY at LIMIT %s) AS over
WHERE r.at = over.at AND r.id = over.id
"""
_FIGURES = """
DELETE FROM deployments_trafficfigure WHERE id IN (
    SELECT id FROM deployments_trafficfigure WHERE at < %s AND endpoint_id <> ALL(%s::uuid[]) LIMIT %s)
"""


@writer(KEEP)
def records_end(
    *, actor: Actor, lifetimes: Mapping[str, int], check: Callable[[], object] = bool
) -> dict[str, int]:
    """Delete records of each retention class that are older than so many days, some at a time, and old figures.

    What belongs to a workspace with anything on hold stays. `check` is called in between.
    """
    require(actor, KEEP)
    held = _held()
    deleted = sum(
        _deleted(_RECORDS, [name, now() - dt.timedelta(days=days), held], check)
        for name, days in lifetimes.items()
    )
    figures = _deleted(_FIGURES, [now() - dt.timedelta(days=FIGURE_DAYS), held], check)
    return {"records": deleted, "figures": figures}


def _deleted(statement: str, given: list[Any], check: Callable[[], object]) -> int:
    total = 0
    while total < DELETED_AT_MOST:
        check()
        count = sql.execute(statement, [*given, DELETED_AT_ONCE])
        total += count
        if count < DELETED_AT_ONCE:
            break
    return total


def _held() -> list[str]:
    """The endpoints of workspaces in which anything is on hold: their logs may tell of it."""
    workspaces = LegalHold.objects.filter(released_at=None).values("workspace")
    return [pk.hex for pk in Endpoint.objects.filter(workspace__in=workspaces).values_list("pk", flat=True)]
