"""The job that keeps dates: it plans re-certifications, answers triggers, and reminds of what is due."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog

from compliance.selectors.recertifications import AT_ONCE, moot, needs
from compliance.services.recertifications import ASK, END, recertification_ask, recertification_end
from compliance.services.reminders import reminders_due, reminders_write
from jobs.periodic import periodic
from jobs.registry import SYSTEM_QUEUE, job
from jobs.step import JobStep
from portal.kernel.errors import DomainError

log = structlog.get_logger("compliance")
KIND = "compliance.follow_up"


@job(KIND, actions=[ASK, END], queue=SYSTEM_QUEUE)
def follow_up(step: JobStep) -> None:
    """Each act in a transaction of its own, the reminders with the end of the job. What refuses is tried next time."""
    actor = step.actor
    ended = [
        _done(step, partial(recertification_end, actor=actor, recertification=row))
        for row in moot()[:AT_ONCE]
    ]
    asked = [
        _done(
            step,
            partial(
                recertification_ask, actor=actor, approval=need.approval, trigger=need.trigger,
                detail=need.detail, due_at=need.due_at,
            ),
        )
        for need in needs()
    ]  # fmt: skip
    due = reminders_due()

    def effect() -> dict[str, int]:
        told = reminders_write(actor=actor, reminders=due)
        return {"ended": sum(ended), "asked": sum(asked), "told": told}

    step.finish(effect)


def _done(step: JobStep, act: Callable[[], Any]) -> bool:
    step.check()
    try:
        act()
    except DomainError as error:
        log.warning("not followed up", error=error.detail)
        return False
    return True


def _wanted() -> bool:
    return moot().exists() or bool(needs()) or bool(reminders_due())


periodic(KIND, every=dt.timedelta(minutes=1), wanted=_wanted)
