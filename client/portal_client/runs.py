"""Runs through MLflow's protocol: an iterable of typed runs, which a notebook shows as a live table or chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cached_property

from portal_client.calls import Calls
from portal_client.live import Chart, Table

_PAGE = 200
_PROTOCOL = "/api/2.0/mlflow"


@dataclass(frozen=True)
class Run:
    """A run as it was when it was read. Times are in UTC."""

    id: str
    name: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    user: str
    params: dict[str, str]
    metrics: dict[str, float]
    tags: dict[str, str]

    @property
    def is_running(self) -> bool:
        return self.status in ("RUNNING", "SCHEDULED")


@dataclass(frozen=True)
class Point:
    """A point of a metric; `at` is in milliseconds since the epoch."""

    step: int
    at: int
    value: float


class Runs:
    """Runs of an experiment. Each iteration reads them anew."""

    def __init__(
        self, calls: Calls, experiment: str | int, *, filter: str, order_by: str, limit: int
    ) -> None:
        self._calls, self._experiment = calls, experiment
        self._filter, self._order_by, self._limit = filter, order_by, limit

    def __iter__(self) -> Iterator[Run]:
        left, token = self._limit, ""
        while left > 0:
            asked = {
                "experiment_ids": [self.experiment_id], "filter": self._filter, "max_results": min(left, _PAGE),
                "order_by": [self._order_by] if self._order_by else [], "page_token": token,
            }  # fmt: skip
            page = self._calls.send("POST", f"{_PROTOCOL}/runs/search", body=asked).json()
            found = page.get("runs", [])
            yield from map(_run, found)
            left, token = left - len(found), page.get("next_page_token", "")
            if not token:
                return

    @cached_property
    def experiment_id(self) -> str:
        """The id of the experiment, which is looked up by its name once."""
        if isinstance(self._experiment, int) or self._experiment.isdecimal():
            return str(self._experiment)
        query = {"experiment_name": self._experiment}
        found = self._calls.send("GET", f"{_PROTOCOL}/experiments/get-by-name", query=query).json()
        return str(found["experiment"]["experiment_id"])

    def points(self, runs: Sequence[Run], metric: str, at_most: int = 500) -> dict[str, list[Point]]:
        """Points of a metric by run, thinned to about `at_most` for each."""
        found: dict[str, list[Point]] = {run.id: [] for run in runs}
        for start in range(0, len(runs), 100):
            query = {
                "run_ids": [run.id for run in runs[start : start + 100]], "metric_key": metric,
                "max_results": max(1, min(at_most, 2500)),
            }  # fmt: skip
            answer = self._calls.send(
                "GET", f"{_PROTOCOL}/metrics/get-history-bulk-interval", query=query
            ).json()
            for each in answer.get("metrics", []):
                point = Point(int(each.get("step", 0)), int(each.get("timestamp", 0)), float(each["value"]))
                found[each["run_id"]].append(point)
        return found

    def table(self, columns: Sequence[str] = (), *, every: float = 2.0) -> Table:
        """The runs as a table that a notebook keeps up to date while one of them runs.

        `columns` are `params.…`, `metrics.…` or `tags.…`; without them, all params and metrics.
        """
        return Table(self, columns, every=every)

    def chart(self, metric: str, *, every: float = 2.0) -> Chart:
        """A metric of the runs as lines over steps, kept up to date while one of them runs."""
        return Chart(self, metric, every=every)


def _run(found: dict[str, dict[str, object]]) -> Run:
    info, data = found["info"], found.get("data", {})
    end = int(str(info.get("end_time") or 0))
    return Run(
        id=str(info["run_id"]), name=str(info.get("run_name", "")), status=str(info.get("status", "")),
        started_at=_moment(int(str(info.get("start_time") or 0))), ended_at=_moment(end) if end else None,
        user=str(info.get("user_id", "")), params=_pairs(data.get("params")), tags=_pairs(data.get("tags")),
        metrics={key: float(value) for key, value in _pairs(data.get("metrics")).items()},
    )  # fmt: skip


def _pairs(entries: object) -> dict[str, str]:
    return {str(each["key"]): str(each["value"]) for each in entries} if isinstance(entries, list) else {}


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
