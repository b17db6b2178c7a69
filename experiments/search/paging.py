"""Running a search page by page."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias
from uuid import UUID

from experiments.search.keyset import SortKey, after, bad_token, token_make, token_read
from experiments.search.statement import Statement
from portal.kernel import sql
from portal.kernel.mlflow_errors import invalid_parameter

MAX_RESULTS = 50_000

Part: TypeAlias = Callable[[], tuple[Statement, Sequence[SortKey]]]


def max_results_check(max_results: int) -> None:
    """Refuse a page of nothing, and one over MLflow's limit."""
    if max_results < 1:
        raise invalid_parameter(
            f"Invalid value {max_results} for parameter 'max_results' supplied. It must be a positive integer"
        )
    if max_results > MAX_RESULTS:
        raise invalid_parameter(
            f"Invalid value {max_results} for parameter 'max_results' supplied. "
            f"It must be at most {MAX_RESULTS}"
        )


def page_of(
    source: str, parts: Sequence[Part], *, digest: str, page_token: str | None, max_results: int
) -> tuple[list[Any], str | None]:
    """The ids of one page and the token of the next.

    `source` is what to select and from where, as `r.id FROM experiments_run r`; the parts follow one another.
    A token holds the part and the sort keys of the last row.
    """
    max_results_check(max_results)
    start, position = _start(page_token, digest, len(parts))
    found: list[tuple[int, tuple[Any, ...]]] = []
    for number in range(start, len(parts)):
        statement, keys = parts[number]()
        if position is not None:
            after(statement, keys, position)
        rows = _rows(source, statement, keys, max_results + 1 - len(found))
        found += [(number, row) for row in rows]
        position = None
        if len(found) > max_results:
            break
    page = found[:max_results]
    more = len(found) > max_results
    return [row[0] for _, row in page], _next_token(digest, page[-1]) if more else None


def _start(page_token: str | None, digest: str, parts: int) -> tuple[int, list[Any] | None]:
    read = token_read(page_token, digest)
    if read is None:
        return 0, None
    number, *position = read
    if not isinstance(number, int) or not 0 <= number < parts:
        raise bad_token()
    return number, position


def _rows(source: str, statement: Statement, keys: Sequence[SortKey], limit: int) -> list[tuple[Any, ...]]:
    column, _, table = source.partition(" FROM ")
    order = ["ASC" if key.ascending else "DESC" for key in keys]
    text = statement.text([column, *(key.expression for key in keys)], table, order, limit)
    # Not prepared: a plan for any value would not know whether a filter finds ten runs or all of them.
    with sql.cursor() as cursor:
        return cursor.execute(text, statement.params, prepare=False).fetchall()


def _next_token(digest: str, last: tuple[int, tuple[Any, ...]]) -> str:
    number, (_, *keys) = last
    return token_make(digest, [number, *(str(key) if isinstance(key, UUID) else key for key in keys)])
