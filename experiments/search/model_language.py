"""The language of logged-model searches: a dialect of its own inside MLflow, laxer on quotes.

`name = abc` needs no quotes, and the entity must be spelled in the plural (`metrics.`, `params.`, `tags.`,
`attributes.`).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlparse.sql import Parenthesis, Token

from experiments.search.clauses import SHOWN, Clause, clauses_of
from experiments.search.operands import text_list
from experiments.search.orderings import order_count_check
from experiments.search.run_language import LIST_OPS, NUMERIC_OPS, TEXT_OPS, like_check, list_op_check
from experiments.search.terms import ATTRIBUTE, METRIC, PARAM, TAG, Comparison, Ordering, Value
from portal.kernel.mlflow_errors import invalid_parameter

ENTITIES = {"attributes": ATTRIBUTE, "metrics": METRIC, "params": PARAM, "tags": TAG}
CREATED, UPDATED = "creation_timestamp", "last_updated_timestamp"
ALIASES = {
    "creation_time": CREATED,
    "creation_timestamp_ms": CREATED,
    "last_updated_timestamp_ms": UPDATED,
    "last_updated_time": UPDATED,
}
NUMERIC_KEYS = frozenset({CREATED, UPDATED})
KEYS = NUMERIC_KEYS | {
    "name",
    "model_id",
    "model_type",
    "status",
    "source_run_id",
    "artifact_location",
    "experiment_id",
    "lifecycle_stage",
    "status_message",
}
_IDENTIFIER = re.compile(r"^([a-z]+)\.(.+)$")


def model_filter_parse(filter_string: str | None) -> tuple[Comparison, ...]:
    """The comparisons of a filter over logged models. Raises ProtocolError where MLflow fails."""
    if not filter_string:
        return ()
    return tuple(_comparison(clause) for clause in clauses_of(filter_string))


def model_order_parse(order_by: Sequence[Mapping[str, Any]]) -> tuple[Ordering, ...]:
    """The order-by terms of a search over logged models, newest first and the id as last resorts."""
    order_count_check(len(order_by))
    orderings = [_ordering(each) for each in order_by]
    attributes = {each.key for each in orderings if each.entity == ATTRIBUTE}
    if CREATED not in attributes:
        orderings.append(Ordering(ATTRIBUTE, CREATED, False))
    if "model_id" not in attributes:
        orderings.append(Ordering(ATTRIBUTE, "model_id", True))
    return tuple(orderings)


def _comparison(clause: Clause) -> Comparison:
    if clause.right is None:
        raise invalid_parameter(f"Invalid comparison: {clause.op}. Expected a comparison with 3 tokens.")
    entity, key = _identifier(clause.left.value)
    numeric = entity == METRIC or (entity == ATTRIBUTE and key in NUMERIC_KEYS)
    op, allowed = clause.op.upper(), NUMERIC_OPS if numeric else TEXT_OPS | LIST_OPS
    if op not in allowed:
        raise invalid_parameter(
            f"Invalid comparison operator for {entity} {key[:SHOWN]}: '{op}'. "
            f"Expected one of {sorted(allowed)}."
        )
    value = _number(clause.right) if numeric else _text(clause.right)
    comparison = Comparison(entity, key, op, value)
    like_check(comparison)
    list_op_check(comparison)
    return comparison


def _identifier(written: str) -> tuple[str, str]:
    named = _IDENTIFIER.match(written)
    if named is None:
        return ATTRIBUTE, _attribute(written)
    entity = ENTITIES.get(named[1])
    if entity is None:
        raise invalid_parameter(
            f"Invalid entity type: {named[1][:SHOWN]!r}. Expected one of {list(ENTITIES)}."
        )
    key = named[2].strip("`")
    return (entity, _attribute(key)) if entity == ATTRIBUTE else (entity, key)


def _attribute(written: str) -> str:
    name = ALIASES.get(written, written).strip("`")
    name = ALIASES.get(name, name)
    if name not in KEYS:
        raise invalid_parameter(
            f"Invalid attribute key '{name[:SHOWN]}' specified. Valid keys are '{sorted(KEYS)}'"
        )
    return name


def _number(token: Token) -> float:
    try:
        return float(token.value)
    except ValueError:
        raise invalid_parameter(f"Expected numeric value. Found {token.value[:SHOWN]}") from None


def _text(token: Token) -> Value:
    if isinstance(token, Parenthesis):
        return text_list(token)
    return str(token.value).strip("'")


def _ordering(order: Mapping[str, Any]) -> Ordering:
    written = order.get("field_name")
    if not written:
        raise invalid_parameter("`field_name` in the `order_by` clause must be specified.")
    head, dot, tail = written.partition(".")
    ascending = order.get("ascending") is not False
    if not dot:
        return Ordering(ATTRIBUTE, _order_attribute(head), ascending)
    if head != "metrics":
        raise invalid_parameter(
            f"Invalid order by field name: {written[:SHOWN]}. Only metrics are supported."
        )
    return Ordering(
        METRIC, tail, ascending, order.get("dataset_name") or None, order.get("dataset_digest") or None
    )


def _order_attribute(written: str) -> str:
    name = ALIASES.get(written, written)
    if name not in KEYS:
        raise invalid_parameter(f"Invalid order by field name: {written[:SHOWN]}")
    return name
