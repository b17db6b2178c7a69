"""The state of the runs table, which stands wholly in the URL."""

import re
from dataclasses import dataclass

from django.http import QueryDict

from experiments.models.run import RUN_STATUSES

_QUOTED = re.compile(r"'([^']+)'")
_TAIL = re.compile(r"(?:Found|value|found) '?([^'\s]+)'?\.?$")


@dataclass(frozen=True)
class TableState:
    """What the URL asks the runs table for."""

    filter: str
    status: str
    order_by: str
    view: str
    columns: list[str]
    page_token: str

    @classmethod
    def of(cls, query: QueryDict) -> "TableState":
        status = query.get("status", "")
        return cls(
            filter=query.get("filter", "").strip(),
            status=status if status in RUN_STATUSES else "",
            order_by=query.get("order_by", ""),
            view="deleted" if query.get("view") == "deleted" else "active",
            columns=[name for name in query.getlist("columns") if name.startswith(("metrics.", "params."))][
                :20
            ],
            page_token=query.get("page_token", ""),
        )

    @property
    def whole_filter(self) -> str:
        """The filter with the chosen status; both are one search."""
        parts = [self.filter, f"attributes.status = '{self.status}'" if self.status else ""]
        return " AND ".join(part for part in parts if part)

    @property
    def view_type(self) -> str:
        return "DELETED_ONLY" if self.view == "deleted" else "ACTIVE_ONLY"


@dataclass(frozen=True)
class Heading:
    """The head of a sortable column."""

    label: str
    kind: str
    next_order: str
    direction: str
    is_number: bool


def heading(label: str, field: str, order_by: str, *, kind: str = "", is_number: bool = False) -> Heading:
    """A column head that sorts: numbers and times first downwards, text first upwards, then the other way."""
    present = order_by.removeprefix(field).strip().upper() if order_by.startswith(f"{field} ") else ""
    first, second = ("DESC", "ASC") if is_number else ("ASC", "DESC")
    direction = {"ASC": "ascending", "DESC": "descending"}.get(present, "")
    return Heading(label, kind, f"{field} {second if present == first else first}", direction, is_number)


def column_field(kind: str, key: str) -> str:
    """The name of a metric or param in the search language; backticks where it is no plain word."""
    return f"{kind}.{key}" if re.fullmatch(r"\w+", key) else f"{kind}.`{key}`"


@dataclass(frozen=True)
class Pointer:
    """A filter cut at the piece that its error is about."""

    before: str
    at: str
    after: str


def pointer_of(filter_string: str, message: str) -> Pointer | None:
    """Where in the filter an error message points, if it names a piece of it."""
    tail = _TAIL.search(message)
    named = [*_QUOTED.findall(message), *([tail[1].rstrip(".")] if tail else [])]
    for piece in named:
        before, found, after = filter_string.partition(piece)
        if found:
            return Pointer(before, found, after)
    return None
