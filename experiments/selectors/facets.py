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
from experiments.selectors.table_keys import table_keys, table_values
from experiments.selectors.table_search import few_ids
from experiments.selectors.table_state import TableState, field_parts, table_query
from portal.accounts.actor import Actor
from portal.kernel import sql

FIXED = ("attributes.status", "attributes.owner", "model.type")
OPEN_FIELDS, FIELDS_AT_MOST, VALUES_AT_MOST, FEW_VALUES = 3, 40, 12, 10
_TABLES = {PARAM: "experiments_param", TAG: "experiments_runtag"}
# How many runs are in which state: what facets of attributes are summed from.
_FOUND = """
WITH found AS ({found}), state AS MATERIALIZED (
    SELECT status, created_by_id, user_name, count(*) AS runs FROM found GROUP BY 1, 2, 3
)
SELECT -1, '', coalesce(sum(runs), 0)::bigint FROM state
"""
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
# All values, less those of runs that do not count: few runs are deleted, so that this need not look at each run.
_ALL_BUT = """
SELECT {part}, a.value, a.runs - coalesce(b.runs, 0) FROM (
    SELECT t.value, count(*) AS runs FROM {table} t
    WHERE t.experiment_id = ANY({experiments}) AND t.key = {key} AND length(t.value) <= 200 GROUP BY 1
) a LEFT JOIN (
    SELECT t.value, count(*) AS runs FROM experiments_run r JOIN {table} t ON t.run_id = r.id AND t.key = {key}
    WHERE r.experiment_id = ANY({experiments}) AND r.lifecycle_stage = {other} GROUP BY 1
) b ON b.value = a.value WHERE a.runs > coalesce(b.runs, 0)
"""
_OTHER_STAGE = {"ACTIVE_ONLY": "deleted", "DELETED_ONLY": "active"}
Counts: TypeAlias = list[tuple[str, int]]


@dataclass(frozen=True)
class Facet:
    """A field and the values that the runs have in it, the most frequent first; not counted while it is closed."""

    field: str
    counts: Counts | None = None


@dataclass(frozen=True)
class Facets:
    """How many runs are found, and the facets of them."""

    count: int
    facets: list[Facet]


def facets(actor: Actor, state: TableState) -> Facets:
    """The facets of a state: the first ones counted, and those with picks. Raises ProtocolError on a bad filter."""
    fields = facet_fields(state.experiments)
    picked = {name for name, _ in state.facets}
    opened = [*FIXED, *fields[:OPEN_FIELDS]]
    others = [name for name in dict.fromkeys([*fields[OPEN_FIELDS:], *sorted(picked)]) if name not in opened]
    together = [name for name in opened if name not in picked]
    count, counted = _counts(actor, state, together)
    counted |= {name: facet_counts(actor, state, name) for name in picked}
    shown = {name: pairs[: VALUES_AT_MOST + len(picked)] for name, pairs in counted.items()}
    return Facets(count, [Facet(name, shown.get(name)) for name in [*opened, *others]])


def facet_fields(experiments: Sequence[int]) -> list[str]:
    """Params and tags that have few values, but more than one."""
    found = [f"params.{key}" for key in table_keys(experiments, PARAM, limit=FIELDS_AT_MOST)]
    found += [f"tags.{key}" for key in table_keys(experiments, TAG) if not key.startswith("mlflow.")]
    return [name for name in found[:FIELDS_AT_MOST] if 1 < len(table_values(experiments, name)) <= FEW_VALUES]


def facet_counts(actor: Actor, state: TableState, name: str) -> Counts:
    """How many of the runs found have which value; what is picked is among them."""
    _, counted = _counts(actor, state.without_facet(name), [name])
    return _with_picked(counted.get(name, []), state.values_of(name))


def _counts(actor: Actor, state: TableState, names: Sequence[str]) -> tuple[int, dict[str, Counts]]:
    """All in one statement, which finds the runs once."""
    query = table_query(actor, state)
    if not query.experiments:
        return 0, {}
    statement, found = found_of(query)
    experiments = statement.bind(list(query.experiments), "bigint[]")
    parts = [_FOUND.format(found=found)]
    for number, name in enumerate(names):
        text, key = _text_of(query, name)
        values = {
            "part": number, "experiments": experiments, "key": statement.bind(key, "text"),
            "other": statement.bind(_OTHER_STAGE.get(query.view_type, ""), "text"),
            "table": _TABLES.get((field_parts(name) or ("", ""))[0], ""),
        }  # fmt: skip
        parts += [text.format(**values)] if text else []
    text = " UNION ALL ".join(parts)
    counted: dict[str, Counts] = {name: [] for name in names}
    total = 0
    for part, value, count in _rows(text, statement):
        if part < 0:
            total = count
        else:
            counted[names[part]].append((value, count))
    for pairs in counted.values():
        pairs.sort(key=lambda pair: (-pair[1], pair[0]))
    return total, counted


def _text_of(query: TableQuery, name: str) -> tuple[str, str]:
    entity, key = field_parts(name) or ("", "")
    is_whole = not query.is_filtered and query.view_type in _OTHER_STAGE
    if entity in _TABLES:
        return _ALL_BUT if is_whole else _COUNTED, key
    if entity == "model" and is_whole:
        return _ALL_MODELS, key
    fixed = {("attribute", "status"): _STATES, ("attribute", "owner"): _OWNERS, ("model", "type"): _MODELS}
    return fixed.get((entity, key), ""), key


def found_of(query: TableQuery) -> tuple[Statement, str]:
    """The runs that a search finds, with what facets of attributes count."""
    columns = "r.id, r.status, r.created_by_id, r.user_name"
    few = few_ids(query) if query.is_filtered else None
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
    return asked, " ".join(
        ["SELECT", columns, "FROM", start, *asked.joins, "WHERE", " AND ".join(asked.conditions)]
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
