"""Takes points to a store: what is there already is found by its checksum, as when they are brought."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from experiments.models import LatestMetric, LoggedModel, Run
from transfer.objects import Points
from transfer.points import Hashes, checksum, hashes, picked, stored
from transfer.points_here import hashes_here, keys_here, points_here
from transfer.report import Report
from transfer.targets.calls import POINTS_PER_CALL
from transfer.targets.mlflow_target import MlflowTarget

Facts: TypeAlias = dict[str, list[int | str]]
_NONE: Hashes = np.array([], np.uint64)


@dataclass(frozen=True)
class Wanted:
    """A run whose points go to the run `there`; `seen` is `key -> [count, checksum]` of what went the last time."""

    run: Run
    there: str
    seen: Facts
    is_new: bool


@dataclass
class PointExport:
    """Writes the points of some runs at a time."""

    target: MlflowTarget
    report: Report

    def take(self, wanted: Sequence[Wanted]) -> list[Facts]:
        """Take the histories of runs that are not there, and compare; `key -> [count, checksum]` of each run's here."""
        facts = [_facts(each.run) for each in wanted]
        news = [
            (each, found, [key for key in found if each.seen.get(key) != found[key]])
            for each, found in zip(wanted, facts, strict=True)
        ]
        self.target.points_log(
            (each.there, self._new(each, keys))
            for each, found, changed in news
            for keys in _together(found, changed)
        )
        self.target.histories.expect(
            {each.there: _places(each.run, changed) for each, _, changed in news if changed}
        )
        for each, found, changed in news:
            if changed:
                self._compare(each, {key: found[key] for key in changed})
        return facts

    def take_model(self, model: LoggedModel, there: str, runs: dict[UUID, str]) -> None:
        """Take the points of a logged model."""
        points: dict[str, list[dict[str, object]]] = {}
        for each in model.metrics.order_by("pk"):
            if each.run_id not in runs:
                self.report.leave_out("metric of logged model", model.pk, "its run was not taken")
                continue
            points.setdefault(runs[each.run_id], []).append(
                {
                    "key": each.key, "value": float("nan") if each.is_nan else each.value, "timestamp": each.timestamp,
                    "step": each.step, "model_id": there, "dataset_name": each.dataset_name or None,
                    "dataset_digest": each.dataset_digest or None, "run_id": runs[each.run_id],
                }
            )  # fmt: skip
        for run_id, rows in points.items():
            self.target.model_points_log(run_id, rows)

    def _new(self, wanted: Wanted, keys: Sequence[str]) -> Iterator[Points]:
        """The points of these metrics that are not there yet, each once: a client may have sent one twice."""
        there = {} if wanted.is_new else self._there(wanted.there, keys)
        for key in keys:
            known = there.pop(key, _NONE)
            for points in points_here(wanted.run.pk, key):
                numbers = hashes(points)
                _, first = np.unique(numbers, return_index=True)
                is_first: NDArray[np.bool_] = np.zeros(len(points), np.bool_)
                is_first[first] = True
                new = picked(points, is_first & ~np.isin(numbers, known, kind="sort"))
                known = np.union1d(known, numbers)
                self.report.made["metric points"] += len(new)
                yield new

    def _compare(self, wanted: Wanted, facts: Facts) -> None:
        there = self._there(wanted.there, list(facts))
        for key, expected in facts.items():
            found = list(checksum([there.get(key, _NONE)]))
            self.report.checked["metric points"] += int(expected[0])
            if found != expected:
                self.report.differ(
                    "metric", f"{key} of run {wanted.run.pk.hex}", f"{expected[0]} here, {found[0]} there"
                )

    def _there(self, run_id: str, keys: Sequence[str]) -> dict[str, Hashes]:
        found: dict[str, list[Hashes]] = {}
        for points in self.target.histories.points(run_id, keys):
            found.setdefault(points.key, []).append(hashes(stored(points)))
        return {key: np.unique(np.concatenate(parts)) for key, parts in found.items()}


def _facts(run: Run) -> Facts:
    return {key: list(checksum([hashes_here(run.pk, key)])) for key in keys_here(run.pk)}


def _together(facts: Facts, keys: Sequence[str]) -> Iterator[list[str]]:
    """Short histories of a run go together, until they fill a call; a long one goes alone, beside others."""
    waiting: list[str] = []
    count = 0
    for key in keys:
        if int(facts[key][0]) >= POINTS_PER_CALL:
            yield [key]
            continue
        if waiting and count + int(facts[key][0]) > POINTS_PER_CALL:
            yield waiting
            waiting, count = [], 0
        waiting.append(key)
        count += int(facts[key][0])
    if waiting:
        yield waiting


def _places(run: Run, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Step and time of the latest point of each metric, which what is read back must have in it."""
    found = LatestMetric.objects.filter(run=run, key__in=keys).values_list("key", "step", "timestamp")
    return {key: (step, timestamp) for key, step, timestamp in found}
