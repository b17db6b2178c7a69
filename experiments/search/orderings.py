"""Order-by clauses: an identifier, perhaps followed by ASC or DESC."""

import shlex

from sqlparse.sql import Identifier, Token
from sqlparse.tokens import Keyword, Name

from experiments.search.clauses import SHOWN, statement_tokens
from portal.kernel.mlflow_errors import invalid_parameter

MAX_ORDERINGS = 20
_TIMESTAMP = "timestamp"


def order_words(clause: str) -> tuple[str, bool]:
    """The identifier of a clause as written, and whether it is ascending."""
    refusal = f"Invalid order_by clause '{clause[:SHOWN]}'. Could not be parsed."
    written = _written(statement_tokens(clause, refusal), refusal)
    try:
        words = shlex.split(written.replace("`", '"'))
    except ValueError:
        raise invalid_parameter(refusal) from None
    if len(words) > 2:
        raise invalid_parameter(refusal)
    if len(words) < 2:
        return written.strip(), True
    if words[1].lower() not in ("asc", "desc"):
        raise invalid_parameter(f"Invalid ordering key in order_by clause '{clause[:SHOWN]}'.")
    return words[0].strip(), words[1].lower() == "asc"


def order_count_check(clauses: int) -> None:
    """Refuse more order-by terms than any table has columns worth ordering by."""
    if clauses > MAX_ORDERINGS:
        raise invalid_parameter(f"order_by has {clauses} clauses; at most {MAX_ORDERINGS} can be combined.")


def _written(tokens: list[Token], refusal: str) -> str:
    first = tokens[0]
    if len(tokens) == 1 and isinstance(first, Identifier):
        return str(first.value)
    if first.ttype is Name.Builtin and first.value.lower() == _TIMESTAMP:
        if len(tokens) == 1:
            return _TIMESTAMP
        if tokens[-1].ttype is Keyword.Order and all(token.is_whitespace for token in tokens[1:-1]):
            return f"{_TIMESTAMP} {tokens[-1].value}"
    raise invalid_parameter(refusal)
