"""Latency, errors, volume and cost, from the sums of the gateways: sampling of the log does not change them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings as portal_settings
from django.db.models import Q

from deployments.latency import BOUNDS, percentile
from deployments.models import Revision
from monitoring.evaluating.found import Found, too_few
from monitoring.facts import COST, ERRORS, LATENCY, VOLUME
from monitoring.models import Monitor
from monitoring.reading.watched import watched_id
from portal.kernel import sql

_SUMS = """
SELECT coalesce(sum(requests), 0)::bigint, coalesce(sum(caller_errors), 0)::bigint,
       coalesce(sum(limited), 0)::bigint, coalesce(sum(server_errors), 0)::bigint
FROM deployments_trafficfigure
WHERE endpoint_id = %(endpoint)s AND at >= %(since)s AND at < %(until)s AND role = 'live'
  AND (%(revision)s::uuid IS NULL OR revision_id = %(revision)s)
"""
_LATENCY = """
SELECT sum(u.count)::bigint FROM deployments_trafficfigure t, unnest(t.latency) WITH ORDINALITY AS u(count, place)
WHERE t.endpoint_id = %(endpoint)s AND t.at >= %(since)s AND t.at < %(until)s AND t.role = 'live'
  AND (%(revision)s::uuid IS NULL OR t.revision_id = %(revision)s)
GROUP BY u.place ORDER BY u.place
"""


@dataclass(frozen=True)
class Sums:
    """Counts over a window."""

    requests: int
    caller_errors: int
    limited: int
    server_errors: int


def measure(monitor: Monitor, until: dt.datetime) -> Found:
    """One of the four, by the kind of the monitor."""
    settings = monitor.settings
    since = until - dt.timedelta(seconds=settings["window"]["seconds"])
    sums = _sums(monitor, since, until)
    if monitor.kind == VOLUME:
        return _volume(monitor, sums, since, until)
    if monitor.kind == COST:
        return _cost(monitor, sums, since, until)
    if sums.requests < settings["min_rows"]:
        return too_few(sums.requests, settings["min_rows"])
    found = {LATENCY: _latency, ERRORS: _errors}[monitor.kind](monitor, sums, since, until)
    return Found(sums.requests, found.value, found.summary, found.body, since)


def _sums(monitor: Monitor, since: dt.datetime, until: dt.datetime) -> Sums:
    return sums_of(monitor.endpoint_id, since, until, watched_id(monitor))


def sums_of(
    endpoint_id: UUID, since: dt.datetime, until: dt.datetime, revision_id: UUID | None = None
) -> Sums:
    given = {"endpoint": endpoint_id, "since": since, "until": until, "revision": revision_id}
    found = sql.row(_SUMS, given)
    return Sums(*(found or (0, 0, 0, 0)))


def latency_counts(
    endpoint_id: UUID, since: dt.datetime, until: dt.datetime, revision_id: UUID | None = None
) -> list[int]:
    """How many answers came within each of the bounds of `deployments.latency`."""
    given = {"endpoint": endpoint_id, "since": since, "until": until, "revision": revision_id}
    return [count for (count,) in sql.rows(_LATENCY, given)]


def _latency(monitor: Monitor, sums: Sums, since: dt.datetime, until: dt.datetime) -> Found:
    counts = latency_counts(monitor.endpoint_id, since, until, watched_id(monitor))
    found = {f"p{share}": percentile(counts, share / 100) for share in (50, 95, 99)}
    value = found[monitor.settings["metric"]]
    bins = {
        "labels": [*(f"≤ {bound:g} ms" for bound in BOUNDS), f"> {BOUNDS[-1]:g} ms"],
        "actual": _shares(counts),
    }
    said = ", ".join(f"{name} {number:.3g} ms" for name, number in found.items() if number is not None)
    return Found(0, value, f"{said} over {sums.requests} requests.", {**found, "bins": bins})


def _errors(monitor: Monitor, sums: Sums, since: dt.datetime, until: dt.datetime) -> Found:
    counted = {
        "server_errors": sums.server_errors, "limited": sums.limited,
        "all_errors": sums.server_errors + sums.caller_errors + sums.limited,
    }  # fmt: skip
    wrong = counted[monitor.settings["metric"]]
    said = f"{wrong} of {sums.requests} requests failed ({wrong / sums.requests:.2%})."
    return Found(0, wrong / sums.requests, said, {**counted, "caller_errors": sums.caller_errors})


def _volume(monitor: Monitor, sums: Sums, since: dt.datetime, until: dt.datetime) -> Found:
    """Requests, or by which share they differ from those of the window before."""
    before = _sums(monitor, since - (until - since), since)
    body = {"requests": sums.requests, "before": before.requests}
    if monitor.settings["metric"] == "requests":
        return Found(sums.requests, float(sums.requests), f"{sums.requests} requests.", body, since)
    if before.requests < monitor.settings["min_rows"]:
        return Found(
            sums.requests, None, f"Only {before.requests} requests came in the window before.", body, since
        )
    change = abs(sums.requests / before.requests - 1)
    said = f"{sums.requests} requests after {before.requests} in the window before."
    return Found(sums.requests, change, said, body, since)


def _cost(monitor: Monitor, sums: Sums, since: dt.datetime, until: dt.datetime) -> Found:
    """What processors and memory cost that revisions held in the window, by the prices of this installation."""
    lines = [_held(each, since, until) for each in _running(monitor, since, until)]
    total = sum(line["cost"] for line in lines)
    currency = portal_settings.TRAINING_CURRENCY
    body = {"revisions": lines, "total": total, "currency": currency, "requests": sums.requests}
    if monitor.settings["metric"] == "total":
        return Found(
            sums.requests, total, f"{total:.4g} {currency} for {sums.requests} requests.", body, since
        )
    if sums.requests < monitor.settings["min_rows"]:
        return Found(sums.requests, None, f"{sums.requests} requests came, which share nothing.", body, since)
    each = total * 1000 / sums.requests
    return Found(sums.requests, each, f"{each:.4g} {currency} for 1,000 requests.", body, since)


def _running(monitor: Monitor, since: dt.datetime, until: dt.datetime) -> list[Revision]:
    started = Revision.objects.filter(endpoint=monitor.endpoint_id, ready_at__lt=until)
    return list(started.filter(Q(stopped_at=None) | Q(stopped_at__gt=since)).order_by("number"))


def _held(revision: Revision, since: dt.datetime, until: dt.datetime) -> dict[str, Any]:
    begin, end = max(revision.ready_at or until, since), min(revision.stopped_at or until, until)
    hours = max(0.0, (end - begin).total_seconds()) / 3600
    size, prices = revision.settings.get("resources", {}), portal_settings.TRAINING_PRICES
    an_hour = size.get("cpus", 1) * prices["cpu"] + size.get("memory_mb", 0) / 1024 * prices["gib"]
    return {"revision": revision.number, "hours": hours, "cost": hours * size.get("replicas", 1) * an_hour}


def _shares(counts: list[int]) -> list[float]:
    total = sum(counts) or 1
    return [round(each / total, 6) for each in counts]
