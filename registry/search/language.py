"""The language of registry searches, as MLflow 3.17 speaks it: attributes and tags, joined by AND."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlparse.sql import Parenthesis, Token

from experiments.search.clauses import SHOWN, Clause, clauses_of
from experiments.search.operands import is_number, is_text, number_of, plain_name, quoted_text, text_list
from experiments.search.orderings import order_count_check, order_words
from experiments.search.run_language import (
    LIST_OPS,
    NUMERIC_OPS,
    TEXT_OPS,
    like_check,
    list_key_check,
    list_op_check,
)
from experiments.search.terms import ATTRIBUTE, TAG, Comparison, Ordering, Value
from portal.kernel.mlflow_errors import invalid_parameter
from registry.prompts import IS_PROMPT

# As MLflow lists them, though it searches versions by one of them only.
_NUMBERS = "{'creation_timestamp', 'last_updated_timestamp', 'version_number'}"
ENTITIES = {"attribute": ATTRIBUTE, "tag": TAG, "tags": TAG}


@dataclass(frozen=True)
class Language:
    """What may be compared and ordered by; `order_names` maps what a caller writes to the column that is meant."""

    keys: frozenset[str]
    numeric: frozenset[str]
    listed: frozenset[str]
    order_names: dict[str, str]
    default_order: tuple[str, ...]
    last_resort: tuple[tuple[str, bool], ...]
    order_refusal: str


MODELS = Language(
    keys=frozenset({"name"}),
    numeric=frozenset(),
    listed=frozenset({"name"}),
    order_names={
        "name": "name",
        "timestamp": "last_updated_timestamp",
        "last_updated_timestamp": "last_updated_timestamp",
    },
    default_order=(),
    last_resort=(("name", True),),
    order_refusal="Invalid order by key '{}' specified. Valid keys are '{{'name', 'timestamp'}}'",
)
VERSIONS = Language(
    keys=frozenset({"name", "version_number", "run_id", "source_path"}),
    numeric=frozenset({"version_number"}),
    listed=frozenset({"name", "run_id"}),
    order_names={
        name: name for name in ("name", "version_number", "creation_timestamp", "last_updated_timestamp")
    },
    default_order=("last_updated_timestamp DESC",),
    last_resort=(("name", True), ("version_number", False)),
    order_refusal=(
        "Invalid attribute key '{}' specified. Valid keys are "
        "'{{'creation_timestamp', 'last_updated_timestamp', 'name', 'version_number'}}'"
    ),
)


def filter_parse(language: Language, filter_string: str | None) -> tuple[Comparison, ...]:
    """The comparisons of a filter. Raises ProtocolError as MLflow does."""
    if not filter_string:
        return ()
    return tuple(_checked(language, _comparison(language, clause)) for clause in clauses_of(filter_string))


def order_parse(language: Language, order_by: Sequence[str]) -> tuple[Ordering, ...]:
    """The order-by terms, with what decides where they leave rows equal."""
    order_count_check(len(order_by))
    orderings = [_ordering(language, clause) for clause in order_by or language.default_order]
    keys = [each.key for each in orderings]
    if len(set(keys)) < len(keys):
        raise invalid_parameter(f"`order_by` contains duplicate fields: {str(list(order_by))[:SHOWN]}")
    rest = (Ordering(ATTRIBUTE, key, way) for key, way in language.last_resort if key not in keys)
    return (*orderings, *rest)


def asks_for_prompts(comparisons: Sequence[Comparison]) -> bool:
    """Whether a search is for prompts, which are hidden otherwise; the first word about it counts, as in MLflow."""
    for each in comparisons:
        if each.entity == TAG and each.key == IS_PROMPT:
            value = str(each.value).lower()
            return (each.op, value) in (("=", "true"), ("!=", "false"))
    return False


def _comparison(language: Language, clause: Clause) -> Comparison:
    entity, key = _identifier(clause.left.value, language.keys)
    if clause.right is None:
        raise invalid_parameter(f"IS NULL / IS NOT NULL is not supported here, for {entity} '{key[:SHOWN]}'")
    return Comparison(entity, key, clause.op.upper(), _value(language, entity, key, clause.right))


def _identifier(written: str, keys: frozenset[str]) -> tuple[str, str]:
    head, dot, tail = written.partition(".")
    entity = ENTITIES.get(head) if dot else ATTRIBUTE
    if entity is None:
        raise invalid_parameter(
            f"Invalid entity type '{head[:SHOWN]}'. Valid entity types are ('attribute', 'tag', 'tags')"
        )
    key = plain_name(tail if dot else head)
    if entity == ATTRIBUTE and key not in keys:
        raise invalid_parameter(
            f"Invalid attribute key '{key[:SHOWN]}' specified. Valid keys are '{sorted(keys)}'"
        )
    return entity, key


def _value(language: Language, entity: str, key: str, token: Token) -> Value:
    if is_text(token):
        return quoted_text(token)
    if entity == TAG:
        raise invalid_parameter(
            f"Expected a quoted string value for tag (e.g. 'my-value'). Got value {token.value[:SHOWN]}"
        )
    if isinstance(token, Parenthesis):
        list_key_check(entity, key, language.listed)
        return text_list(token)
    if is_number(token) and language.numeric:
        if key not in language.numeric:
            raise invalid_parameter(
                f"Only the '{_NUMBERS}' attributes support comparison with numeric values."
            )
        return number_of(token)
    raise invalid_parameter(
        "Expected a quoted string value or a list of quoted string values for attributes. "
        f"Got value {token.value[:SHOWN]}"
    )


def _checked(language: Language, comparison: Comparison) -> Comparison:
    if comparison.entity == ATTRIBUTE and comparison.key in language.numeric:
        return _numeric(comparison)
    allowed = TEXT_OPS
    if comparison.entity == ATTRIBUTE and comparison.key in language.listed:
        allowed = TEXT_OPS | LIST_OPS
    if comparison.op not in allowed:
        raise invalid_parameter(f"Invalid comparator for {comparison.entity}: {comparison.op}")
    like_check(comparison)
    list_op_check(comparison)
    return comparison


def _numeric(comparison: Comparison) -> Comparison:
    """A whole number, also in quotes, as MLflow reads it."""
    if comparison.op not in NUMERIC_OPS:
        raise invalid_parameter(f"Invalid comparator for attribute {comparison.key}: {comparison.op}")
    wrong = invalid_parameter(
        f"Invalid value for numeric attribute '{comparison.key}': {comparison.value!r}"[:SHOWN]
    )
    if not isinstance(comparison.value, int | str):
        raise wrong
    try:
        return Comparison(ATTRIBUTE, comparison.key, comparison.op, int(comparison.value))
    except ValueError:
        raise wrong from None


def _ordering(language: Language, clause: str) -> Ordering:
    written, ascending = order_words(clause)
    head, dot, tail = written.partition(".")
    name = plain_name(tail if dot and head == "attribute" else written)
    if name not in language.order_names:
        raise invalid_parameter(language.order_refusal.format(name[:SHOWN]))
    return Ordering(ATTRIBUTE, language.order_names[name], ascending)
