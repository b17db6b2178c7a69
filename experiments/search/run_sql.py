"""Run searches as SQL: a metric, param or tag in a filter is one row of a narrow table, joined by its key."""

import operator
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from experiments.search.keyset import SortKey
from experiments.search.statement import Statement, number_in
from experiments.search.terms import (
    ATTRIBUTE,
    DATASET,
    IS_NULL,
    METRIC,
    PARAM,
    TAG,
    Comparison,
    Ordering,
)

TABLES = {METRIC: "experiments_latestmetric", PARAM: "experiments_param", TAG: "experiments_runtag"}
STAGES = {"ACTIVE_ONLY": "active", "DELETED_ONLY": "deleted", "ALL": None}
INDEXED_CHARACTERS = 200
MAX_JOINS = 7
Groups: TypeAlias = Mapping[tuple[str, str], list[Comparison]]
_COLUMNS = {
    "artifact_uri": "r.artifact_uri",
    "end_time": "r.end_time",
    "run_id": "r.id",
    "run_name": "r.name",
    "start_time": "r.start_time",
    "status": "r.status",
    "user_id": "r.user_name",
}
_TIMES = frozenset({"start_time", "end_time"})
_RUN_ID = re.compile(r"[0-9a-f]{32}")
_RUN_ID_TEXT = "replace(r.id::text, '-', '')"
_FOR_ZERO = {">": operator.lt, ">=": operator.le, "=": operator.eq, "<": operator.gt, "<=": operator.ge}


def _holds_for_zero(comparison: Comparison) -> bool:
    return bool(_FOR_ZERO[comparison.op](number_in(comparison), 0))


def _is_short(comparison: Comparison) -> bool:
    """Whether only a value that an index holds whole can be equal."""
    value = comparison.value
    if value is None or comparison.op not in ("=", "IN"):
        return False
    texts = value if isinstance(value, tuple) else (value,)
    return all(len(str(text)) <= INDEXED_CHARACTERS for text in texts)


def by_key(comparisons: Sequence[Comparison]) -> Groups:
    """What is compared with the metrics, params and tags that a run has, by entity and key."""
    groups: dict[tuple[str, str], list[Comparison]] = {}
    for comparison in comparisons:
        if comparison.entity in TABLES and comparison.op != IS_NULL:
            groups.setdefault((comparison.entity, comparison.key), []).append(comparison)
    return groups


class RunStatement(Statement):
    """A search over runs `r`. Conditions on the same key share one join, since a run has one row per key."""

    def __init__(self, experiments: Sequence[int], workspaces: Sequence[int] | None, view_type: str) -> None:
        super().__init__()
        self.is_each = False  # whether the filter is asked of one run `r` after the other, without joins
        self.experiments = list(experiments)
        self.aliases: dict[tuple[str, str], str] = {}
        self.parts = self.experiments if len(self.experiments) > 1 else ()
        self.where(self.scope("r"))
        if workspaces is not None:
            self.where(f"r.workspace_id = ANY({self.bind(list(workspaces), 'bigint[]')})")
        stage = STAGES[view_type]
        if stage is not None:
            self.where(f"r.lifecycle_stage = {self.bind(stage, 'text')}")

    def filter(self, comparisons: Sequence[Comparison]) -> None:
        """Add every comparison as a condition."""
        for comparison in comparisons:
            if comparison.entity == ATTRIBUTE:
                self.where(self._attribute(comparison))
            elif comparison.entity == DATASET:
                self.where(self._dataset(comparison))
        self._absent([comparison for comparison in comparisons if comparison.op == IS_NULL])
        self._present(by_key(comparisons))

    def having(self, entity: str, key: str, comparisons: Sequence[Comparison]) -> str:
        """The runs of the experiments, of any stage, whose row of one key fulfils the comparisons, by its indexes."""
        wanted = self.any_of("x.experiment_id", self.experiments), f"x.key = {self.bind(key, 'text')}"
        conditions = " AND ".join([*wanted, self._on_row("x", comparisons)])
        rows = f"SELECT x.run_id FROM {TABLES[entity]} x WHERE {conditions}"  # noqa: S608 - bound
        if entity == METRIC:
            return rows
        short, long = (f"{rows} AND length(x.value) {op} {INDEXED_CHARACTERS}" for op in ("<=", ">"))
        return short if any(map(_is_short, comparisons)) else f"{short} UNION ALL {long}"

    def sort_keys(self, orderings: Sequence[Ordering], *, offset: int = 0) -> list[SortKey]:
        """The keys of an order, missing values last, with start time and id as last resorts.

        `offset` counts the keys that the caller puts before these.
        """
        keys: list[SortKey] = []
        for ordering in orderings:
            keys += self._keys_of(ordering, offset + len(keys))
        if not any(each.entity == ATTRIBUTE and each.key == "start_time" for each in orderings):
            keys.append(SortKey("r.start_time", "bigint", ascending=False))
        return [*keys, SortKey("r.id", "uuid")]

    def joined(self, entity: str, key: str) -> str:
        """The alias of an inner join that keeps only the runs that have the key."""
        alias = self.aliases.get((entity, key))
        if alias is None:
            alias = self.aliases[entity, key] = f"f{len(self.aliases)}"
            self.joins.append(f"JOIN {TABLES[entity]} {alias} ON {self._on(alias, key)}")
        return alias

    def _on(self, alias: str, key: str) -> str:
        scope = self.scope(alias)
        return f"{alias}.run_id = r.id AND {alias}.key = {self.bind(key, 'text')} AND {scope}"

    def scope(self, alias: str) -> str:
        """One experiment at a time, so that an index gives the rows in order."""
        one = "part.id" if self.parts else self.bind(self.experiments[0], "bigint")
        return f"{alias}.experiment_id = {one}"

    def _present(self, groups: Groups) -> None:
        """A join for each of the first keys; planning time grows fast with joins, so others are counted."""
        ordered = list(groups.items())
        if self.is_each:
            for (entity, key), comparisons in ordered:
                row = f"x.run_id = r.id AND x.key = {self.bind(key, 'text')} AND {self._on_row('x', comparisons)}"
                self.where(f"EXISTS (SELECT FROM {TABLES[entity]} x WHERE {row} OFFSET 0)")
            return
        for (entity, key), comparisons in ordered[:MAX_JOINS]:
            self.where(self._on_row(self.joined(entity, key), comparisons))
        for entity in TABLES:
            others = [(key, group) for (of, key), group in ordered[MAX_JOINS:] if of == entity]
            if others:
                self._counted(entity, others)

    def _counted(self, entity: str, groups: Sequence[tuple[str, list[Comparison]]]) -> None:
        scope = self.scope("x")
        matches = " OR ".join(
            f"(x.key = {self.bind(key, 'text')} AND {self._on_row('x', group)})" for key, group in groups
        )
        self.where(
            f"r.id IN (SELECT x.run_id FROM {TABLES[entity]} x WHERE {scope} AND ({matches}) "  # noqa: S608
            f"GROUP BY x.run_id HAVING count(*) = {len(groups):d})"
        )

    def _absent(self, comparisons: Sequence[Comparison]) -> None:
        for entity, table in TABLES.items():
            keys = [comparison.key for comparison in comparisons if comparison.entity == entity]
            if keys:
                listed = f"x.key = ANY({self.bind(keys, 'text[]')})"
                self.where(f"NOT EXISTS (SELECT FROM {table} x WHERE x.run_id = r.id AND {listed})")

    def _on_row(self, alias: str, comparisons: Sequence[Comparison]) -> str:
        """The conditions on the row of one key; that it is there is what IS NOT NULL asks."""
        return " AND ".join(
            self._metric(alias, comparison)
            if comparison.entity == METRIC
            else self._indexed_text(alias, comparison)
            for comparison in comparisons
        )

    def _metric(self, alias: str, comparison: Comparison) -> str:
        # NaN is stored as 0 with a flag: it differs from every number and satisfies no other comparison.
        plain = self.operation(f"{alias}.value", comparison.op, comparison.value, "float8")
        if comparison.op == "!=":
            return f"({plain} OR {alias}.is_nan)" if number_in(comparison) == 0 else plain
        # Where 0 is out of range anyway, the index alone can answer without a look at the flag.
        return f"{plain} AND NOT {alias}.is_nan" if _holds_for_zero(comparison) else plain

    def _indexed_text(self, alias: str, comparison: Comparison) -> str:
        """A comparison with a text; what is said about its length lets an index serve (see migration 0009)."""
        value, length = comparison.value, f"length({alias}.value)"
        either = f"({length} <= {INDEXED_CHARACTERS} OR {length} > {INDEXED_CHARACTERS})"
        if value is None:
            return either
        compared = self.compared(f"{alias}.value", comparison)
        if comparison.op not in ("=", "IN"):
            return f"{compared} AND {either}"
        if _is_short(comparison):
            return f"{compared} AND {length} <= {INDEXED_CHARACTERS}"
        texts = value if isinstance(value, tuple) else (value,)
        starts = self.bind([str(text)[:INDEXED_CHARACTERS] for text in texts], "text[]")
        start = f"left({alias}.value, {INDEXED_CHARACTERS}) = ANY({starts})"
        return f"{compared} AND ({length} <= {INDEXED_CHARACTERS} OR {length} > {INDEXED_CHARACTERS} AND {start})"

    def _attribute(self, comparison: Comparison) -> str:
        column = _COLUMNS[comparison.key]
        if comparison.key in _TIMES:
            return self.number(column, comparison)
        if comparison.key == "run_id":
            return self._run_id(comparison)
        return self.compared(column, comparison)

    def _run_id(self, comparison: Comparison) -> str:
        if "LIKE" in comparison.op:
            return self.compared(_RUN_ID_TEXT, comparison)
        value = comparison.value
        written = value if isinstance(value, tuple) else (value,)
        ids = [UUID(each) for each in written if isinstance(each, str) and _RUN_ID.fullmatch(each)]
        return self.operation("r.id", "IN" if comparison.op in ("=", "IN") else "NOT IN", ids, "uuid")

    def _dataset(self, comparison: Comparison) -> str:
        if comparison.key == "context":
            matches = self.compared("x.context", comparison)
            return f"EXISTS (SELECT FROM experiments_runinput x WHERE x.run_id = r.id AND {matches})"
        matches = self.compared(f"d.{comparison.key}", comparison)
        return (
            "EXISTS (SELECT FROM experiments_runinput x JOIN experiments_dataset d ON d.id = x.dataset_id "
            f"WHERE x.run_id = r.id AND {matches})"
        )

    def _keys_of(self, ordering: Ordering, position: int) -> list[SortKey]:
        if ordering.entity == ATTRIBUTE:
            return self._attribute_keys(ordering, position)
        alias = self._left_joined(ordering)
        rank = f"CASE WHEN {alias}.run_id IS NULL THEN 1 ELSE 0 END"
        cast = "text"
        if ordering.entity == METRIC:
            rank = f"CASE WHEN {alias}.run_id IS NULL THEN 2 WHEN {alias}.is_nan THEN 1 ELSE 0 END"
            cast = "float8"
        return [SortKey(rank, "int"), SortKey(f"{alias}.value", cast, ordering.ascending, guard=position)]

    def _attribute_keys(self, ordering: Ordering, position: int) -> list[SortKey]:
        column = _COLUMNS[ordering.key]
        cast = {"run_id": "uuid", "start_time": "bigint", "end_time": "bigint"}.get(ordering.key, "text")
        if ordering.key != "end_time":
            return [SortKey(column, cast, ordering.ascending)]
        rank = SortKey(f"CASE WHEN {column} IS NULL THEN 1 ELSE 0 END", "int")
        return [rank, SortKey(column, cast, ordering.ascending, guard=position)]

    def _left_joined(self, ordering: Ordering) -> str:
        alias = self.aliases.get((ordering.entity, ordering.key))
        if alias is None:
            alias = self.aliases[ordering.entity, ordering.key] = f"o{len(self.aliases)}"
            table = TABLES[ordering.entity]
            self.joins.append(f"LEFT JOIN {table} {alias} ON {self._on(alias, ordering.key)}")
        return alias
