"""A filter string as a list of `left op right` clauses.

sqlparse does the tokenising, as it does inside MLflow: which words count as keywords and what may stand
unquoted is then the same by construction. Its cost is bounded first, since a filter comes from outside.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import sqlparse
from sqlparse.exceptions import SQLParseError
from sqlparse.sql import Comparison as ComparisonToken
from sqlparse.sql import Identifier, Parenthesis, Token
from sqlparse.tokens import Keyword

from experiments.search.terms import IS_NOT_NULL, IS_NULL
from portal.kernel.mlflow_errors import invalid_parameter

MAX_TERMS = 100
MAX_LENGTH = 100_000
SHOWN = 200

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
_AND = re.compile(r"\bAND\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison, not yet understood: the three tokens, or two for IS NULL and IS NOT NULL."""

    left: Token
    op: str
    right: Token | None


def clauses_of(filter_string: str) -> list[Clause]:
    """Split a filter at its ANDs; anything between them that is not a comparison is refused."""
    tokens = [token for token in _statement_tokens(filter_string) if not token.is_whitespace]
    found: list[Clause | Token] = []
    position = 0
    while position < len(tokens):
        joined, width = _joined(tokens, position)
        found.append(joined)
        position += width
    _refuse_others([each for each in found if not isinstance(each, Clause) and not _is_and(each)])
    clauses = [each for each in found if isinstance(each, Clause)]
    _count_check(len(clauses))  # MLflow needs no AND between two comparisons
    return clauses


def statement_tokens(text: str, refusal: str) -> list[Token]:
    """The tokens of exactly one statement; `refusal` is what the caller reads otherwise."""
    if len(text) > MAX_LENGTH:
        raise invalid_parameter(f"{refusal} It may have at most {MAX_LENGTH} characters.")
    try:
        statements = sqlparse.parse(text)
    except (SQLParseError, RecursionError, ValueError):
        raise invalid_parameter(refusal) from None
    if len(statements) != 1:
        raise invalid_parameter(refusal)
    return list(statements[0].tokens)


def _statement_tokens(filter_string: str) -> list[Token]:
    _count_check(len(_AND.findall(_QUOTED.sub("", filter_string))) + 1)
    return statement_tokens(
        filter_string,
        f"Invalid filter '{filter_string[:SHOWN]}'. It could not be parsed as one AND-ed expression list.",
    )


def _count_check(terms: int) -> None:
    if terms > MAX_TERMS:
        raise invalid_parameter(
            f"Search filter has {terms} terms; at most {MAX_TERMS} can be combined in one search."
        )


def _joined(tokens: Sequence[Token], position: int) -> tuple[Clause | Token, int]:
    """The clause that starts here and how many tokens it takes, else the token itself."""
    first, *rest = tokens[position : position + 4]
    if isinstance(first, ComparisonToken):
        return _clause_of_comparison(first), 1
    if isinstance(first, Identifier):
        return _clause_of_identifier(first, rest) or (first, 1)
    return first, 1


def _clause_of_comparison(token: ComparisonToken) -> Clause:
    parts = [part for part in token.tokens if not part.is_whitespace]
    if len(parts) != 3:
        raise invalid_parameter(f"Invalid comparison clause. Expected 3 tokens found {len(parts)}")
    left, op, right = parts
    if not isinstance(left, Identifier):
        raise invalid_parameter(
            f"Invalid comparison clause. Expected 'Identifier' found '{str(left)[:SHOWN]}'"
        )
    return Clause(left, op.value, right)


def _clause_of_identifier(left: Identifier, rest: Sequence[Token]) -> tuple[Clause, int] | None:
    """`x IN (…)`, `x NOT IN (…)`, `x IS NULL` and `x IS NOT NULL`, which sqlparse leaves in pieces."""
    words = [token.value.upper() if token.ttype is Keyword else "" for token in rest]
    if words[:1] == ["IN"] and len(rest) > 1 and isinstance(rest[1], Parenthesis):
        return Clause(left, rest[0].value, rest[1]), 3
    if words[:2] == ["NOT", "IN"] and len(rest) > 2 and isinstance(rest[2], Parenthesis):
        return Clause(left, "NOT IN", rest[2]), 4
    if words[:2] == ["IS", "NULL"]:
        return Clause(left, IS_NULL, None), 3
    if words[:2] == ["IS", "NOT NULL"]:
        return Clause(left, IS_NOT_NULL, None), 3
    return None


def _is_and(token: Token) -> bool:
    return token.ttype is Keyword and token.value.upper() == "AND"


def _refuse_others(tokens: Sequence[Token]) -> None:
    if tokens:
        listed = ", ".join(f"'{str(token)[:SHOWN]}'" for token in tokens[:10])
        raise invalid_parameter(f"Invalid clause(s) in filter string: {listed}")
