"""Trainings side by side: what they were asked to do, with what they ran, and what came of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from experiments.models import LatestMetric, Param
from portal.accounts.actor import Actor
from portal.kernel.errors import InvalidInput, NotFound
from training.models import TrainingJob
from training.selectors.jobs import training_visible
from training.selectors.lock_reading import lock_packages
from training.selectors.web_training import training_what

MOST = 8


@dataclass(frozen=True)
class Line:
    """One fact of each. `deltas` are the differences of numbers to the first, None where there is none."""

    name: str
    values: list[Any]
    deltas: list[float | None] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        return any(value != self.values[0] for value in self.values[1:])

    @property
    def cells(self) -> list[tuple[Any, float | None]]:
        return list(zip(self.values, self.deltas or [None] * len(self.values), strict=True))


@dataclass(frozen=True)
class Group:
    """Lines under one title. `same` counts those that are alike and left out."""

    title: str
    lines: list[Line]
    same: int = 0


def trainings_chosen(actor: Actor, ids: Iterable[str]) -> list[TrainingJob]:
    """The trainings of these ids, in this order. Raises NotFound for one that the actor may not see."""
    wanted = list(dict.fromkeys(_uuid(each) for each in ids))
    if not 2 <= len(wanted) <= MOST:
        raise InvalidInput(f"Choose from 2 to {MOST} trainings to compare.", code="not_comparable")
    found = {each.pk: each for each in training_visible(actor).filter(pk__in=wanted)}
    if len(found) < len(wanted):
        raise NotFound("No such training, or you may not see it.")
    return [found[each] for each in wanted]


def training_groups(trainings: list[TrainingJob], *, only_differences: bool) -> list[Group]:
    """Everything that is recorded of them, one line a fact."""
    runs = [each.run_id for each in trainings if each.run_id]
    metrics = _by_run(
        LatestMetric.objects.filter(run__in=runs).values_list("run_id", "key", "value"), trainings
    )
    params = _by_run(Param.objects.filter(run__in=runs).values_list("run_id", "key", "value"), trainings)
    asked = [{name: str(value) for name, value in each.spec["parameters"].items()} for each in trainings]
    groups = [
        Group("Metrics", [_with_deltas(line) for line in _lines(metrics)]),
        Group("Parameters", _lines([{**each, **logged} for each, logged in zip(asked, params, strict=True)])),
        Group("Inputs", _lines([_inputs(each) for each in trainings])),
        Group("Code and command", [_line(name, read, trainings) for name, read in _CODE]),
        Group("Machine", [_line(name, read, trainings) for name, read in _MACHINE]),
        _packages(trainings),
    ]
    if only_differences:
        groups = [Group(each.title, [line for line in each.lines if line.differs]) for each in groups]
    return [each for each in groups if each.lines or each.same]


def _packages(trainings: list[TrainingJob]) -> Group:
    """Python and the packages of the locks; those that are alike are counted only."""
    lines = _lines([
        {"Python": each.environment.python_version, **lock_packages(each.environment.lock)} if each.environment else {}
        for each in trainings
    ])  # fmt: skip
    different = [line for line in lines if line.differs]
    return Group("Environment", different, len(lines) - len(different))


def _by_run(rows: Iterable[tuple[Any, str, Any]], trainings: list[TrainingJob]) -> list[dict[str, Any]]:
    found: dict[Any, dict[str, Any]] = {}
    for run_id, key, value in rows:
        found.setdefault(run_id, {})[key] = value
    return [found.get(each.run_id, {}) for each in trainings]


def _lines(columns: list[Mapping[str, Any]] | list[dict[str, Any]]) -> list[Line]:
    names = sorted({name for each in columns for name in each})
    return [Line(name, [each.get(name) for each in columns]) for name in names]


def _with_deltas(line: Line) -> Line:
    first = line.values[0]
    deltas = [None if value is None or first is None else value - first for value in line.values]
    return Line(line.name, line.values, [None, *deltas[1:]])


def _inputs(training: TrainingJob) -> dict[str, str]:
    """Of every input what it is and the digest of what was read; before it ran, what was asked for."""
    seen = training.seen.get("inputs") or {}
    found = {}
    for name, asked in training.spec["inputs"].items():
        each = {**asked, **seen.get(name, {})}
        said = f"{each.get('dataset') or each.get('model')} v{each.get('version', '?')}"
        found[name] = f"{said} {each['digest'][:12]}" if each.get("digest") else said
    return found


def _line(name: str, read: Callable[[TrainingJob], Any], trainings: list[TrainingJob]) -> Line:
    return Line(name, [read(each) for each in trainings])


def _mib(count: int | None) -> str | None:
    return None if count is None else f"{count / 1024**2:,.0f} MiB"


def _machine(name: str) -> Callable[[TrainingJob], Any]:
    return lambda training: (training.seen.get("machine") or {}).get(name)


_CODE: tuple[tuple[str, Callable[[TrainingJob], Any]], ...] = (
    ("Runs", lambda each: training_what(each)[1]),
    ("From", lambda each: each.code and (each.code.git_url or each.code.source)),
    ("Commit", lambda each: each.code and each.code.git_commit[:12]),
    ("Uncommitted changes", lambda each: each.code and ("yes" if each.code.is_dirty else "no")),
    ("Files", lambda each: each.code and each.code.digest[:12]),
    ("Seed", lambda each: each.spec.get("seed")),
)
_MACHINE: tuple[tuple[str, Callable[[TrainingJob], Any]], ...] = (
    ("Platform", _machine("platform")),
    ("Processor", _machine("model")),
    ("Processors", _machine("cpus")),
    ("Graphics", lambda each: ", ".join((each.seen.get("machine") or {}).get("gpus", []))),
    ("Memory", lambda each: _mib((each.seen.get("machine") or {}).get("memory_bytes"))),
    ("Host", _machine("host")),
    ("Executor", lambda each: each.executor),
    ("Seconds", lambda each: (each.seen.get("exit") or {}).get("seconds")),
    ("Peak memory", lambda each: _mib((each.seen.get("exit") or {}).get("peak_memory_bytes"))),
)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("No such training, or you may not see it.") from None
