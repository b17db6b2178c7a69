"""The two sides of a comparison: identifiers with their quotes and backticks, and literal values."""

import ast
import math

from sqlparse.sql import Identifier, Parenthesis, Token
from sqlparse.tokens import Literal

from experiments.search.clauses import SHOWN
from portal.kernel.mlflow_errors import invalid_parameter

_QUOTES = ("'", '"')


def is_number(token: Token) -> bool:
    """An integer or a decimal, as MLflow takes for metrics and times."""
    return token.ttype in (Literal.Number.Integer, Literal.Number.Float)


def is_text(token: Token) -> bool:
    """Something that can be a quoted string: single quotes, or an identifier in double ones."""
    return token.ttype is Literal.String.Single or isinstance(token, Identifier)


def number_of(token: Token) -> int | float:
    """The number of a token, an integer as such unless it is beyond any double."""
    if token.ttype is Literal.Number.Float or len(token.value) > 300:
        return float(token.value)
    return int(token.value)


def double_of(text: str) -> float:
    """A metric's value from its spelling in a filter."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise invalid_parameter(f"Expected numeric value type for metric. Found {text[:SHOWN]}")
    return value


def quoted_text(token: Token) -> str:
    """The inside of a quoted string."""
    text = str(token.value)
    if not _is_quoted(text):
        raise invalid_parameter(
            "Parameter value is either not quoted or unidentified quote "
            f"types used for string value {text[:SHOWN]}. Use either single or double quotes."
        )
    return text[1:-1]


def text_list(token: Parenthesis) -> tuple[str, ...]:
    """The strings of `('a', 'b')`."""
    try:
        parsed = ast.literal_eval(token.value.strip())
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        raise invalid_parameter(
            "While parsing a list in the query,"
            " expected a non-empty list of string values, but got ill-formed list."
        ) from None
    return _checked_list(parsed if isinstance(parsed, tuple) else (parsed,))


def plain_name(text: str) -> str:
    """A key without the quotes or backticks around it."""
    return without_backticks(text[1:-1] if _is_quoted(text) else text)


def without_backticks(text: str) -> str:
    """A word without the backticks around it."""
    return text[1:-1] if len(text) >= 2 and text[0] == text[-1] == "`" else text


def _is_quoted(text: str) -> bool:
    return len(text) >= 2 and text[0] in _QUOTES and text[-1] == text[0]


def _checked_list(values: tuple[object, ...]) -> tuple[str, ...]:
    if not values:
        raise invalid_parameter(
            "While parsing a list in the query,"
            " expected a non-empty list of string values, but got empty list"
        )
    texts = tuple(value for value in values if isinstance(value, str))
    if len(texts) != len(values):
        raise invalid_parameter(
            "While parsing a list in the query, expected string value, punctuation, "
            "or whitespace, but got different type in list"
        )
    if any("\x00" in text or not _is_encodable(text) for text in texts):
        raise invalid_parameter("A list in the query holds a string that no stored text can equal.")
    return texts


def _is_encodable(text: str) -> bool:
    return not any(0xD800 <= ord(character) <= 0xDFFF for character in text)
