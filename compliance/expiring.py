"""The job that ends what the clock has ended: requests, unused approvals, unconfirmed break-glass, waivers."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import structlog

from compliance.selectors import expiry as due
from compliance.services.break_glass import break_glass_end
from compliance.services.expiry import approval_expire, request_expire
from compliance.services.waivers import waiver_end
from jobs.periodic import periodic
from jobs.registry import SYSTEM_QUEUE, job
from jobs.step import JobStep
from portal.kernel.errors import DomainError

log = structlog.get_logger("compliance")
KIND = "compliance.expire"


@job(
    KIND,
    queue=SYSTEM_QUEUE,
    actions=[
        "compliance.request.expire", "compliance.approval.lapse", "compliance.approval.revoke", "compliance.waiver.end",
    ],
)  # fmt: skip
def expire(step: JobStep) -> dict[str, int]:
    """End each in a transaction of its own. A row that refuses is left for the next time, and named in the log."""
    actor = step.actor
    count = sum([
        _each(step, due.requests_due(), lambda row: request_expire(actor=actor, request=row)),
        _each(step, due.unconfirmed_due(), lambda row: break_glass_end(actor=actor, approval=row)),
        _each(step, due.approvals_due(), lambda row: approval_expire(actor=actor, approval=row)),
        _each(step, due.waivers_due(), lambda row: waiver_end(actor=actor, waiver=row, reason="Its time is over.")),
    ])  # fmt: skip
    return {"ended": count}


def _each(step: JobStep, rows: Any, end: Callable[[Any], object]) -> int:
    count = 0
    for row in rows[: due.AT_ONCE]:
        step.check()
        try:
            end(row)
            count += 1
        except DomainError as error:
            log.warning("not ended", row=str(row.pk), error=error.detail)
    return count


periodic(KIND, every=dt.timedelta(minutes=1), wanted=due.anything_due)
