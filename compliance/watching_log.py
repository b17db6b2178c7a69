"""The job that watches whether the audit log is signed and copied in time."""

import datetime as dt

from compliance.services.log_troubles import CLOSE, OPEN, trouble_close, trouble_open
from jobs.periodic import periodic
from jobs.registry import SYSTEM_QUEUE, job
from jobs.step import JobStep
from portal.audit.troubles import troubles_new, troubles_over

KIND = "compliance.watch_log"


@job(KIND, actions=[OPEN, CLOSE], max_attempts=3, queue=SYSTEM_QUEUE)
def watch_log(step: JobStep) -> dict[str, int]:
    """Open what is in trouble, close what is over; each in a transaction of its own."""
    new, over = troubles_new(), troubles_over()
    for found in new:
        step.check()
        trouble_open(actor=step.actor, found=found)
    for trouble in over:
        step.check()
        trouble_close(actor=step.actor, trouble=trouble)
    return {"opened": len(new), "closed": len(over)}


periodic(KIND, every=dt.timedelta(seconds=15), wanted=lambda: bool(troubles_new() or troubles_over()))
