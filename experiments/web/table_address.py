"""The state of the runs table as it stands in an address, and addresses of other states of it."""

import re
from collections.abc import Iterable, Sequence

from django.http import QueryDict

from experiments.models.run import RUN_STATUSES
from experiments.selectors.table_state import FACETS_AT_MOST, FIELD, TableState

COLUMNS_AT_MOST, TEXT_LENGTH = 60, 500
# What names a state; everything else in an address is about its presentation or its place.
NAMES = (
    "filter", "q", "facet", "status", "order_by", "view", "only", "since", "columns", "pinned", "group_by", "tree",
)  # fmt: skip
_GROUPS = re.compile(
    r"(params|tags)\..+|dataset\.name|parent|sweep|attributes\.(status|user_id|experiment)", re.DOTALL
)


def state_of(query: QueryDict, experiments: Iterable[int] = ()) -> TableState:
    """What an address asks for; what it asks for that nobody knows is passed over."""
    group_by = query.get("group_by", "")
    return TableState(
        filter=query.get("filter", "").strip(),
        text=query.get("q", "").strip()[:TEXT_LENGTH],
        facets=tuple(dict.fromkeys(_facets(query))),
        order_by=query.get("order_by", ""),
        view=_known(query.get("view", ""), ("active", "deleted", "all")) or "active",
        only=_known(query.get("only", ""), ("mine", "starred")),
        since=_known(query.get("since", ""), ("today", "week")),
        columns=_fields(query.getlist("columns")),
        pinned=_fields(query.getlist("pinned")),
        group_by=group_by if _GROUPS.fullmatch(group_by) else "",
        is_tree=query.get("tree") == "1",
        is_nested=query.get("tree") in ("1", "below"),
        page_token=query.get("page_token", ""),
        experiments=tuple(experiments),
    )


def has_state(query: QueryDict) -> bool:
    """Whether an address says anything of the table's state."""
    return any(name in query for name in NAMES)


def state_text(query: QueryDict) -> str:
    """The state of an address alone, for keeping it under a name."""
    kept = QueryDict(mutable=True)
    for name in NAMES:
        if name in query:
            kept.setlist(name, query.getlist(name))
    return kept.urlencode()


def changed(query: QueryDict, **values: Sequence[str] | str | None) -> str:
    """The address with other values, from its first page on; None or an empty list takes a name away."""
    other = query.copy()
    for name, value in {**values, "page_token": None, "part": None}.items():
        if not value:
            other.pop(name, None)
        else:
            other.setlist(name, [value] if isinstance(value, str) else list(value))
    return f"?{other.urlencode()}" if other else "?"


def toggled(query: QueryDict, name: str, value: str) -> str:
    """The address with one facet's value picked, or let go where it is picked."""
    pair, facets = f"{name}={value}", [f"{key}={text}" for key, text in _facets(query)]
    rest = [each for each in facets if each != pair]
    return changed(query, status=None, facet=rest if pair in facets else [*facets, pair])


def _facets(query: QueryDict) -> list[tuple[str, str]]:
    """`params.depth=4` per facet; `status=FAILED` is the same as `facet=attributes.status=FAILED`."""
    found = [("attributes.status", value) for value in query.getlist("status") if value in RUN_STATUSES]
    for text in query.getlist("facet")[:FACETS_AT_MOST]:
        name, equals, value = text.partition("=")
        if equals and FIELD.fullmatch(name) and "\0" not in text:
            found.append((name, value))
    return found


def _fields(names: list[str]) -> tuple[str, ...]:
    known = (name for name in names if FIELD.fullmatch(name) and "\0" not in name and len(name) < 300)
    return tuple(dict.fromkeys(known))[:COLUMNS_AT_MOST]


def _known(value: str, values: Sequence[str]) -> str:
    return value if value in values else ""
