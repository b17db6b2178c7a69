"""The language of run searches, as MLflow 3.17 speaks it."""

from collections.abc import Sequence
from functools import lru_cache

from sqlparse.sql import Parenthesis, Token

from experiments.search.clauses import SHOWN, Clause, clauses_of
from experiments.search.operands import (
    double_of,
    is_number,
    is_text,
    number_of,
    plain_name,
    quoted_text,
    text_list,
    without_backticks,
)
from experiments.search.orderings import order_count_check, order_words
from experiments.search.terms import (
    ATTRIBUTE,
    DATASET,
    IS_NOT_NULL,
    IS_NULL,
    METRIC,
    PARAM,
    TAG,
    Comparison,
    Ordering,
    Value,
)
from portal.kernel.mlflow_errors import invalid_parameter

NUMERIC_OPS = frozenset({">", ">=", "!=", "=", "<", "<="})
TEXT_OPS = frozenset({"!=", "=", "LIKE", "ILIKE"})
LIST_OPS = frozenset({"IN", "NOT IN"})
NULL_OPS = frozenset({IS_NULL, IS_NOT_NULL})

ENTITIES = {
    **dict.fromkeys(("metric", "metrics"), METRIC),
    **dict.fromkeys(("parameter", "parameters", "param", "params"), PARAM),
    **dict.fromkeys(("tag", "tags"), TAG),
    **dict.fromkeys(("attribute", "attributes", "attr", "run"), ATTRIBUTE),
    **dict.fromkeys(("dataset", "datasets"), DATASET),
}
NUMERIC_KEYS = frozenset({"start_time", "end_time", "created", "Created"})
ORDER_KEYS = NUMERIC_KEYS | {"artifact_uri", "run_id", "run_name", "status", "user_id"}
FILTER_KEYS = ORDER_KEYS | {"run name", "Run name", "Run Name"}
DATASET_KEYS = frozenset({"context", "digest", "name"})
MAX_DATASET_TERMS = 10
LIST_KEYS = frozenset({"run_id"})
# How MLflow names what it expects a quoted value for.
_QUOTED = {
    PARAM: "parameter (e.g. 'my-value')", TAG: "tag (e.g. 'my-value')", ATTRIBUTE: "attributes",
    DATASET: "dataset attributes",
}  # fmt: skip
ALIASES = {
    **dict.fromkeys(("created", "Created"), "start_time"),
    **dict.fromkeys(("run name", "Run name", "Run Name"), "run_name"),
}
_OPS = {
    METRIC: NUMERIC_OPS,
    PARAM: TEXT_OPS | NULL_OPS,
    TAG: TEXT_OPS | NULL_OPS,
    DATASET: TEXT_OPS | LIST_OPS,
}


def run_filter_parse(filter_string: str | None) -> tuple[Comparison, ...]:
    """The comparisons of a filter over runs. Raises ProtocolError as MLflow does."""
    if not filter_string:
        return ()
    return _parsed(filter_string) if len(filter_string) <= 2_000 else _parsed.__wrapped__(filter_string)


def run_order_parse(order_by: Sequence[str]) -> tuple[Ordering, ...]:
    """The order-by terms of a search over runs."""
    order_count_check(len(order_by))
    orderings = [_ordering(clause) for clause in order_by]
    if len({(each.entity, each.key) for each in orderings}) < len(orderings):
        raise invalid_parameter(f"`order_by` contains duplicate fields: {str(list(order_by))[:SHOWN]}")
    return tuple(orderings)


@lru_cache(maxsize=512)
def _parsed(filter_string: str) -> tuple[Comparison, ...]:
    comparisons = [_comparison(clause) for clause in clauses_of(filter_string)]
    for comparison in comparisons:
        _op_check(comparison)
    _dataset_count_check(sum(comparison.entity == DATASET for comparison in comparisons))
    return tuple(comparisons)


def _dataset_count_check(terms: int) -> None:
    if terms > MAX_DATASET_TERMS:
        raise invalid_parameter(f"At most {MAX_DATASET_TERMS} terms of a search can be about datasets.")


def _comparison(clause: Clause) -> Comparison:
    entity, key = _identifier(clause.left.value, FILTER_KEYS)
    op = clause.op.upper()
    if clause.right is None:
        if entity not in (TAG, PARAM):
            raise invalid_parameter(
                f"IS NULL / IS NOT NULL is only supported for tags and params, not for '{entity}' '{key}'"
            )
        return Comparison(entity, key, op, None)
    value = _value(entity, key, clause.right)
    return Comparison(entity, _unaliased(entity, key), op, value)


def _identifier(written: str, attributes: frozenset[str]) -> tuple[str, str]:
    head, dot, tail = written.partition(".")
    entity_name, key = (head, tail) if dot else (ATTRIBUTE, head)
    entity = ENTITIES.get(without_backticks(entity_name))
    if entity is None:
        raise invalid_parameter(
            f"Invalid entity type '{without_backticks(entity_name)[:SHOWN]}'. "
            f"Valid values are {[METRIC, PARAM, TAG, ATTRIBUTE, DATASET]}"
        )
    key = plain_name(key)
    if entity == ATTRIBUTE and key not in attributes:
        raise invalid_parameter(
            f"Invalid attribute key '{key[:SHOWN]}' specified. Valid keys are '{sorted(attributes)}'"
        )
    if entity == DATASET and key not in DATASET_KEYS:
        raise invalid_parameter(
            f"Invalid dataset key '{key[:SHOWN]}' specified. Valid keys are '{sorted(DATASET_KEYS)}'"
        )
    return entity, key


def _value(entity: str, key: str, token: Token) -> Value:
    if entity == METRIC:
        return _metric_value(token)
    if entity == ATTRIBUTE and key in NUMERIC_KEYS:
        return _numeric_attribute(key, token)
    if is_text(token):
        return quoted_text(token)
    if entity in (ATTRIBUTE, DATASET) and isinstance(token, Parenthesis):
        list_key_check(entity, key, LIST_KEYS)
        return text_list(token)
    raise invalid_parameter(
        f"Expected a quoted string value for {_QUOTED[entity]}. Got value {token.value[:SHOWN]}"
    )


def list_key_check(entity: str, key: str, allowed: frozenset[str]) -> None:
    """Refuse a list for an attribute that only takes one value."""
    if entity == ATTRIBUTE and key not in allowed:
        raise invalid_parameter(
            f"Only {sorted(allowed)} attributes support comparison with a list of quoted string values."
        )


def _metric_value(token: Token) -> float:
    if not is_number(token):
        raise invalid_parameter(f"Expected numeric value type for metric. Found {token.value[:SHOWN]}")
    return double_of(token.value)


def _numeric_attribute(key: str, token: Token) -> int | float:
    if not is_number(token):
        raise invalid_parameter(
            f"Expected numeric value type for numeric attribute: {key}. Found {token.value[:SHOWN]}"
        )
    return number_of(token)


def _unaliased(entity: str, key: str) -> str:
    # MLflow translates the old names after any entity, so that it cannot find a param named "created".
    return ALIASES.get(key, key) if entity == ATTRIBUTE else key


def _op_check(comparison: Comparison) -> None:
    allowed = _OPS.get(comparison.entity) or _attribute_ops(comparison.key)
    if comparison.op not in allowed:
        raise invalid_parameter(f"Invalid comparator '{comparison.op}' not one of '{sorted(allowed)}'")
    like_check(comparison)
    list_op_check(comparison)


def _attribute_ops(key: str) -> frozenset[str]:
    return NUMERIC_OPS if key in NUMERIC_KEYS else TEXT_OPS | LIST_OPS


def like_check(comparison: Comparison) -> None:
    """Refuse a pattern that ends inside an escape, which PostgreSQL cannot match."""
    if comparison.op in ("LIKE", "ILIKE") and isinstance(comparison.value, str):
        trailing = len(comparison.value) - len(comparison.value.rstrip("\\"))
        if trailing % 2:
            raise invalid_parameter("A LIKE pattern must not end with a single backslash.")


def list_op_check(comparison: Comparison) -> None:
    """A list goes with IN and NOT IN, and only with them."""
    if isinstance(comparison.value, tuple) != (comparison.op in LIST_OPS):
        raise invalid_parameter(
            f"Invalid comparator '{comparison.op}' for '{comparison.key}': "
            "a list of values needs IN or NOT IN, and these need a list."
        )


def _ordering(clause: str) -> Ordering:
    written, ascending = order_words(clause)
    entity, key = _identifier(written, ORDER_KEYS)
    if entity == DATASET:
        raise invalid_parameter(f"Invalid identifier type '{entity}'")
    return Ordering(entity, _unaliased(entity, key), ascending)
