"""Registry searches as SQL, with the permission of the caller inside the statement."""

import re
from collections.abc import Sequence
from uuid import UUID

from experiments.search.keyset import SortKey
from experiments.search.statement import Statement
from experiments.search.terms import TAG, Comparison, Ordering
from registry.search.language import asks_for_prompts

MODELS = "m.id FROM registry_registeredmodel m"
VERSIONS = "v.id FROM registry_modelversion v"
_HEX = re.compile(r"[0-9a-f]{32}\Z")
_RUN = "COALESCE(replace(v.run_id::text, '-', ''), '')"
_COLUMNS = {"name": "m.name", "version_number": "v.version", "source_path": "v.source", "run_id": _RUN}
_ORDER = {
    "name": ("m.name", "text"),
    "version_number": ("v.version", "bigint"),
}


def models_statement(workspaces: Sequence[int] | None, comparisons: Sequence[Comparison]) -> Statement:
    """A search over registered models `m` of the given workspaces (None: of all)."""
    statement = Statement()
    _seen(statement, "m", workspaces)
    for comparison in comparisons:
        if comparison.entity == TAG:
            statement.where(_tag(statement, comparison, "registry_registeredmodeltag", "x.model_id = m.id"))
        else:
            statement.where(statement.compared(_COLUMNS[comparison.key], comparison))
    return statement


def versions_statement(workspaces: Sequence[int] | None, comparisons: Sequence[Comparison]) -> Statement:
    """A search over versions `v` and their models `m`."""
    statement = Statement()
    statement.joins.append("JOIN registry_registeredmodel m ON m.id = v.model_id")
    statement.where("v.deleted_at IS NULL")
    _seen(statement, "v", workspaces)
    for comparison in comparisons:
        statement.where(_version_condition(statement, comparison))
    return statement


def prompts_part(statement: Statement, comparisons: Sequence[Comparison]) -> None:
    """Models or prompts, never both."""
    statement.where("m.is_prompt" if asks_for_prompts(comparisons) else "NOT m.is_prompt")


def sort_keys(table: str, orderings: Sequence[Ordering]) -> list[SortKey]:
    """The keys of an order; the id decides last, as two workspaces may use one name."""
    keys = []
    for ordering in orderings:
        expression, cast = _ORDER.get(ordering.key, (f"{table}.{ordering.key}", "bigint"))
        keys.append(SortKey(expression, cast, ordering.ascending))
    return [*keys, SortKey(f"{table}.id", "uuid")]


def _seen(statement: Statement, table: str, workspaces: Sequence[int] | None) -> None:
    if workspaces is not None:
        statement.where(statement.any_of(f"{table}.workspace_id", workspaces))
    statement.where("m.deleted_at IS NULL")


def _version_condition(statement: Statement, comparison: Comparison) -> str:
    if comparison.entity == TAG:
        return _tag(statement, comparison, "registry_modelversiontag", "x.version_id = v.id")
    if comparison.key == "version_number":
        return statement.number("v.version", comparison)
    if comparison.key == "run_id" and comparison.op in ("=", "IN"):
        given = comparison.value if isinstance(comparison.value, tuple) else (comparison.value,)
        runs = [UUID(str(value)) for value in given if _HEX.match(str(value))]
        if len(runs) == len(given):  # by the index, where ids of ours are asked for
            return f"v.run_id = ANY({statement.bind(runs, 'uuid[]')})"
    return statement.compared(_COLUMNS[comparison.key], comparison)


def _tag(statement: Statement, comparison: Comparison, table: str, joined: str) -> str:
    key = statement.bind(comparison.key, "text")
    matches = statement.compared("x.value", comparison)
    return f"EXISTS (SELECT FROM {table} x WHERE {joined} AND x.key = {key} AND {matches} OFFSET 0)"
