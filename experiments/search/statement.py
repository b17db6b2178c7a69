"""The parts of a statement while it is put together, with its parameters bound by name."""

from collections.abc import Sequence
from typing import Any

from experiments.search.terms import Comparison

_SQL_OPS = {"!=": "<>", "IN": "= ANY", "NOT IN": "<> ALL"}


def number_in(comparison: Comparison) -> int | float:
    """The value of a comparison that its language only makes with a number."""
    if isinstance(comparison.value, int | float):
        return comparison.value
    raise TypeError(f"{comparison.key} is compared with something that is not a number")


class Statement:
    """A SELECT in the making: joins, conditions, bound values. Outside text only gets in through `bind`."""

    def __init__(self) -> None:
        self.params: dict[str, Any] = {}
        self.joins: list[str] = []
        self.conditions: list[str] = []
        self.late: list[str] = []  # conditions on `{id}`, asked of rows that are already in their order
        self.reach: range | None = None  # where set, only these rows of the order are asked so
        self.parts: Sequence[int] = ()  # where set, the search runs once for each of these as `part.id`

    def bind(self, value: Any, cast: str = "") -> str:
        """A placeholder for a value, cast to a type where PostgreSQL could not tell it."""
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f"%({name})s::{cast}" if cast else f"%({name})s"

    def where(self, condition: str) -> None:
        self.conditions.append(condition)

    def any_of(self, column: str, values: Sequence[int]) -> str:
        """`column` is one of the numbers; a single one is compared plainly, so an index keeps its order."""
        if len(values) == 1:
            return f"{column} = {self.bind(values[0], 'bigint')}"
        return f"{column} = ANY({self.bind(list(values), 'bigint[]')})"

    def compared(self, column: str, comparison: Comparison) -> str:
        """`column op value` for a column of text."""
        return self.operation(column, comparison.op, comparison.value, "text")

    def operation(self, column: str, op: str, value: Any, cast: str) -> str:
        """`column op value`; IN and NOT IN take the list as an array."""
        sql_op = _SQL_OPS.get(op, op)
        if op in ("IN", "NOT IN"):
            return f"{column} {sql_op}({self.bind(list(value), f'{cast}[]')})"
        return f"{column} {sql_op} {self.bind(value, cast)}"

    def number(self, column: str, comparison: Comparison) -> str:
        """`column op value` for a whole number; a fraction or a huge number is compared as a double."""
        value = number_in(comparison)
        if isinstance(value, int) and -(2**63) <= value < 2**63:
            return self.operation(column, comparison.op, value, "bigint")
        return self.operation(column, comparison.op, float(value), "float8")

    def text(self, columns: Sequence[str], table: str, order: Sequence[str], limit: int) -> str:
        """The whole statement; its first column is the id. In parts, each is read in the order of its index, and the
        parts are merged."""
        named = ", ".join(f"{column} AS c{number}" for number, column in enumerate(columns))
        where = " AND ".join(self.conditions) or "TRUE"
        ordered = ", ".join(f"c{number} {way}" for number, way in enumerate(order, start=1))
        in_order = f"ORDER BY {ordered} " if order else ""
        if self.reach is not None:
            named += ", r.*"  # the late conditions may ask for more than the id
        one = " ".join(["SELECT", named, "FROM", table, *self.joins, "WHERE", where, in_order])
        if self.late:
            # In a subquery, as the planner takes a look into a hash for as dear as making the hash; and without an
            # order of its own, as it would then plan for all rows of the subquery.
            late = " AND ".join(condition.format(id="r.c0") for condition in self.late)
            reach = "" if self.reach is None else f"OFFSET {self.reach.start:d} LIMIT {len(self.reach):d}"
            shown = ", ".join(f"r.c{number}" for number in range(len(columns)))
            one = f"SELECT {shown} FROM ({one}{reach}) r WHERE {late} "  # noqa: S608
        one = f"{one}LIMIT {limit:d}"
        if not self.parts:
            return one
        parts = f"unnest({self.bind(list(self.parts), 'bigint[]')}) AS part(id)"
        return f"SELECT found.* FROM {parts} CROSS JOIN LATERAL ({one}) found {in_order}LIMIT {limit:d}"  # noqa: S608
