"""Whole metric histories, fast: rows in a stream from a database; `mlflow_server` has those of a server."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol

import sqlalchemy as sa
from mlflow.store.tracking.dbmodels.models import SqlMetric

from transfer.objects import Points
from transfer.sources.columns import rows_columns
from transfer.sources.mlflow_server import POINTS_PER_PAGE, Place, ServerHistories

_KEYS_PER_QUERY = 400
_HELD_POINTS = 2_000_000  # 24 bytes each


class Histories(Protocol):
    def expect(self, wanted: Mapping[str, Mapping[str, Place]]) -> None: ...

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

    def expect(self, wanted: Mapping[str, Mapping[str, Place]]) -> None:
        pass

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
                    yield rows_columns(key, [(r[1], r[2], float("nan") if r[4] else r[3]) for r in group])


class FileHistories:
    """From a folder of files, which holds a repeated point as often as it was logged."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def expect(self, wanted: Mapping[str, Mapping[str, Place]]) -> None:
        pass

    def counts(self, run_ids: Sequence[str]) -> None:
        return None

    def points(self, run_id: str, keys: Sequence[str]) -> Iterator[Points]:
        for key in keys:
            rows = dict.fromkeys(
                (int(m.step), int(m.timestamp), float(m.value))
                for m in self._store.get_metric_history(run_id, key)
            )
            if rows:
                yield rows_columns(key, list(rows))
