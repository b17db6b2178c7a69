"""Columns of tables as a list of `{name, type, nullable}`, and how two such lists differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.kernel.errors import InvalidInput

COLUMNS_AT_MOST = 5_000
_NAME_LENGTH, _TYPE_LENGTH = 500, 100


@dataclass(frozen=True)
class ColumnChange:
    """A column that both have, with what is not the same."""

    name: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True)
class SchemaDifference:
    """What became of the columns from one version to another."""

    added: list[dict[str, Any]]
    removed: list[dict[str, Any]]
    changed: list[ColumnChange]
    is_reordered: bool

    @property
    def is_same(self) -> bool:
        return not (self.added or self.removed or self.changed or self.is_reordered)


def schema_normal(given: Any) -> list[dict[str, Any]]:
    """Columns as they are kept. Raises InvalidInput (`invalid_schema`)."""
    if not isinstance(given, list) or len(given) > COLUMNS_AT_MOST:
        raise _refused(f"it is a list of at most {COLUMNS_AT_MOST} columns")
    columns = [_column(each) for each in given]
    if len({column["name"] for column in columns}) != len(columns):
        raise _refused("each column has a name of its own")
    return columns


def schema_difference(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> SchemaDifference:
    """From one list of columns to another, by name."""
    old, new = ({column["name"]: column for column in columns} for columns in (before, after))
    both = [name for name in old if name in new]
    return SchemaDifference(
        added=[column for name, column in new.items() if name not in old],
        removed=[column for name, column in old.items() if name not in new],
        changed=[ColumnChange(name, old[name], new[name]) for name in both if old[name] != new[name]],
        is_reordered=both != [name for name in new if name in old],
    )


def _column(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict) or set(given) - {"name", "type", "nullable"}:
        raise _refused("a column is an object with name, type and nullable")
    name, kind, nullable = given.get("name"), given.get("type"), given.get("nullable", True)
    if not isinstance(name, str) or not 0 < len(name) <= _NAME_LENGTH or "\x00" in name:
        raise _refused(f"a column has a name of at most {_NAME_LENGTH} characters")
    if not isinstance(kind, str) or len(kind) > _TYPE_LENGTH or not isinstance(nullable, bool):
        raise _refused(f"the column {name[:80]} has a type as text, and nullable is true or false")
    return {"name": name, "type": kind, "nullable": nullable}


def _refused(why: str) -> InvalidInput:
    return InvalidInput(f"The schema is not taken: {why}.", code="invalid_schema")
