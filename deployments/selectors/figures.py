"""What endpoints were asked and how they answered, from the sums that gateways write every half second."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from deployments.facts import LIVE
from deployments.latency import PLACES, percentile
from deployments.models import Endpoint, Revision
from portal.kernel import sql
from portal.kernel.clock import now

SPAN = dt.timedelta(seconds=10)
# One pass over the rows: each place of the counts is a sum of its own.
_PLACES = ", ".join(f"sum(latency[{place + 1}])" for place in range(PLACES))
_SUMS = f"""
SELECT date_bin(%(step)s, at, %(since)s) AS begins, revision_id, sum(requests), sum(caller_errors), sum(limited),
    sum(server_errors), sum(milliseconds), ARRAY[{_PLACES}]
FROM deployments_trafficfigure
WHERE endpoint_id = %(endpoint)s AND at >= %(since)s AND at < %(until)s
    AND (%(revision)s::uuid IS NULL OR revision_id = %(revision)s) AND role = %(role)s
GROUP BY begins, revision_id ORDER BY begins, revision_id
"""  # noqa: S608 - numbers of ours


@dataclass(frozen=True)
class Figures:
    """Of one revision over a time; `revision_id` is None for what came to none (refused, stopped, limited).

    `caller_errors` are answers 4xx without 429, `limited` those, `server_errors` 5xx. Latencies are in milliseconds.
    """

    begins: dt.datetime
    seconds: float
    revision_id: UUID | None
    requests: int
    caller_errors: int
    limited: int
    server_errors: int
    milliseconds: float
    latency: Sequence[int]

    @property
    def error_rate(self) -> float:
        """The share of requests that the server failed on, 0 to 1."""
        return self.server_errors / self.requests if self.requests else 0.0

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    @property
    def mean_ms(self) -> float | None:
        return self.milliseconds / self.requests if self.requests else None

    @property
    def p50_ms(self) -> float | None:
        return percentile(self.latency, 0.5)

    @property
    def p95_ms(self) -> float | None:
        return percentile(self.latency, 0.95)

    @property
    def p99_ms(self) -> float | None:
        return percentile(self.latency, 0.99)


def figures_series(
    endpoint: Endpoint, since: dt.datetime, until: dt.datetime, step: dt.timedelta, *, role: str = LIVE
) -> list[Figures]:
    """Figures of each revision for each step that has any, in the order of time. `step` is 10 seconds or more."""
    return _read(endpoint, None, since, until, max(step, SPAN), role)


def figures_of(endpoint: Endpoint, window: dt.timedelta, *, role: str = LIVE) -> list[Figures]:
    """The sums of each revision over a time that ends now."""
    until = now()
    return _read(endpoint, None, until - window, until + SPAN, window + 2 * SPAN, role)


def revision_figures(
    revision: Revision, since: dt.datetime, until: dt.datetime | None = None, *, role: str = LIVE
) -> Figures:
    """The sums of one revision since a time, for guards of a roll-out; zeros where nothing was asked."""
    until = until or now() + SPAN
    found = _read(revision.endpoint, revision.pk, since, until, until - since + SPAN, role)
    seconds = max((until - since).total_seconds(), 1.0)
    return found[0] if found else Figures(since, seconds, revision.pk, 0, 0, 0, 0, 0.0, ())


def _read(
    endpoint: Endpoint, revision: UUID | None, since: dt.datetime, until: dt.datetime, step: dt.timedelta, role: str
) -> list[Figures]:  # fmt: skip
    given = {
        "endpoint": endpoint.pk, "revision": revision, "since": since, "until": until, "step": step, "role": role,
    }  # fmt: skip
    seconds = min(step, until - since).total_seconds()
    return [
        Figures(begins, seconds, who, asked, caller, limited, server, took, latency)
        for begins, who, asked, caller, limited, server, took, latency in sql.rows(_SUMS, given, binary=True)
    ]
