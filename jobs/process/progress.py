"""Progress as rows: few per job, one statement per report."""

from collections.abc import Mapping
from uuid import UUID

from jobs.process.bars import NAME_LENGTH, Bar
from portal.kernel import sql

BARS_AT_MOST = 32

# A bar that goes back began again, so its time to come is counted from now.
_NOTE = """
INSERT INTO jobs_jobprogress AS old (job_id, name, done, total, unit, started_at, updated_at)
SELECT %(job)s, %(name)s::text, %(done)s, %(total)s, %(unit)s, clock_timestamp(), clock_timestamp()
WHERE (SELECT count(*) FROM jobs_jobprogress WHERE job_id = %(job)s AND name <> %(name)s::text) < %(most)s
ON CONFLICT (job_id, name) DO UPDATE
SET done = EXCLUDED.done, total = EXCLUDED.total, unit = EXCLUDED.unit, updated_at = EXCLUDED.updated_at,
    started_at = CASE WHEN EXCLUDED.done < old.done THEN EXCLUDED.updated_at ELSE old.started_at END
"""


def progress_note(job_id: UUID, bars: Mapping[str, Bar]) -> bool:
    """Keep the state of these bars; False when one of them is over the number that a job may have."""
    kept = [_note(job_id, bar) for bar in bars.values()]
    return all(kept)


def _note(job_id: UUID, bar: Bar) -> bool:
    values = {"job": job_id, "name": bar.name, "done": bar.done, "total": bar.total, "unit": bar.unit}
    return sql.execute(_NOTE, values | {"most": BARS_AT_MOST}) == 1


def progress_set(job_id: UUID, name: str, done: float, total: float | None = None, unit: str = "") -> None:
    """A handler's own report of how far it is."""
    _note(job_id, Bar(name[:NAME_LENGTH], done, total, unit[:20]))
