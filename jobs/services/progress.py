"""How a program outside tells how far it is. Reports are data and leave no audit event."""

from jobs.models import RUNNING, JobRun
from jobs.process.bars import Bar
from jobs.process.progress import BARS_AT_MOST, progress_note
from portal import access
from portal.accounts.actor import Actor
from portal.kernel.errors import Conflict
from portal.operations import writer


@writer("jobs.progress.report")
def progress_report(
    *, actor: Actor, run: JobRun, name: str, done: float, total: float | None = None, unit: str = ""
) -> None:
    """Say how far a named part of a running job is. Raises Conflict when it does not run, or has too many parts."""
    access.require(actor, "jobs.progress.report", run)
    if run.state != RUNNING:
        raise Conflict(f"The job {run} does not run: it is {run.state}.", code="invalid_state")
    if not progress_note(run.pk, {name: Bar(name, done, total, unit)}):
        raise Conflict(f"The job {run} has {BARS_AT_MOST} progress bars, which is the most. Reuse a name.")
