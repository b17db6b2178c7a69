"""Runs by a part of their name or id, for the box that searches everything; what is not seen is not found."""

import re
from dataclasses import dataclass
from uuid import UUID

from experiments.selectors.table_state import words_of
from portal.accounts.actor import Actor
from portal.kernel import sql

NEWEST_PER_WORKSPACE, ID_DIGITS = 2_000, 32
_HEX = re.compile(r"[0-9a-f]{6,32}")
_SEEN = "(%(seen)s::bigint[] IS NULL OR r.workspace_id = ANY(%(seen)s::bigint[]))"
_COLUMNS = "r.id, r.name, e.name, r.start_time"
_BY_ID = f"""
SELECT {_COLUMNS} FROM experiments_run r JOIN experiments_experiment e ON e.id = r.experiment_id
WHERE r.id BETWEEN %(first)s AND %(last)s AND {_SEEN} ORDER BY r.id DESC LIMIT %(limit)s
"""  # noqa: S608 - constants
# Of the newest runs, any part of a name counts: a walk along the index of a workspace that ends early.
_NEWEST = f"""
SELECT {_COLUMNS} FROM accounts_workspace w CROSS JOIN LATERAL (
    SELECT * FROM experiments_run n WHERE n.workspace_id = w.id ORDER BY n.start_time DESC, n.id LIMIT %(newest)s
) r JOIN experiments_experiment e ON e.id = r.experiment_id
WHERE (%(seen)s::bigint[] IS NULL OR w.id = ANY(%(seen)s::bigint[])) AND r.lifecycle_stage = 'active'
  AND strpos(lower(r.name), %(text)s) > 0
ORDER BY r.start_time DESC LIMIT %(limit)s
"""  # noqa: S608 - constants
# Of all others, the beginnings of words, by the index of words.
_WORDS = f"""
SELECT {_COLUMNS} FROM experiments_run r JOIN experiments_experiment e ON e.id = r.experiment_id
WHERE experiments_words(r.name) @@ to_tsquery('simple', %(words)s) AND r.lifecycle_stage = 'active' AND {_SEEN}
ORDER BY r.start_time DESC LIMIT %(limit)s
"""  # noqa: S608 - constants


@dataclass(frozen=True)
class NamedRun:
    """A run as a result of a search."""

    id: UUID
    name: str
    experiment: str
    start_time: int


def runs_named(actor: Actor, text: str, limit: int) -> list[NamedRun]:
    """Runs whose id begins with the text, else whose name holds it, the newest first."""
    asked = {
        "seen": actor.workspace_ids,
        "limit": limit,
        "text": text.lower(),
        "newest": NEWEST_PER_WORKSPACE,
    }
    digits = text.lower().replace("-", "")
    found: list[NamedRun] = []
    if _HEX.fullmatch(digits):
        first, last = (UUID(digits.ljust(ID_DIGITS, fill)) for fill in ("0", "f"))
        found = [NamedRun(*row) for row in sql.rows(_BY_ID, asked | {"first": first, "last": last})]
    if len(digits) < ID_DIGITS and len(found) < limit:
        found += [NamedRun(*row) for row in sql.rows(_NEWEST, asked)]
    words = words_of(text)
    if words and len(digits) < ID_DIGITS and len(found) < limit:
        asked["words"] = " & ".join(f"{word}:*" for word in words)
        found += [NamedRun(*row) for row in sql.rows(_WORDS, asked)]
    return list({each.id: each for each in found}.values())[:limit]
