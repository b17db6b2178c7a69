"""The runs table in order: parts that follow one another, each read along an index.

Numbers come first, then texts, then what has no value; inside a part, equal values are in the order of their runs.
So any page of any column is a stretch of an index that ends in the run, however many runs have the same value.
"""

from collections.abc import Callable

from experiments.search.keyset import SortKey
from experiments.search.run_sql import INDEXED_CHARACTERS, TABLES, RunStatement
from experiments.search.statement import Statement
from experiments.search.table_query import TableQuery, filtered
from experiments.search.terms import ATTRIBUTE, METRIC, PARAM

Band = Callable[[TableQuery], tuple[RunStatement, list[SortKey]]]

DURATION = "(r.end_time - r.start_time)"
COLUMNS = {
    "run_name": ("r.name", "text"), "status": ("r.status", "text"), "user_id": ("r.user_name", "text"),
    "start_time": ("r.start_time", "bigint"), "end_time": ("r.end_time", "bigint"), "duration": (DURATION, "bigint"),
    "run_id": ("r.id", "uuid"), "artifact_uri": ("r.artifact_uri", "text"), "experiment": ("r.experiment_id", "bigint"),
}  # fmt: skip
_MAY_LACK = frozenset({"end_time", "duration"})


def bands_of(query: TableQuery) -> list[Band]:
    """The parts of the table in its order."""
    if query.order.entity == METRIC:
        return [_numbers, _nans, _without]
    if query.order.entity == PARAM:
        return [_param_numbers, _texts, _long_texts, _without]
    if query.order.entity == ATTRIBUTE:
        return [_attribute, _lacking] if query.order.key in _MAY_LACK else [_attribute]
    return [_texts, _long_texts, _without]


def small_order(statement: Statement, query: TableQuery) -> tuple[str, str]:
    """The same order for a few runs `found(id)` at once: what they are joined with, and by what they are sorted."""
    order, way = query.order, "ASC" if query.order.ascending else "DESC"
    if order.entity == ATTRIBUTE:
        return "JOIN experiments_run r USING (id)", f"{COLUMNS[order.key][0]} {way} NULLS LAST, id {way}"
    key = statement.bind(order.key, "text")
    # Made once for each run: whether a text is a number is the dearest question here.
    number = "experiments_number(o.value)" if order.entity == PARAM else "NULL::float8"
    join = (
        f"LEFT JOIN LATERAL (SELECT o.*, {number} AS number FROM {TABLES[order.entity]} o"  # noqa: S608 - bound
        f" WHERE o.run_id = found.id AND o.key = {key} OFFSET 0) o ON TRUE"
    )
    if order.entity == METRIC:
        rank = "CASE WHEN o.run_id IS NULL THEN 2 WHEN o.is_nan THEN 1 ELSE 0 END"
        return join, f"{rank}, o.value {way}, id {way}"
    rank = (
        "CASE WHEN o.run_id IS NULL THEN 3 WHEN o.number IS NOT NULL THEN 0"
        f" WHEN length(o.value) <= {INDEXED_CHARACTERS} THEN 1 ELSE 2 END"
    )
    return join, f"{rank}, o.number {way}, left(o.value, {INDEXED_CHARACTERS}) {way}, id {way}"


def _attribute(query: TableQuery) -> tuple[RunStatement, list[SortKey]]:
    statement = filtered(query)
    column, cast = COLUMNS[query.order.key]
    if query.order.key in _MAY_LACK:
        statement.where("r.end_time IS NOT NULL")
    if query.order.key == "run_id":
        return statement, [SortKey("r.id", "uuid", query.order.ascending)]
    return statement, [SortKey(column, cast, query.order.ascending), *_ties(query)]


def _lacking(query: TableQuery) -> tuple[RunStatement, list[SortKey]]:
    statement = filtered(query)
    statement.where("r.end_time IS NULL")
    return statement, _ties(query)


def _numbers(query: TableQuery) -> tuple[RunStatement, list[SortKey]]:
    statement, alias = _joined(query)
    statement.where(f"NOT {alias}.is_nan")
    return statement, [SortKey(f"{alias}.value", "float8", query.order.ascending), *_ties(query, alias)]


def _nans(query: TableQuery) -> tuple[RunStatement, list[SortKey]]:
    statement, alias = _joined(query)
    statement.where(f"{alias}.is_nan")
    statement.where(f"{alias}.value = 0")  # so is NaN stored; the index finds it by this
    return statement, _ties(query, alias)


def _param_numbers(query: TableQuery) -> tuple[RunStatement, list[SortKey]]:
    statement, alias = _joined(query)
    number = f"experiments_number({alias}.value)"
    statement.where(f"{number} IS NOT NULL")
    return statement, [SortKey(number, "float8", query.order.ascending), *_ties(query, alias)]


def _texts(query: TableQuery) -> tuple[RunStatement, list[SortKey]]:
    statement, alias = _joined(query)
    statement.where(f"length({alias}.value) <= {INDEXED_CHARACTERS}")
    if query.order.entity == PARAM:
        statement.where(f"experiments_number({alias}.value) IS NULL")
    return statement, [SortKey(f"{alias}.value", "text", query.order.ascending), *_ties(query, alias)]


def _long_texts(query: TableQuery) -> tuple[RunStatement, list[SortKey]]:
    statement, alias = _joined(query)
    statement.where(f"length({alias}.value) > {INDEXED_CHARACTERS}")
    start = f"left({alias}.value, {INDEXED_CHARACTERS})"
    return statement, [SortKey(start, "text", query.order.ascending), *_ties(query, alias)]


def _without(query: TableQuery) -> tuple[RunStatement, list[SortKey]]:
    statement = filtered(query)
    key, table = statement.bind(query.order.key, "text"), TABLES[query.order.entity]
    if statement.parts:
        statement.where(f"NOT EXISTS (SELECT FROM {table} x WHERE x.run_id = r.id AND x.key = {key})")
    else:
        # A hash of the runs that have the key, from its index alone; where none has it, there is nothing to do.
        having = f"SELECT x.run_id FROM {table} x WHERE {statement.scope('x')} AND x.key = {key}"  # noqa: S608
        by_length = [f"{having} AND length(x.value) {op} {INDEXED_CHARACTERS}" for op in ("<=", ">")]
        parts = [having] if query.order.entity == METRIC else by_length
        statement.where(f"r.id NOT IN ({' UNION ALL '.join(parts)})")
    return statement, _ties(query)


def _joined(query: TableQuery) -> tuple[RunStatement, str]:
    statement = filtered(query)
    return statement, statement.joined(query.order.entity, query.order.key)


def _ties(query: TableQuery, alias: str = "") -> list[SortKey]:
    return [SortKey(f"{alias}.run_id" if alias else "r.id", "uuid", query.order.ascending)]
