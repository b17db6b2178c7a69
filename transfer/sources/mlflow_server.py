"""Metric histories of a tracking server: a metric of many runs by one request, and several requests at once.

MLflow's documented call pages through one metric of one run. What its own pages draw charts with takes many runs, and
costs the server two thirds as much for each point. It cuts its answer off at 25,000 points, in the order of the runs:
what is read of it are the runs before the cut. All others, and servers that know no such call, are paged through.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
import orjson
import requests
from mlflow.exceptions import MlflowException
from mlflow.utils.rest_utils import http_request

from transfer.objects import Points
from transfer.sources.columns import rows_columns

POINTS_PER_PAGE = 25_000  # the most that MLflow answers with
CONNECTIONS = 4  # a stock server has as many workers
_HELD_POINTS = 1_000_000  # of one batch; there are two
_FIRST_RUNS, _MOST_RUNS = 8, 50  # ids of 50 runs are 2 kB of an address, of which some servers take 4
_HISTORY = "/api/2.0/mlflow/metrics/get-history"
_BULK = "/ajax-api/2.0/mlflow/metrics/get-history-bulk"

Place: TypeAlias = tuple[int, int]  # step and timestamp of a metric's latest point
Found: TypeAlias = tuple[dict[str, Points], int]  # by run, and how many points the answer had
_Batch: TypeAlias = tuple[tuple[str, ...], dict[str, Future[Found]]]


class ServerHistories:
    """By the protocol. A server gives no counts, and pages by an offset."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self._pool = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="histories")
        self._expected: deque[tuple[str, Mapping[str, Place]]] = deque()
        self._next: _Batch | None = None
        self._here: dict[str, dict[str, Points]] = {}  # by run and key
        self._runs, self._has_bulk = _FIRST_RUNS, True
        self._long: set[str] = set()  # metrics of which one run fills an answer

    def counts(self, run_ids: Sequence[str]) -> None:
        return None

    def expect(self, wanted: Mapping[str, Mapping[str, Place]]) -> None:
        """`run -> {key: place of its latest point}` of what will be asked for next, in this order."""
        self._here, self._next = {}, None
        self._expected = deque(wanted.items())

    def points(self, run_id: str, keys: Sequence[str]) -> Iterator[Points]:
        here = self._taken(run_id)
        yield from (here[key] for key in keys if key in here)
        yield from self._paged(run_id, [key for key in keys if key not in here])

    def _taken(self, run_id: str) -> dict[str, Points]:
        """What came of a run in the batch that it is in; the next batch is then on its way."""
        if run_id not in self._here and (batch := self._next or self._begun()):
            self._here = self._landed(*batch)
            self._next = self._begun()
        return self._here.pop(run_id, {})

    def _begun(self) -> _Batch | None:
        batch = dict(islice(self._expected, self._runs)) if self._has_bulk else {}
        for _ in batch:
            self._expected.popleft()
        by_key: dict[str, dict[str, Place]] = {}
        for run_id, places in batch.items():
            for key in places.keys() - self._long:
                by_key.setdefault(key, {})[run_id] = places[key]
        asked = {key: self._pool.submit(self._bulk, key, places) for key, places in by_key.items()}
        return (tuple(batch), asked) if batch else None

    def _landed(
        self, run_ids: Sequence[str], asked: Mapping[str, Future[Found]]
    ) -> dict[str, dict[str, Points]]:
        """Wait for a batch; the next one has as many runs as fit into half an answer, and into the memory."""
        landed: dict[str, dict[str, Points]] = {run_id: {} for run_id in run_ids}
        most, total = 1, 1
        for key, answer in asked.items():
            found, count = answer.result()
            for run_id, points in found.items():
                landed[run_id][key] = points
            most, total = max(most, count), total + count
            if count >= POINTS_PER_PAGE and len(run_ids) == 1:
                self._long.add(key)
        fitting = len(run_ids) * min(POINTS_PER_PAGE / 2 / most, _HELD_POINTS / total)
        self._runs = max(1, min(_MOST_RUNS, int(fitting)))
        return landed

    def _bulk(self, key: str, latest: Mapping[str, Place]) -> Found:
        """One metric of several runs: those of which all points came, the latest among them."""
        params = {"metric_key": key, "run_id": sorted(latest), "max_results": POINTS_PER_PAGE}
        try:
            metrics = self._answer(_BULK, params, max_retries=2)["metrics"]
            rows: dict[str, list[Any]] = {}
            for each in metrics:
                rows.setdefault(each["run_id"], []).append(each)
        except (MlflowException, requests.RequestException, ValueError, LookupError, TypeError):
            self._has_bulk = False  # what is wrong with the server, the documented call will tell
            return {}, 0
        if len(metrics) >= POINTS_PER_PAGE:
            del rows[metrics[-1]["run_id"]]
        columns = {run_id: _columns(key, rows[run_id]) for run_id in rows.keys() & latest.keys()}
        return {run_id: found for run_id, found in columns.items() if _has(found, latest[run_id])}, len(
            metrics
        )

    def _paged(self, run_id: str, keys: Sequence[str]) -> Iterator[Points]:
        """Page by page, while the first pages of the next metrics are on their way."""
        first: deque[Future[Any]] = deque()
        for number, key in enumerate(keys):
            for ahead in keys[number + len(first) : number + CONNECTIONS]:
                first.append(self._pool.submit(self._page, run_id, ahead, ""))
            page: Future[Any] | None = first.popleft()
            while page:
                found = page.result()
                token = found.get("next_page_token")
                page = self._pool.submit(self._page, run_id, key, token) if token else None
                if metrics := found.get("metrics"):
                    yield _columns(key, metrics)

    def _page(self, run_id: str, key: str, token: str) -> Any:
        params = {"run_id": run_id, "metric_key": key, "max_results": POINTS_PER_PAGE}
        if token:
            params["page_token"] = token
        return self._answer(_HISTORY, params)

    def _answer(self, path: str, params: Mapping[str, Any], **options: Any) -> Any:
        answer = http_request(self._store.get_host_creds(), path, "GET", params=params, **options)
        if answer.status_code != 200:
            raise MlflowException(f"HTTP {answer.status_code} to the history of {params['metric_key']}")
        # MLflow's documented call writes NaN and infinity as strings, the other one bare, which orjson does not take.
        try:
            return orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            return answer.json()


def _columns(key: str, metrics: Sequence[Mapping[str, Any]]) -> Points:
    return rows_columns(
        key, ((int(m.get("step", 0)), int(m.get("timestamp", 0)), float(m.get("value", 0))) for m in metrics)
    )


def _has(points: Points, place: Place) -> bool:
    """Whether the latest point is there: a server that cuts off earlier than MLflow does is not believed."""
    return bool(np.any((points.steps == place[0]) & (points.timestamps == place[1])))
