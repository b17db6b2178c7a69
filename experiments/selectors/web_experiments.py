"""Experiments as the browser lists them: with their number of runs and their last activity."""

from dataclasses import dataclass

from experiments.models import Experiment
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.errors import InvalidInput

COUNTED = 10_000
_ROWS = """
SELECT e.id, e.name, w.name, e.lifecycle_stage, e.activity, c.runs, d.running FROM (
    SELECT e.*, coalesce(latest.start_time, e.creation_time) AS activity
    FROM experiments_experiment e
    LEFT JOIN LATERAL (SELECT r.start_time FROM experiments_run r WHERE r.experiment_id = e.id
                       ORDER BY r.start_time DESC LIMIT 1) latest ON true
    WHERE e.lifecycle_stage = %(stage)s AND (%(seen)s::bigint[] IS NULL OR e.workspace_id = ANY(%(seen)s::bigint[]))
      AND (%(text)s::text = '' OR strpos(lower(e.name), lower(%(text)s::text)) > 0)
) e
JOIN accounts_workspace w ON w.id = e.workspace_id
CROSS JOIN LATERAL (SELECT count(*) AS runs FROM (
    SELECT FROM experiments_run r WHERE r.experiment_id = e.id AND r.lifecycle_stage = e.lifecycle_stage
    LIMIT %(counted)s) r) c
CROSS JOIN LATERAL (SELECT count(*) AS running FROM (
    SELECT FROM experiments_run r WHERE r.experiment_id = e.id AND r.lifecycle_stage = e.lifecycle_stage
      AND r.status = 'RUNNING' LIMIT %(counted)s) r) d
WHERE %(activity)s::bigint IS NULL OR (e.activity, e.id) < (%(activity)s::bigint, %(id)s::bigint)
ORDER BY e.activity DESC, e.id DESC LIMIT %(limit)s
"""

_COUNT = """
SELECT count(*) FROM (SELECT FROM experiments_run WHERE experiment_id = %s AND lifecycle_stage = %s LIMIT %s) found
"""


@dataclass(frozen=True)
class ExperimentRow:
    """One line of the list; `last_activity` is the start of the newest run, else the creation.

    Runs are counted up to one more than COUNTED.
    """

    id: int
    name: str
    workspace: str
    stage: str
    last_activity: int
    runs: int
    running: int


def experiment_rows(
    actor: Actor, *, text: str = "", stage: str = "active", page_token: str = "", limit: int = 50
) -> tuple[list[ExperimentRow], str | None]:
    """The experiments of one page, the most recently active first, and the token of the next page."""
    activity, last_id = _position(page_token)
    found = sql.rows(
        _ROWS,
        {"seen": actor.workspace_ids, "text": text, "stage": stage, "activity": activity, "id": last_id,
         "limit": limit + 1, "counted": COUNTED + 1},
    )  # fmt: skip
    rows = [ExperimentRow(*values) for values in found[:limit]]
    return rows, f"{rows[-1].last_activity}.{rows[-1].id}" if len(found) > limit else None


def run_count(experiment: Experiment, stage: str = "active", at_most: int = COUNTED) -> int:
    """How many runs an experiment has, counted up to one more than `at_most`."""
    return int((sql.row(_COUNT, (experiment.pk, stage, at_most + 1)) or (0,))[0])


def _position(token: str) -> tuple[int | None, int]:
    if not token:
        return None, 0
    first, dot, second = token.partition(".")
    if not dot or not second.isdecimal() or not first.isdecimal() or len(token) > 38:
        raise InvalidInput("The page token is not one of this list. Start again from the first page.")
    return int(first), int(second)
