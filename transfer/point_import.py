"""Brings the points of runs over: what is here already is found by its checksum, so nothing comes twice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from django.db import transaction

from experiments.batch import Metrics
from experiments.models import Run
from experiments.validation.names import MAX_KEY_LENGTH, length_check, metric_name_check
from portal.accounts.actor import Actor
from portal.kernel.mlflow_errors import ProtocolError
from transfer.objects import Points, Reader, SourceRun
from transfer.points import Hashes, checksum, hashes, picked, stored
from transfer.points_here import hashes_here, keys_here
from transfer.progress import Progress
from transfer.report import Report
from transfer.services.held import runs_held
from transfer.services.runs import points_drop, points_import

Facts: TypeAlias = dict[str, list[Any]]  # key -> [count, checksum]
POINTS_PER_WRITE = 32_768  # a multiple of a chunk's 256, so that long histories fill their chunks


@dataclass
class PointImport:
    """Writes the points of one run after the other."""

    actor: Actor
    reader: Reader
    report: Report
    progress: Progress
    _waiting: list[Points] = field(default_factory=list)
    _replaced: Facts = field(default_factory=dict)
    _on_hold: set[str] = field(default_factory=set)

    def bring(
        self, run: SourceRun, target: Run, keys: Sequence[str], *, seen: dict[str, Any], is_new: bool
    ) -> Facts:
        """Bring over the histories of these keys; `key -> [count, checksum]` of what the source has.

        `seen` is what was noted of the run the last time; what people keep of a sampled metric is noted in it.
        """
        here = set() if is_new else set(keys_here(target.pk))
        facts: dict[str, list[Hashes]] = {key: [] for key in keys}
        known: dict[str, Hashes] = {}
        self._on_hold.clear()
        for page in self._pages(run, keys):
            points = stored(page)
            numbers = hashes(points)
            facts[page.key].append(numbers)
            if page.key in here:
                if page.key not in known:
                    self._flush(target)
                    # One key at a time, to bound memory.
                    found = hashes_here(target.pk, page.key)
                    is_here = np.isin(found, numbers).all()
                    known = {
                        page.key: found if is_here else self._staying(run, target, seen, page.key, found)
                    }
                if page.key in seen.get("kept", ()) or page.key in self._on_hold:
                    facts[page.key] = [known[page.key]]
                    continue
                points = picked(points, ~np.isin(numbers, known[page.key], kind="sort"))
            self._add(target, points)
        self._flush(target)
        # A source may hold a point twice, which is one point here.
        return {
            key: list(checksum([np.unique(np.concatenate(found))] if found else []))
            for key, found in facts.items()
        }

    def _staying(self, run: SourceRun, target: Run, seen: dict[str, Any], key: str, found: Hashes) -> Hashes:
        """What stays of what is here of a metric: nothing of a sample that is as it came and was taken anew.

        Where people logged more of it here, theirs is kept, which is noted; so is what a legal hold keeps, until then.
        """
        if not (key in run.sampled or key in seen.get("sampled", ())):
            return found
        facts = list(checksum([found]))
        if key not in seen.get("kept", ()) and facts == seen.get("points", {}).get(key):
            if runs_held(target.workspace_id, [target.pk]):
                self._on_hold.add(key)
                why = (
                    "a legal hold keeps the points that came before; release the hold and import with --full"
                )
                self.report.leave_out("metric", f"{key} of run {run.id}", why)
                return found
            self._replaced[key] = facts
            return np.array([], np.uint64)
        if key in run.sampled:
            seen["kept"] = sorted({key, *seen.get("kept", ())})
            why = "it has points here that did not come with it, so what the source says anew was not brought"
            self.report.leave_out("metric", f"{key} of run {run.id}", why)
        return found

    def _pages(self, run: SourceRun, keys: Sequence[str]) -> Iterator[Points]:
        return self.reader.history(run, keys) if keys else iter(())

    def is_takeable(self, run: SourceRun, key: str) -> bool:
        """Whether the portal takes a metric of that name; one that it refuses is listed."""
        try:
            metric_name_check(key)
            length_check("Metric name", key, MAX_KEY_LENGTH)
        except ProtocolError as no:
            self.report.leave_out("metric", f"{key} of run {run.id}", no.detail)
            return False
        return True

    def _add(self, target: Run, points: Points) -> None:
        for start in range(0, len(points), POINTS_PER_WRITE):
            part = picked(points, np.arange(len(points)) // POINTS_PER_WRITE == start // POINTS_PER_WRITE)
            if sum(map(len, self._waiting)) + len(part) > POINTS_PER_WRITE:
                self._flush(target)
            self._waiting.append(part)

    def _flush(self, target: Run) -> None:
        if not self._waiting:
            return
        parts, self._waiting = self._waiting, []
        replaced, self._replaced = self._replaced, {}
        metrics = Metrics(
            keys=[part.key for part in parts for _ in range(len(part))],
            values=[value for part in parts for value in part.values.tolist()],
            timestamps=[moment for part in parts for moment in part.timestamps.tolist()],
            steps=[step for part in parts for step in part.steps.tolist()],
        )
        with transaction.atomic():
            if replaced:
                points_drop(actor=self.actor, run=target, metrics=replaced)
            points_import(actor=self.actor, run=target, metrics=metrics)
        self.report.changed["sampled metrics"] += len(replaced)
        self.report.made["metric points"] += len(metrics)
        self.progress.step("points", len(metrics))
