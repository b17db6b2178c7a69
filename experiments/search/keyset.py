"""Order and position in a result: sort keys, the predicate that continues after a row, and page tokens."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing

from experiments.search.statement import Statement
from portal.kernel.mlflow_errors import invalid_parameter

_SALT = "experiments.search.page"


@dataclass(frozen=True, slots=True)
class SortKey:
    """One expression of an ORDER BY. It is never null where it decides: a rank before it sets nulls apart.

    `guard` is the position of that rank key: where the rank is not 0, all rows of it are equal in this key.
    """

    expression: str
    cast: str
    ascending: bool = True
    guard: int | None = None


def after(statement: Statement, keys: Sequence[SortKey], position: Sequence[Any]) -> None:
    """Restrict a statement to the rows behind a position, which holds one value per key."""
    if len(position) != len(keys):
        raise bad_token()
    deciding = [
        (key, statement.bind(value, key.cast))
        for key, value in zip(keys, position, strict=True)
        if key.guard is None or position[key.guard] == 0
    ]
    if len({key.ascending for key, _ in deciding}) == 1:
        # All in one direction is one comparison of rows, which an index answers at its very place.
        listed, values = (
            ", ".join(parts) for parts in zip(*((k.expression, v) for k, v in deciding), strict=True)
        )
        statement.where(f"({listed}) {'>' if deciding[0][0].ascending else '<'} ({values})")
        return
    condition = ""
    for key, value in reversed(deciding):
        beyond = f"{key.expression} {'>' if key.ascending else '<'} {value}"
        condition = f"({beyond} OR ({key.expression} = {value} AND {condition}))" if condition else beyond
    first, value = deciding[0]
    # Says nothing new, but lets an index on the first key start at the right place.
    statement.where(f"{first.expression} {'>=' if first.ascending else '<='} {value}")
    statement.where(condition)


def token_make(query: str, position: Sequence[Any]) -> str:
    """An opaque token for the page that starts behind `position` of `query`."""
    return signing.dumps([query, list(position)], salt=_SALT, compress=True)


def token_read(token: str | None, query: str) -> list[Any] | None:
    """The position in a token of ours; one of another search, or not of ours at all, is refused."""
    if not token:
        return None
    try:
        made_for, position = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise bad_token() from None
    if made_for != query or not isinstance(position, list):
        raise invalid_parameter("Invalid page token: it belongs to a search with another filter or order.")
    return position


def query_digest(*parts: Any) -> str:
    """A short name for a search, so that its tokens work for no other."""
    encoded = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=list).encode()
    return hashlib.blake2b(encoded, digest_size=12).hexdigest()


def bad_token() -> Exception:
    return invalid_parameter("Invalid page token: it was not issued by this server, or has been altered.")
