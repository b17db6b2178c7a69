"""Takes points to a store: what is there already is found by its checksum, as when they are brought."""

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from experiments.models import LoggedModel, Run
from transfer.points import Hashes, checksum, hashes, picked, stored
from transfer.report import Report
from transfer.selectors import hashes_here, keys_here, points_here
from transfer.targets.mlflow_target import MlflowTarget

Facts: TypeAlias = dict[str, list[int | str]]


@dataclass
class PointExport:
    """Writes the points of one run after the other."""

    target: MlflowTarget
    report: Report

    def take(self, run: Run, there: str, seen: Facts, *, is_new: bool) -> Facts:
        """Take the histories of a run that are not there; `key -> [count, checksum]` of what is here."""
        facts: Facts = {}
        for key in keys_here(run.pk):
            facts[key] = list(checksum([hashes_here(run.pk, key)]))
            if seen.get(key) != facts[key]:
                self._key(run, there, key, np.array([], np.uint64) if is_new else self._there(there, key))
                found = list(checksum([self._there(there, key)]))
                self.report.checked["metric points"] += int(facts[key][0])
                if found != facts[key]:
                    self.report.differ(
                        "metric", f"{key} of run {run.pk.hex}", f"{facts[key][0]} here, {found[0]} there"
                    )
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

    def _key(self, run: Run, there: str, key: str, known: Hashes) -> None:
        for points in points_here(run.pk, key):
            numbers = hashes(points)
            _, first = np.unique(numbers, return_index=True)
            is_first: NDArray[np.bool_] = np.zeros(len(points), np.bool_)
            is_first[first] = True  # a client may have sent a point twice
            new = picked(points, is_first & ~np.isin(numbers, known, kind="sort"))
            known = np.union1d(known, numbers)
            self.target.points_log(there, new)
            self.report.made["metric points"] += len(new)

    def _there(self, run_id: str, key: str) -> Hashes:
        found = [hashes(stored(points)) for points in self.target.histories.points(run_id, [key])]
        return np.unique(np.concatenate(found)) if found else np.array([], np.uint64)
