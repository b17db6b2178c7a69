"""The job that ends measurements that were kept long enough."""

from compliance.retention import lifetime
from jobs.step import JobStep
from monitoring.services.purging import AT_ONCE, runs_purge, workspaces_over
from portal.kernel.clock import now

KIND = "monitoring.keep_runs"


def runs_keep(step: JobStep) -> dict[str, int]:
    """Delete what is over, some at a time with an audit event each, in every workspace in which nothing is on hold."""
    before, deleted = now() - lifetime("measurements"), 0
    workspaces = workspaces_over(before)
    for workspace in workspaces:
        count = AT_ONCE
        while count == AT_ONCE:
            step.check()
            count = runs_purge(actor=step.actor, workspace=workspace, before=before)
            deleted += count
    return {"measurements": deleted, "workspaces": len(workspaces)}
