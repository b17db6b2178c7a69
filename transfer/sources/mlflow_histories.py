"""Whole metric histories, fast: rows in a stream from a database, pages of 25,000 points from a server."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol

import numpy as np
import orjson
import sqlalchemy as sa
from mlflow.exceptions import MlflowException
from mlflow.store.tracking.dbmodels.models import SqlMetric
from mlflow.utils.rest_utils import http_request

from transfer.objects import Points, SourceUnavailable

POINTS_PER_PAGE = 25_000
_KEYS_PER_QUERY = 400
_HELD_POINTS = 2_000_000  # 24 bytes each
_HISTORY = "/api/2.0/mlflow/metrics/get-history"


class Histories(Protocol):
    def counts(self, run_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]] | None: ...

    def points(self, run_id: str, keys: Sequence[str]) -> Iterator[Points]: ...


def histories_of(store: Any) -> Histories:
    """The fastest way to the points of a store of MLflow's."""
    if hasattr(store, "get_host_creds"):
        return ServerHistories(store)
    if hasattr(store, "engine"):
        return SqlHistories(store)
    return FileHistories(store)


class SqlHistories:
    """Straight from the table of points, by MLflow's own description of it."""

    def __init__(self, store: Any) -> None:
        self._engine = store.engine

    def counts(self, run_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        found: dict[str, dict[str, int]] = {run_id: {} for run_id in run_ids}
        counted = (
            sa.select(SqlMetric.run_uuid, SqlMetric.key, sa.func.count())
            .where(SqlMetric.run_uuid.in_(run_ids))
            .group_by(SqlMetric.run_uuid, SqlMetric.key)
        )
        with self._engine.connect() as connection:
            for run_id, key, count in connection.execute(counted):
                found[run_id][key] = count
        return found

    def points(self, run_id: str, keys: Sequence[str]) -> Iterator[Points]:
        """In a stream; from SQLite, where a reader keeps the server from writing, as much at once as may be held."""
        held = _HELD_POINTS if self._engine.dialect.name == "sqlite" else 0
        for start in range(0, len(keys), _KEYS_PER_QUERY):
            waiting: list[Points] = []
            for page in self._pages(run_id, keys[start : start + _KEYS_PER_QUERY]):
                waiting.append(page)
                if sum(map(len, waiting)) >= held:
                    yield from waiting
                    waiting = []
            yield from waiting

    def _pages(self, run_id: str, keys: Sequence[str]) -> Iterator[Points]:
        columns = (SqlMetric.key, SqlMetric.step, SqlMetric.timestamp, SqlMetric.value, SqlMetric.is_nan)
        wanted = (
            sa.select(*columns)
            .where(SqlMetric.run_uuid == run_id, SqlMetric.key.in_(keys))
            .order_by(SqlMetric.key, SqlMetric.timestamp, SqlMetric.step, SqlMetric.value)
        )
        with self._engine.connect().execution_options(stream_results=True) as connection:
            for rows in connection.execute(wanted).partitions(POINTS_PER_PAGE):
                for key, group in groupby(rows, key=itemgetter(0)):
                    yield _columns(key, [(r[1], r[2], float("nan") if r[4] else r[3]) for r in group])


class ServerHistories:
    """By the protocol. A server gives no counts, and pages by an offset."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def counts(self, run_ids: Sequence[str]) -> None:
        return None

    def points(self, run_id: str, keys: Sequence[str]) -> Iterator[Points]:
        for key in keys:
            token = ""
            while True:
                found = self._page(run_id, key, token)
                metrics = found.get("metrics", ())
                if metrics:
                    yield _columns(
                        key,
                        [
                            (int(m.get("step", 0)), int(m.get("timestamp", 0)), float(m.get("value", 0)))
                            for m in metrics
                        ],
                    )
                token = found.get("next_page_token") or ""
                if not token:
                    break

    def _page(self, run_id: str, key: str, token: str) -> Any:
        params = {"run_id": run_id, "metric_key": key, "max_results": POINTS_PER_PAGE}
        if token:
            params["page_token"] = token
        answer = http_request(self._store.get_host_creds(), _HISTORY, "GET", params=params)
        if answer.status_code != 200:
            raise MlflowException(f"HTTP {answer.status_code} to the history of {key} of run {run_id}")
        # MLflow writes NaN and infinity as strings; orjson takes no bare ones.
        try:
            return orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            return answer.json()


class FileHistories:
    """From a folder of files, which holds a repeated point as often as it was logged."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def counts(self, run_ids: Sequence[str]) -> None:
        return None

    def points(self, run_id: str, keys: Sequence[str]) -> Iterator[Points]:
        for key in keys:
            rows = dict.fromkeys(
                (int(m.step), int(m.timestamp), float(m.value))
                for m in self._store.get_metric_history(run_id, key)
            )
            if rows:
                yield _columns(key, list(rows))


def _columns(key: str, rows: list[tuple[int, int, float]]) -> Points:
    try:
        steps, timestamps, values = zip(*rows, strict=True)
        return Points(
            key, np.array(steps, np.int64), np.array(timestamps, np.int64), np.array(values, np.float64)
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise SourceUnavailable(f"The points of {key} are no numbers: {error}") from error
