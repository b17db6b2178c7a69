"""Experiments as the browser lists and heads them: with their runs, their last activity, what they take and keep."""

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

# The rule that holds for an experiment is its own, else its workspace's, whose experiment is NULL and comes last.
_SUMMARY = """
SELECT w.name, c.runs, s.files, s.bytes, s.points, (
    SELECT r.purge_after_days FROM experiments_retentionrule r
    WHERE r.workspace_id = e.workspace_id AND (r.experiment_id = e.id OR r.experiment_id IS NULL)
    ORDER BY r.experiment_id LIMIT 1)
FROM experiments_experiment e
JOIN accounts_workspace w ON w.id = e.workspace_id
LEFT JOIN experiments_storageuse s ON s.experiment_id = e.id
CROSS JOIN LATERAL (SELECT count(*) AS runs FROM (
    SELECT FROM experiments_run r WHERE r.experiment_id = e.id AND r.lifecycle_stage = 'active' LIMIT %s) r) c
WHERE e.id = %s
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


@dataclass(frozen=True)
class ExperimentSummary:
    """What stands above an experiment: its workspace, its active runs, up to one more than COUNTED; files, bytes and
    metric points, None before they were counted; after how many days deleted runs are purged, None where they are not.
    """

    workspace: str
    runs: int
    files: int | None
    bytes: int | None
    points: int | None
    purge_after_days: int | None


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


def summary_of(experiment: Experiment) -> ExperimentSummary:
    """What stands above an experiment that the caller may see, by one statement."""
    (found,) = sql.rows(_SUMMARY, (COUNTED + 1, experiment.pk))
    return ExperimentSummary(*found)


def _position(token: str) -> tuple[int | None, int]:
    if not token:
        return None, 0
    first, dot, second = token.partition(".")
    if not dot or not second.isdecimal() or not first.isdecimal() or len(token) > 38:
        raise InvalidInput("The page token is not one of this list. Start again from the first page.")
    return int(first), int(second)
