"""A search of the runs table: MLflow's filter, and with it what only the table knows.

That are facets (one of several values), words in names, notes and tags, whose runs, stars, and the top of a tree of
nested runs. The order is by one column; runs that are equal in it follow one another by their ids.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from experiments.search.run_sql import RunStatement
from experiments.search.terms import Comparison, Ordering

PARENT_TAG = "mlflow.parentRunId"
# The runs that begin a word of their name, notes or tags with what is asked.
HAVING_WORD = """
SELECT w.id FROM experiments_run w WHERE experiments_words(w.name) @@ to_tsquery('simple', {word})
UNION ALL
SELECT w.run_id FROM experiments_runtag w WHERE experiments_words(w.value) @@ to_tsquery('simple', {word})
    AND (w.key NOT LIKE 'mlflow.%%' OR w.key = 'mlflow.note.content')
"""
# Whether one run does so: only texts that hold the letters somewhere are cut into words, which is dear. What PostgreSQL
# takes for several words need not stand in a text as it was written.
_HAS_LETTERS = """
(numnode(to_tsquery('simple', {word})) > 1 OR strpos(lower(left({text}, 20000)), lower({letters})) > 0)
    AND experiments_words({text}) @@ to_tsquery('simple', {word})
"""
HAS_WORD = f"""
({_HAS_LETTERS.replace("{text}", "r.name")}
 OR EXISTS (SELECT FROM experiments_runtag w WHERE w.run_id = {{id}}
            AND (w.key NOT LIKE 'mlflow.%%' OR w.key = 'mlflow.note.content')
            AND {_HAS_LETTERS.replace("{text}", "w.value")} OFFSET 0))
"""


@dataclass(frozen=True, slots=True)
class TableQuery:
    """What the table asks for, parsed and cut to what the reader may see.

    `candidates` are the runs that have the rare ones of the words, or fulfil a rare comparison, once somebody has
    looked (`selectors.table_search`).
    Where `reach` is set, only these runs are looked at, counted from the place in the order on, each by itself.
    """

    experiments: Sequence[int]
    workspaces: Sequence[int] | None
    view_type: str
    order: Ordering
    comparisons: Sequence[Comparison] = ()
    words: Sequence[str] = ()
    owners: Sequence[str] = ()
    model_types: Sequence[str] = ()
    made_by: int | None = None
    starred_by: int | None = None
    is_tree: bool = False
    candidates: Sequence[UUID] | None = None
    reach: range | None = None

    @property
    def is_filtered(self) -> bool:
        """Whether less than all runs of the experiments may be found."""
        return bool(self.words) or self.is_narrow

    @property
    def is_narrow(self) -> bool:
        """Whether something else than frequent words filters."""
        return self.candidates is not None or bool(
            self.comparisons
            or self.owners
            or self.model_types
            or self.made_by
            or self.starred_by
            or self.is_tree
        )


def filtered(query: TableQuery) -> RunStatement:
    """The statement of a search, without an order."""
    statement = RunStatement(query.experiments, query.workspaces, query.view_type)
    if query.reach is None:
        _narrow(statement, query)
    elif query.is_narrow:
        # All of the filter is asked of one run after the other, so that no condition makes the walk longer.
        statement.is_each, walk = True, len(statement.conditions)
        _narrow(statement, query)
        statement.late = statement.conditions[walk:]
        del statement.conditions[walk:]
    _worded(statement, query)
    return statement


def _narrow(statement: RunStatement, query: TableQuery) -> None:
    """Whatever narrows a search, but for its words."""
    statement.filter(query.comparisons)
    if query.candidates is not None:
        statement.where(f"r.id = ANY({statement.bind(list(query.candidates), 'uuid[]')})")
    if query.owners:
        _owners(statement, query.owners)
    if query.model_types:
        kinds = statement.bind(list(query.model_types), "text[]")
        statement.where(
            "EXISTS (SELECT FROM experiments_loggedmodel m WHERE m.source_run_id = r.id"
            f" AND m.lifecycle_stage = 'active' AND m.model_type = ANY({kinds}))"
        )
    if query.made_by is not None:
        statement.where(f"r.created_by_id = {statement.bind(query.made_by, 'bigint')}")
    if query.starred_by is not None:
        user = statement.bind(query.starred_by, "bigint")
        statement.where(
            f"r.id IN (SELECT s.run_id FROM experiments_runmark s WHERE s.user_id = {user} AND s.is_starred)"  # noqa: S608
        )
    if query.is_tree:
        statement.where(
            # OFFSET keeps it a look per run: most have no parent, and a page needs few of them.
            f"NOT EXISTS (SELECT FROM experiments_runtag x WHERE x.run_id = r.id AND x.key = '{PARENT_TAG}' OFFSET 0)"
        )


def _worded(statement: RunStatement, query: TableQuery) -> None:
    statement.reach = query.reach
    for word in query.words:
        asked = statement.bind(f"{word}:*", "text")
        if query.reach is not None:
            letters = statement.bind(word, "text")
            statement.late.append(HAS_WORD.format(word=asked, letters=letters, id="{id}"))
        else:
            # IS TRUE keeps it a look into a hash of all such runs, which a walk along an index takes at each run.
            statement.late.append(f"({{id}} IN ({HAVING_WORD.format(word=asked)})) IS TRUE")


def _owners(statement: RunStatement, owners: Sequence[str]) -> None:
    names = statement.bind(list(owners), "text[]")
    accounts = f"SELECT u.id FROM accounts_user u WHERE u.username = ANY({names})"  # noqa: S608
    statement.where(
        f"(r.created_by_id IN ({accounts}) OR r.created_by_id IS NULL AND r.user_name = ANY({names}))"
    )
