"""Heads of columns that sort, and pointing at what a filter's error is about."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from experiments.search.terms import ATTRIBUTE, METRIC, PARAM, TAG
from experiments.selectors.table_rows import ATTRIBUTES
from experiments.selectors.table_state import field_parts

LONGEST_HEAD = 28
_QUOTED = re.compile(r"'([^']+)'")
_TAIL = re.compile(r"(?:Found|value|found) '?([^'\s]+)'?\.?$")
_KINDS = {ATTRIBUTE: "attribute", METRIC: "metric", PARAM: "param", TAG: "tag"}
_LABELS = {
    "mlflow.note.content": "Notes",
    "mlflow.source.git.commit": "Commit",
    "mlflow.source.name": "Source",
}


@dataclass(frozen=True)
class Heading:
    """The head of a column; `kind` is attribute, metric, param or tag."""

    field: str
    label: str
    kind: str
    next_order: str
    direction: str
    is_number: bool
    is_pinned: bool = False

    @property
    def short(self) -> str:
        """The label as there is room for it."""
        return self.label if len(self.label) <= LONGEST_HEAD else f"{self.label[: LONGEST_HEAD - 1]}…"


@dataclass(frozen=True)
class Band:
    """Columns of one kind beside one another."""

    label: str
    span: int


def headings(columns: Sequence[str], order_by: str, pinned: Sequence[str] = ()) -> list[Heading]:
    """The heads of the columns, of which each sorts."""
    found = []
    for name in columns:
        entity, key = field_parts(name) or ("", name)
        kind = _KINDS.get(entity, "")
        label = ATTRIBUTES[key][0] if kind == "attribute" and key in ATTRIBUTES else _LABELS.get(key, key)
        is_time = kind == "attribute" and key in ("start_time", "end_time", "duration")
        order = name if kind == "attribute" else column_field(name.partition(".")[0], key)
        found.append(
            heading(label, order, order_by or "attributes.start_time DESC", kind=kind, name=name,
                    is_number=kind == "metric" or is_time, is_pinned=name in pinned)
        )  # fmt: skip
    return found


def bands(found: Sequence[Heading]) -> list[Band]:
    """The row above the heads: metrics, params and tags, as they stand beside one another."""
    kinds = groupby(found, key=lambda each: "" if each.kind == "attribute" else f"{each.kind.capitalize()}s")
    return [Band(label, len(list(members))) for label, members in kinds]


def heading(
    label: str, field: str, order_by: str, *, kind: str = "", is_number: bool = False, name: str = "",
    is_pinned: bool = False,
) -> Heading:  # fmt: skip
    """A column head that sorts: numbers and times first downwards, text first upwards, then the other way."""
    present = order_by.removeprefix(field).strip().upper() if order_by.startswith(f"{field} ") else ""
    first, second = ("DESC", "ASC") if is_number else ("ASC", "DESC")
    direction = {"ASC": "ascending", "DESC": "descending"}.get(present, "")
    order = f"{field} {second if present == first else first}"
    return Heading(name or field, label, kind, order, direction, is_number, is_pinned)


def column_field(kind: str, key: str) -> str:
    """The name of a metric, param or tag in the search language; backticks where it is no plain word."""
    return f"{kind}.{key}" if re.fullmatch(r"\w+", key) else f"{kind}.`{key}`"


@dataclass(frozen=True)
class Pointer:
    """A filter cut at the piece that its error is about."""

    before: str
    at: str
    after: str

    @property
    def position(self) -> int:
        """Where the piece begins, counted from 1."""
        return len(self.before) + 1

    @property
    def end(self) -> int:
        return len(self.before) + len(self.at)


def pointer_of(filter_string: str, message: str) -> Pointer | None:
    """Where in the filter an error message points, if it names a piece of it."""
    tail = _TAIL.search(message)
    named = [*_QUOTED.findall(message), *([tail[1].rstrip(".")] if tail else [])]
    for piece in named:
        before, found, after = filter_string.partition(piece)
        if found:
            return Pointer(before, found, after)
    return None
