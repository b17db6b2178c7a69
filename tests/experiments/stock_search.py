"""What stock MLflow makes of a filter or an order: its parser and its SQL compiler, without a database."""

from collections.abc import Callable, Sequence
from typing import Any

from mlflow.exceptions import MlflowException
from mlflow.store.tracking import sqlalchemy_store as store
from mlflow.utils.search_logged_model_utils import parse_filter_string
from mlflow.utils.search_utils import SearchExperimentsUtils, SearchUtils
from sqlalchemy.orm import Session

from portal.kernel.mlflow_errors import INVALID_PARAMETER_VALUE, ProtocolError

REJECTED = "rejected"
_DIALECT = "postgresql"


def stock_run_filter(text: str) -> Any:
    """(entity, key, op, value) of each comparison, or REJECTED."""

    def parse() -> list[tuple[Any, ...]]:
        parsed = SearchUtils.parse_search_filter(text)
        store._get_sqlalchemy_filter_clauses(parsed, Session(), _DIALECT)
        return [_normal(each) for each in parsed]

    return _outcome(parse)


def stock_run_order(clauses: Sequence[str]) -> Any:
    def parse() -> list[tuple[Any, ...]]:
        store._get_orderby_clauses(list(clauses), Session())
        parsed = map(SearchUtils.parse_order_by_for_search_runs, clauses)
        return [(entity, _plain_key(entity, key), ascending) for entity, key, ascending in parsed]

    return _outcome(parse)


def stock_experiment_filter(text: str) -> Any:
    def parse() -> list[tuple[Any, ...]]:
        parsed = SearchExperimentsUtils.parse_search_filter(text)
        store._get_search_experiments_filter_clauses(parsed, _DIALECT)
        return [(each["type"], each["key"], each["comparator"]) for each in parsed]

    return _outcome(parse)


def stock_experiment_order(clauses: Sequence[str]) -> Any:
    def parse() -> list[tuple[Any, ...]]:
        store._get_search_experiments_order_by_clauses(list(clauses))
        return list(map(SearchExperimentsUtils.parse_order_by_for_search_experiments, clauses))

    return _outcome(parse)


def stock_model_filter(text: str) -> Any:
    def parse() -> list[tuple[Any, ...]]:
        return [(each.entity.key, each.op) for each in parse_filter_string(text)]

    return _outcome(parse)


def portal_outcome(parse: Callable[[], Any]) -> Any:
    """The result of a parser of ours, or REJECTED; any other exception is a fault, as is any other code."""
    try:
        return parse()
    except ProtocolError as error:
        if error.error_code != INVALID_PARAMETER_VALUE:
            raise
        return REJECTED


def _outcome(parse: Callable[[], Any]) -> Any:
    # Stock answers some bad input with a 500 from an exception it did not expect: a rejection all the same.
    try:
        return parse()
    except (MlflowException, ValueError, TypeError, AttributeError, SyntaxError, IndexError, OverflowError):
        return REJECTED


def _normal(parsed: dict[str, Any]) -> tuple[Any, ...]:
    value = float(parsed["value"]) if parsed["type"] == "metric" else parsed["value"]
    return parsed["type"], _plain_key(parsed["type"], parsed["key"]), parsed["comparator"].upper(), value


def _plain_key(entity: str, key: str) -> str:
    return SearchUtils.translate_key_alias(key) if entity == "attribute" else key
