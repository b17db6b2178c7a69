"""Which runs a page of the table shows.

A filter that finds few runs is answered by finding them all and sorting them; one that finds many, by walking along
the index of the order. Which it is, a look for the first 1,001 of them tells: a walk for a handful would pass by all
runs of the experiment, and sorting all of them would take as long.

What many runs fulfil is first sought in the next runs of the order, each asked by itself: mostly these fill a page. Of
several terms, none of which is rare, that look comes first. PostgreSQL itself, which guesses by the values of all
experiments together, now and then finds and sorts tens of thousands for it. It is asked where these runs do not fill a
page; rare words are then looked up, as lists of runs, and frequent ones hashed.
"""

from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from experiments.search.keyset import bad_token, query_digest, token_make, token_read
from experiments.search.paging import page_of
from experiments.search.run_sql import MAX_JOINS, RunStatement, by_key
from experiments.search.statement import Statement
from experiments.search.table_bands import bands_of, small_order
from experiments.search.table_query import HAVING_WORD, TableQuery, filtered
from portal.kernel import sql

FEW = 1_000
# Which of the next runs are asked by themselves; the further ones only where the first promise a page of them.
REACHES = (range(300), range(300, 1_500))
_SOURCE = "r.id FROM experiments_run r"
_SMALL = -1  # in the place of a part's number in a page token


def table_ids(query: TableQuery, *, page_token: str | None, limit: int) -> tuple[list[UUID], str | None]:
    """The ids of one page in order, and the token of the next. Raises ProtocolError on a bad token."""
    if not query.experiments:
        return [], None
    digest = query_digest("table", *_parts(query))
    position = token_read(page_token, digest)
    is_small = position is not None and position[0] == _SMALL
    if query.words and not query.is_narrow and not is_small:
        found = _near(query, digest=digest, page_token=page_token, limit=limit)
        if found is not None:
            return found
    query = narrowed(query)
    if query.is_narrow:
        near, small = partial(_near, page_token=page_token), partial(_small_page, position=position)
        looks = [small, near] if position is None else [small] if is_small else [near]
        if len(query.comparisons) > 1 and query.candidates is None:
            looks.reverse()  # whether several terms together are rare, no index tells
        for look in looks:
            found = look(query, digest=digest, limit=limit)
            if found is not None:
                return found
        if is_small:
            return [], None
    parts = [partial(band, query) for band in bands_of(query)]
    return page_of(_SOURCE, parts, digest=digest, page_token=page_token, max_results=limit)


def _near(
    query: TableQuery, *, digest: str, page_token: str | None, limit: int
) -> tuple[list[UUID], str | None] | None:
    """A page of what many runs fulfil, where so many of the next ones do; None where they do not."""
    if len(query.experiments) > 1:
        return None
    position, near = token_read(page_token, digest), list[UUID]()
    for reach in REACHES:
        parts = [partial(band, replace(query, reach=reach)) for band in bands_of(query)]
        # No further than the band of the place: behind its reach it may have more.
        parts = parts[: 1 if position is None else position[0] + 1]
        ids, token = page_of(
            _SOURCE, parts, digest=digest, page_token=page_token, max_results=limit - len(near)
        )
        near += ids
        if token is not None:
            # A run that came between two looks moved others into the next one.
            return list(dict.fromkeys(near)), token
        if len(near) * REACHES[-1].stop < limit * reach.stop or len(near) == limit:
            return None
    return None


def narrowed(query: TableQuery) -> TableQuery:
    """The same search with the runs that have its rare words in the place of these words."""
    frequent, rare = [], query.candidates
    for word in query.words:
        statement = Statement()
        text = HAVING_WORD.format(word=statement.bind(f"{word}:*", "text"))
        found = _run(statement, f"{text} LIMIT {FEW + 1:d}")
        if len(found) > FEW:
            frequent.append(word)
        else:
            having = {row[0] for row in found}
            rare = list(having if rare is None else having.intersection(rare))
    return _by_rarest(replace(query, words=tuple(frequent), candidates=rare))


def _by_rarest(query: TableQuery) -> TableQuery:
    """The same search with the runs that fulfil its rarest comparison in the place of this, where these are few.

    Only by looking is it known which it is: PostgreSQL knows how values are spread over all keys, not under each.
    """
    groups = list(by_key(query.comparisons).items())[:MAX_JOINS]
    if not groups or len(query.comparisons) <= 1 or query.candidates is not None:
        return query
    statement = RunStatement(query.experiments, None, query.view_type)
    looks = [statement.having(*field, comparisons) for field, comparisons in groups]
    counts = ", ".join(f"(SELECT count(*) FROM ({look} LIMIT {FEW + 1:d}) few)" for look in looks)  # noqa: S608
    least, rarest = min(zip(_run(statement, f"SELECT {counts}")[0], range(len(groups)), strict=True))
    if least > FEW:
        return query
    candidates = [row[0] for row in _run(statement, looks[rarest])]
    rest = tuple(each for each in query.comparisons if each not in groups[rarest][1])
    return replace(query, comparisons=rest, candidates=candidates)


def few_ids(query: TableQuery, at_most: int = FEW) -> list[UUID] | None:
    """All runs that a search finds, in no order; None when they are more than `at_most`."""
    if not query.experiments:
        return []
    statement = filtered(narrowed(query))
    found = _run(statement, statement.text(["r.id"], "experiments_run r", (), at_most + 1))
    return None if len(found) > at_most else [row[0] for row in found]


def _small_page(
    query: TableQuery, *, digest: str, position: list[Any] | None, limit: int
) -> tuple[list[UUID], str | None] | None:
    """A page of few runs: they are found, sorted and cut by one statement. None where they are not few."""
    start = 0 if position is None else position[1]
    if not isinstance(start, int) or start < 0:
        raise bad_token()
    statement = filtered(query)
    found = statement.text(["r.id"], "experiments_run r", (), FEW + 1)
    join, order = small_order(statement, query)
    page = f"SELECT id FROM found {join} ORDER BY {order} OFFSET {start:d} LIMIT {limit + 1:d}"  # noqa: S608 - bound
    # Nothing is sorted where more are found.
    text = f"WITH found(id) AS ({found}) SELECT ARRAY({page}) WHERE (SELECT count(*) FROM found) <= {FEW:d}"  # noqa: S608
    rows = _run(statement, text)
    if not rows:
        return None
    (ids,) = rows[0]
    return ids[:limit], token_make(digest, [_SMALL, start + limit]) if len(ids) > limit else None


def _run(statement: Statement, text: str) -> list[tuple[Any, ...]]:
    # Not prepared: a plan for any value would not know whether a filter finds ten runs or all of them.
    with sql.cursor() as cursor:
        return cursor.execute(text, statement.params, prepare=False).fetchall()


def _parts(query: TableQuery) -> list[Any]:
    order = query.order
    terms = [[each.entity, each.key, each.op, each.value] for each in query.comparisons]
    return [
        query.experiments, query.view_type, [order.entity, order.key, order.ascending], terms, query.words,
        query.owners, query.model_types, query.made_by, query.starred_by, query.is_tree,
    ]  # fmt: skip
