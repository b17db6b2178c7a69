"""Artifacts of runs side by side: which there are, and how one file differs from run to run."""

import difflib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

from experiments.artifacts.store import artifact_store
from experiments.selectors.artifacts import run_place
from experiments.selectors.compared import Beside
from experiments.selectors.compared_sources import text_at

FILES_AT_MOST = 300
LINES_AT_MOST = 2_000
_READERS = 8
_CONTEXT = 3


@dataclass(frozen=True)
class FileLine:
    """One path and its size in each run, None where a run has no such file."""

    path: str
    sizes: list[int | None]

    @property
    def differs(self) -> bool:
        return len(set(self.sizes)) > 1


@dataclass(frozen=True)
class DiffLine:
    """`kind` is add, remove, place or nothing."""

    kind: str
    text: str


@dataclass(frozen=True)
class Difference:
    """One text file of a run beside that of the baseline; `is_same` where both are alike."""

    run: Beside
    is_there: bool
    is_same: bool = False
    lines: list[DiffLine] = field(default_factory=list)


def files_beside(runs: Sequence[Beside]) -> list[FileLine]:
    """The files of all runs, the first 300 of each, those that differ in size first."""
    with ThreadPoolExecutor(_READERS) as readers:
        found = list(readers.map(_files, [run_place(each.run, "").path for each in runs]))
    lines = [
        FileLine(path, [files.get(path) for files in found]) for path in sorted({p for f in found for p in f})
    ]
    return sorted(lines, key=lambda line: not line.differs)


def file_differences(runs: Sequence[Beside], base: Beside, path: str) -> list[Difference]:
    """A text file of each run beside that of the baseline."""
    with ThreadPoolExecutor(_READERS) as readers:
        texts = list(readers.map(text_at, [run_place(each.run, path).path for each in runs]))
    before = texts[next(index for index, each in enumerate(runs) if each is base)] or ""
    return [
        _difference(each, before, text) for each, text in zip(runs, texts, strict=True) if each is not base
    ]


def text_difference(before: str, after: str) -> list[DiffLine]:
    """What changed, with three lines around it."""
    found = difflib.unified_diff(
        before.splitlines()[:LINES_AT_MOST], after.splitlines()[:LINES_AT_MOST], lineterm="", n=_CONTEXT
    )
    return diff_lines(islice(found, 2, 2 + LINES_AT_MOST))


def diff_lines(lines: "islice[str] | list[str]") -> list[DiffLine]:
    """Lines of a unified diff by what they do."""
    kinds = {"+": "add", "-": "remove", "@": "place"}
    return [DiffLine(kinds.get(line[:1], ""), line) for line in lines]


def _difference(each: Beside, before: str, text: str | None) -> Difference:
    if text is None:
        return Difference(each, is_there=False)
    if text == before:
        return Difference(each, is_there=True, is_same=True)
    return Difference(each, is_there=True, lines=text_difference(before, text))


def _files(root: str) -> dict[str, int | None]:
    entries = islice(artifact_store().list_files(root), FILES_AT_MOST)
    return {entry.path.removeprefix(f"{root}/"): entry.size for entry in entries}
