"""Facets of the runs table: how many of the runs found have which value of a field.

A facet is counted without its own picks, so that its other values can be added. Counting reads indexes alone: those of
params and tags hold the values, that of runs the states. Where few runs are found, they are looked up one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from experiments.search.statement import Statement
from experiments.search.table_query import TableQuery, filtered
from experiments.search.terms import PARAM, TAG
from experiments.selectors.table_keys import table_keys_of_few
from experiments.selectors.table_search import few_ids, narrowed
from experiments.selectors.table_state import TableState, field_parts, table_query
from portal.accounts.actor import Actor
from portal.kernel import sql

FIXED = ("attributes.status", "attributes.owner", "model.type")
OPEN_FIELDS, FIELDS_AT_MOST, VALUES_AT_MOST, FEW_VALUES = 3, 40, 12, 10
AT_ONCE = 5_000  # runs of which all facets are counted in one answer
TABLES = {PARAM: "experiments_param", TAG: "experiments_runtag"}
# How many runs are in which state: what facets of attributes, and the number of runs, are summed from.
_STATE = """, state AS MATERIALIZED (
    SELECT status, created_by_id, user_name, count(*) AS runs FROM found GROUP BY 1, 2, 3
)
"""
_TOTAL = "SELECT -1, '', coalesce(sum(runs), 0)::bigint FROM state"
_STATES = "SELECT {part}, status, sum(runs)::bigint FROM state GROUP BY 2"
_OWNERS = """
SELECT {part}, coalesce(u.username, state.user_name), sum(state.runs)::bigint
FROM state LEFT JOIN accounts_user u ON u.id = state.created_by_id GROUP BY 2
"""
_MODELS = """
SELECT {part}, m.model_type, count(DISTINCT m.source_run_id) FROM experiments_loggedmodel m
WHERE m.experiment_id = ANY({experiments}) AND m.lifecycle_stage = 'active' AND m.model_type <> ''
  AND m.source_run_id IN (SELECT id FROM found) GROUP BY 2
"""
_ALL_MODELS = """
SELECT {part}, m.model_type, count(DISTINCT m.source_run_id) FROM experiments_loggedmodel m
JOIN experiments_run r ON r.id = m.source_run_id AND r.lifecycle_stage <> {other}
WHERE m.experiment_id = ANY({experiments}) AND m.lifecycle_stage = 'active' AND m.model_type <> '' GROUP BY 2
"""
_COUNTED = """
SELECT {part}, t.value, count(*) FROM {table} t JOIN found ON found.id = t.run_id
WHERE t.experiment_id = ANY({experiments}) AND t.key = {key} AND length(t.value) <= 200 GROUP BY 2
"""
# All values in the order of their index; the runs that do not count are few, as a rule.
_ALL_BUT = """
SELECT {part}, t.value, count(*) FROM {table} t
WHERE {one_of} AND t.key = {key} AND length(t.value) <= 200
  AND t.run_id NOT IN (SELECT t.id FROM experiments_run t WHERE {one_of} AND t.lifecycle_stage = {other}) GROUP BY 2
"""
OTHER_STAGE = {"ACTIVE_ONLY": "deleted", "DELETED_ONLY": "active"}
Counts: TypeAlias = list[tuple[str, int]]


@dataclass(frozen=True)
class Facet:
    """A field and the values that the runs have in it, the most frequent first; None where they are not counted yet."""

    field: str
    counts: Counts | None = None
    is_open: bool = False


@dataclass(frozen=True)
class Facets:
    """How many runs are found, and the facets of them."""

    count: int
    facets: list[Facet]


def facets(actor: Actor, state: TableState) -> Facets:
    """The facets of a state. Where many runs are found, only those of attributes that nobody picked are counted, and
    the open ones of params and tags, and those with picks, are left to be asked for one by one.

    Raises ProtocolError on a bad filter.
    """
    fields = facet_fields(state.experiments)
    picked = {name for name, _ in state.facets}
    opened = [*FIXED, *fields[:OPEN_FIELDS]]
    names = [*opened, *(name for name in [*fields[OPEN_FIELDS:], *sorted(picked)] if name not in opened)]
    count, counted = _counts(actor, state, [name for name in FIXED if name not in picked])
    if count <= AT_ONCE:
        counted |= _counts(actor, state, [name for name in fields[:OPEN_FIELDS] if name not in picked])[1]
        counted |= {name: facet_counts(actor, state, name) for name in picked}
    shown = {name: pairs[: VALUES_AT_MOST + len(picked)] for name, pairs in counted.items()}
    is_open = {*opened, *picked}
    return Facets(count, [Facet(name, shown.get(name), name in is_open) for name in dict.fromkeys(names)])


def facet_fields(experiments: Sequence[int]) -> list[str]:
    """Params and tags that have few values, but more than one."""
    return [
        f"{prefix}.{key}"
        for prefix, entity in (("params", PARAM), ("tags", TAG))
        for key in table_keys_of_few(experiments, entity, FEW_VALUES)
    ][:FIELDS_AT_MOST]


def facet_counts(actor: Actor, state: TableState, name: str) -> Counts:
    """How many of the runs found have which value; what is picked is among them."""
    _, counted = _counts(actor, state.without_facet(name), [name])
    return _with_picked(counted.get(name, []), state.values_of(name))


def _counts(actor: Actor, state: TableState, names: Sequence[str]) -> tuple[int, dict[str, Counts]]:
    """How many runs are found, where a facet of attributes is asked for, and facets; all in one statement, which finds
    the runs once."""
    query = table_query(actor, state)
    if not query.experiments or not names:
        return 0, {}
    statement, found = found_of(query)
    experiments = statement.bind(list(query.experiments), "bigint[]")
    one_of, parts = statement.any_of("t.experiment_id", query.experiments), []
    for number, name in enumerate(names):
        text, key = _text_of(query, name)
        values = {
            "part": number, "experiments": experiments, "one_of": one_of, "key": statement.bind(key, "text"),
            "other": statement.bind(OTHER_STAGE.get(query.view_type, ""), "text"),
            "table": TABLES.get((field_parts(name) or ("", ""))[0], ""),
        }  # fmt: skip
        parts += [text.format(**values)] if text else []
    is_summed = any("FROM state" in part for part in parts)
    if is_summed:
        parts.insert(0, _TOTAL)
    text = f"WITH found AS ({found}){_STATE if is_summed else ''} {' UNION ALL '.join(parts)}"
    counted: dict[str, Counts] = {name: [] for name in names}
    total = 0
    for part, value, count in _rows(text, statement) if parts else ():
        if part < 0:
            total = count
        else:
            counted[names[part]].append((value, count))
    for pairs in counted.values():
        pairs.sort(key=lambda pair: (-pair[1], pair[0]))
    return total, counted


def _text_of(query: TableQuery, name: str) -> tuple[str, str]:
    entity, key = field_parts(name) or ("", "")
    is_whole = not query.is_filtered and query.view_type in OTHER_STAGE
    if entity in TABLES:
        return _ALL_BUT if is_whole else _COUNTED, key
    if entity == "model" and is_whole:
        return _ALL_MODELS, key
    fixed = {("attribute", "status"): _STATES, ("attribute", "owner"): _OWNERS, ("model", "type"): _MODELS}
    return fixed.get((entity, key), ""), key


def found_of(query: TableQuery) -> tuple[Statement, str]:
    """The runs that a search finds, with what facets of attributes count."""
    columns = "r.id, r.status, r.created_by_id, r.user_name"
    query = narrowed(query)
    few = few_ids(query) if query.is_narrow else None
    if few is not None:
        few_of = Statement()
        ids = few_of.bind(few, "uuid[]")
        return few_of, f"SELECT {columns} FROM experiments_run r WHERE r.id = ANY({ids})"  # noqa: S608
    asked = filtered(query)
    start = "experiments_run r"
    if asked.parts:
        start = (
            f"unnest({asked.bind(list(asked.parts), 'bigint[]')}) AS part(id) JOIN experiments_run r ON TRUE"
        )
    conditions = [*asked.conditions, *(condition.format(id="r.id") for condition in asked.late)]
    return asked, " ".join(
        ["SELECT", columns, "FROM", start, *asked.joins, "WHERE", " AND ".join(conditions)]
    )


def _rows(text: str, statement: Statement) -> list[Any]:
    # Not prepared: a plan for any value would not know whether a filter finds ten runs or all of them.
    with sql.cursor() as cursor:
        return cursor.execute(text, statement.params, prepare=False).fetchall()


def _with_picked(counts: Counts, picked: list[str]) -> Counts:
    """The most frequent values, and those that are picked."""
    listed, late = counts[:VALUES_AT_MOST], dict(counts[VALUES_AT_MOST:])
    shown = {value for value, _ in listed}
    return [*listed, *((value, late.get(value, 0)) for value in picked if value not in shown)]
