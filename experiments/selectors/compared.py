"""Runs side by side: every fact of them as a line with one value a run, those that differ first."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from experiments.models import LatestMetric, Param, Run, RunTag
from experiments.selectors.colours import run_colours
from experiments.validation.batches import LARGEST_DOUBLE
from portal.accounts.actor import Actor
from portal.kernel import sql

# A metric with one of these words in its name is the better the smaller it is.
_LESS_IS_BETTER = {
    "loss", "error", "err", "mse", "rmse", "mae", "mape", "perplexity", "nll", "logloss", "brier", "wer", "cer", "fpr",
    "fnr", "latency", "seconds", "duration", "time", "ms", "memory", "mb", "gb", "divergence", "residual", "cost",
}  # fmt: skip
CODE_TAGS = {
    "mlflow.source.git.commit": "Commit",
    "mlflow.source.git.branch": "Branch",
    "mlflow.source.git.repoURL": "Repository",
    "mlflow.source.git.dirty": "Uncommitted changes",
    "mlflow.source.name": "Entry point",
    "mlflow.source.type": "Kind",
    "mlflow.project.entryPoint": "Project entry point",
}
DIFF_TAG = "mlflow.source.git.diff"
_SYSTEM_PREFIXES = ("mlflow.",)
# Metrics that many points were logged of; the index alone tells, without the points.
_CHARTED = """
SELECT key, bool_or(amount > 1) FROM (
    SELECT key, run_id, sum(points) AS amount FROM experiments_metricchunk WHERE run_id = ANY(%(runs)s)
    GROUP BY key, run_id
) each GROUP BY key ORDER BY starts_with(key, 'system/'), key
"""


@dataclass(frozen=True)
class Beside:
    """One run of a comparison."""

    run: Run
    owner: str
    colour: int
    params: dict[str, str]
    metrics: dict[str, float]
    tags: dict[str, str]

    @cached_property
    def id(self) -> str:
        return self.run.pk.hex


@dataclass(frozen=True)
class Cell:
    """One value of a line; `delta` is the difference to the baseline, `mark` is best, worst or nothing."""

    value: Any
    delta: float | None = None
    mark: str = ""
    is_changed: bool = False


@dataclass(frozen=True)
class Line:
    """One fact of all runs."""

    name: str
    cells: list[Cell]
    differs: bool
    note: str = ""

    @property
    def values(self) -> list[Any]:
        return [cell.value for cell in self.cells]


@dataclass(frozen=True)
class Group:
    """Lines under a title: those that differ, and those that are alike."""

    title: str
    kind: str
    different: list[Line] = field(default_factory=list)
    same: list[Line] = field(default_factory=list)

    @property
    def lines(self) -> list[Line]:
        return self.different + self.same


def beside(actor: Actor, run_ids: Sequence[UUID]) -> list[Beside]:
    """These runs with their params, metrics and tags, in this order; the caller has made sure that they are seen."""
    runs = Run.objects.select_related("experiment", "created_by", "workspace").in_bulk(run_ids)
    colours = run_colours(actor, run_ids)
    params = _by_run(Param.objects.filter(run__in=run_ids).values_list("run_id", "key", "value"))
    tags = _by_run(RunTag.objects.filter(run__in=run_ids).values_list("run_id", "key", "value"))
    metrics = _by_run(
        (run_id, key, math.nan if is_nan else value)
        for run_id, key, value, is_nan in LatestMetric.objects.filter(run__in=run_ids).values_list(
            "run_id", "key", "value", "is_nan"
        )
    )
    return [
        Beside(
            run, run.created_by.username if run.created_by else run.user_name, colours[run_id],
            params.get(run_id, {}), metrics.get(run_id, {}), tags.get(run_id, {}),
        )
        for run_id in run_ids
        if (run := runs.get(run_id)) is not None
    ]  # fmt: skip


def value_groups(runs: Sequence[Beside], base: Beside) -> list[Group]:
    """Params, metrics, what the runs are, and their tags."""
    at = next(index for index, each in enumerate(runs) if each.id == base.id)
    return [
        text_group("Params", [each.params for each in runs], at, kind="param"),
        metric_group([each.metrics for each in runs], at),
        text_group("Runs", [_about(each) for each in runs], at),
        text_group("Tags", [_own_tags(each.tags) for each in runs], at, kind="tag"),
    ]


def text_group(title: str, columns: Sequence[Mapping[str, Any]], base: int, *, kind: str = "") -> Group:
    """One line for each name that any of the columns has."""
    group = Group(title, kind or title.lower())
    for name in sorted({name for column in columns for name in column}):
        values = [column.get(name) for column in columns]
        differs = any(value != values[0] for value in values)
        cells = [Cell(value, is_changed=value != values[base]) for value in values]
        (group.different if differs else group.same).append(Line(name, cells, differs))
    return group


def metric_group(columns: Sequence[Mapping[str, float]], base: int) -> Group:
    """The last values, with differences to the baseline, the best and the worst of each."""
    group = Group("Metrics", "metric")
    for name in sorted({name for column in columns for name in column}, key=_system_last):
        values = [column.get(name) for column in columns]
        finite = [value for value in values if value is not None and is_finite(value)]
        is_less = less_is_better(name)
        low, high = (min(finite), max(finite)) if finite else (None, None)
        best, worst = (low, high) if is_less else (high, low)
        cells = [
            Cell(value, _delta(value, values[base], index == base), _mark(value, best, worst))
            for index, value in enumerate(values)
        ]
        differs = any(value != values[0] for value in values)
        line = Line(name, cells, differs, "less is better" if is_less else "more is better")
        (group.different if differs else group.same).append(line)
    return group


def less_is_better(key: str) -> bool:
    """What the name of a metric says about its direction; a guess by its words, which pages tell."""
    words = "".join(letter if letter.isalnum() else " " for letter in key.lower()).split()
    return any(word in _LESS_IS_BETTER for word in words)


def is_finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value) and abs(value) < LARGEST_DOUBLE


def charted_keys(run_ids: Sequence[UUID]) -> list[str]:
    """The metrics of which at least one run has more than one point; those of the system last."""
    return [key for key, is_charted in sql.rows(_CHARTED, {"runs": list(run_ids)}) if is_charted]


def code_group(runs: Sequence[Beside], base: int) -> Group:
    """Where the code came from."""
    columns = [
        {label: each.tags[tag] for tag, label in CODE_TAGS.items() if tag in each.tags} for each in runs
    ]
    return text_group("Code", columns, base)


def _about(each: Beside) -> dict[str, Any]:
    run = each.run
    return {
        "Status": run.status,
        "Experiment": run.experiment.name,
        "Owner": each.owner,
        "Seconds": None if run.end_time is None else (run.end_time - run.start_time) / 1000,
    }


def _own_tags(tags: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if not key.startswith(_SYSTEM_PREFIXES)}


def _by_run(rows: Iterable[tuple[UUID, str, Any]]) -> dict[UUID, dict[str, Any]]:
    found: dict[UUID, dict[str, Any]] = {}
    for run_id, key, value in rows:
        found.setdefault(run_id, {})[key] = value
    return found


def _delta(value: float | None, base: float | None, is_base: bool) -> float | None:
    if is_base or not is_finite(value) or not is_finite(base):
        return None
    return float(value or 0) - float(base or 0)


def _mark(value: float | None, best: float | None, worst: float | None) -> str:
    if value is None or best == worst:
        return ""
    return "best" if value == best else "worst" if value == worst else ""


def _system_last(key: str) -> tuple[bool, str]:
    return key.startswith("system/"), key
