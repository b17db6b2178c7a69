"""The language of experiment searches: attributes and tags, comparators in capitals."""

from collections.abc import Sequence

from sqlparse.sql import Parenthesis, Token

from experiments.search.clauses import SHOWN, Clause, clauses_of
from experiments.search.operands import is_number, is_text, number_of, plain_name, quoted_text, text_list
from experiments.search.orderings import order_count_check, order_words
from experiments.search.run_language import (
    LIST_OPS,
    NULL_OPS,
    NUMERIC_OPS,
    TEXT_OPS,
    like_check,
    list_key_check,
    list_op_check,
)
from experiments.search.terms import ATTRIBUTE, TAG, Comparison, Ordering, Value
from portal.kernel.mlflow_errors import invalid_parameter

NUMERIC_KEYS = frozenset({"creation_time", "last_update_time"})
KEYS = NUMERIC_KEYS | {"name", "experiment_id"}
ENTITIES = {"attribute": ATTRIBUTE, "tag": TAG, "tags": TAG}
DEFAULT_ORDER = (Ordering(ATTRIBUTE, "creation_time", False), Ordering(ATTRIBUTE, "experiment_id", True))
_ID_OPS = frozenset({"=", "!="}) | LIST_OPS


def experiment_filter_parse(filter_string: str | None) -> tuple[Comparison, ...]:
    """The comparisons of a filter over experiments. Raises ProtocolError as MLflow does."""
    if not filter_string:
        return ()
    comparisons = [_comparison(clause) for clause in clauses_of(filter_string)]
    return tuple(_checked(comparison) for comparison in comparisons)


def experiment_order_parse(order_by: Sequence[str]) -> tuple[Ordering, ...]:
    """The order-by terms of a search over experiments, with the id as last resort."""
    order_count_check(len(order_by))
    orderings = tuple(_ordering(clause) for clause in order_by) or DEFAULT_ORDER
    if any(each.key == "experiment_id" for each in orderings):
        return orderings
    return (*orderings, Ordering(ATTRIBUTE, "experiment_id", False))


def _comparison(clause: Clause) -> Comparison:
    entity, key = _identifier(clause.left.value)
    if clause.right is not None:
        return Comparison(entity, key, clause.op, _value(entity, key, clause.right))
    if entity != TAG:
        raise invalid_parameter(
            f"IS NULL / IS NOT NULL is only supported for tags, not for attribute '{key}'"
        )
    return Comparison(entity, key, clause.op, None)


def _identifier(written: str) -> tuple[str, str]:
    head, dot, tail = written.partition(".")
    entity = ENTITIES.get(head) if dot else ATTRIBUTE
    if entity is None:
        raise invalid_parameter(
            f"Invalid entity type '{head[:SHOWN]}'. Valid entity types are ('attribute', 'tag', 'tags')"
        )
    key = plain_name(tail if dot else head)
    if entity == ATTRIBUTE and key not in KEYS:
        raise invalid_parameter(
            f"Invalid attribute key '{key[:SHOWN]}' specified. Valid keys are '{sorted(KEYS)}'"
        )
    return entity, key


def _value(entity: str, key: str, token: Token) -> Value:
    if entity == ATTRIBUTE and key in NUMERIC_KEYS:
        if is_number(token):
            return number_of(token)
        raise invalid_parameter(
            f"Expected numeric value type for numeric attribute: {key}. Found {token.value[:SHOWN]}"
        )
    if is_text(token):
        return quoted_text(token)
    if entity == ATTRIBUTE and isinstance(token, Parenthesis):
        list_key_check(entity, key, frozenset({"experiment_id"}))
        return text_list(token)
    raise invalid_parameter(f"Expected a quoted string value for {entity}. Got value {token.value[:SHOWN]}")


def _checked(comparison: Comparison) -> Comparison:
    allowed, what = _allowed_ops(comparison)
    if comparison.op not in allowed:
        raise invalid_parameter(f"Invalid comparator for {what}: {comparison.op}")
    like_check(comparison)
    list_op_check(comparison)
    if comparison.key in NUMERIC_KEYS and comparison.entity == ATTRIBUTE:
        _whole_number_check(comparison)
    if comparison.key == "experiment_id" and comparison.entity == ATTRIBUTE:
        return Comparison(ATTRIBUTE, comparison.key, comparison.op, _ids(comparison.value))
    return comparison


def _allowed_ops(comparison: Comparison) -> tuple[frozenset[str], str]:
    if comparison.entity == TAG:
        return TEXT_OPS | NULL_OPS, "tag"
    if comparison.key == "experiment_id":
        return _ID_OPS, "experiment_id"
    if comparison.key in NUMERIC_KEYS:
        return NUMERIC_OPS, "numeric attribute"
    return TEXT_OPS, "string attribute"


def _whole_number_check(comparison: Comparison) -> None:
    if isinstance(comparison.value, float):
        raise invalid_parameter(
            f"Invalid value for numeric attribute '{comparison.key}': '{comparison.value}'"
        )


def _ids(value: Value) -> int | tuple[int, ...]:
    if isinstance(value, tuple):
        return tuple(_id(each) for each in value)
    return _id(value)


def _id(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise invalid_parameter(
            f"Invalid experiment ID '{str(value)[:SHOWN]}'. Experiment ID must be a valid integer."
        ) from None


def _ordering(clause: str) -> Ordering:
    written, ascending = order_words(clause)
    entity, key = _identifier(written)
    if entity != ATTRIBUTE:
        raise invalid_parameter(f"Invalid order_by entity: {entity}")
    return Ordering(entity, key, ascending)
