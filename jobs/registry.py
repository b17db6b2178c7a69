"""The kinds of job. A kind lists the actions that its handler may do, and can do nothing else."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

from jobs.models import DEFAULT_QUEUE, SYSTEM_QUEUE
from portal import access
from portal.accounts.actor import Actor

__all__ = ["DEFAULT_QUEUE", "FINISH", "JOB_KINDS", "SYSTEM_QUEUE", "Handler", "JobKind", "job", "kind_get"]

FINISH = "jobs.job.finish"
Handler: TypeAlias = Callable[..., Any]
Ended: TypeAlias = Callable[..., object]


@dataclass(frozen=True)
class JobKind:
    """What one kind of job is and may do.

    `lease` is how long a claim holds without a heartbeat; `retry_after` is the first pause after a failed
    attempt and doubles each time; `time_limit` counts from the first start over all attempts. `ended` is called in the
    transaction that ends a job, whoever ends it, as `ended(actor=, run=, state=)` with the actor of the kind.
    `queue` is where it waits unless its caller says otherwise. A worker that is told to leave hands a `restartable`
    job back at once, any other after a grace time. `is_repeatable` says whether a person may run it again as it was;
    unless it says so itself, a kind that keeps records of its ends may not.
    """

    name: str
    handler: Handler
    actions: frozenset[str]
    max_attempts: int
    lease: timedelta
    retry_after: timedelta
    time_limit: timedelta | None
    queue: str = DEFAULT_QUEUE
    is_restartable: bool = False
    is_repeatable: bool = True
    ended: Ended | None = None

    def actor(self, request_id: str) -> Actor:
        """Who acts in a handler of this kind."""
        return Actor.system(self.name, actions=self.actions | {FINISH}, request_id=request_id)

    def arguments_check(self, args: Mapping[str, Any]) -> None:
        """Raise TypeError when the handler does not take these arguments."""
        inspect.signature(self.handler).bind(None, **args)


JOB_KINDS: dict[str, JobKind] = {}


def job(
    name: str,
    *,
    actions: Iterable[str],
    max_attempts: int = 5,
    lease: timedelta = timedelta(seconds=30),
    retry_after: timedelta = timedelta(seconds=10),
    time_limit: timedelta | None = None,
    queue: str = DEFAULT_QUEUE,
    restartable: bool = False,
    repeatable: bool | None = None,
    ended: Ended | None = None,
) -> Callable[[Handler], Handler]:
    """Declare a handler, `def handler(step: JobStep, *, <args>)`, as the one of its kind.

    Raises LookupError, which stops the start, for a kind without actions, with an unlisted one, or declared
    twice.
    """
    allowed = frozenset(actions)

    def declare(handler: Handler) -> Handler:
        unknown = allowed - access.ACTIONS.keys()
        if not allowed or unknown:
            what = f"unlisted actions: {', '.join(sorted(unknown))}" if unknown else "no actions"
            raise LookupError(f"The job kind {name} declares {what}.")
        if name in JOB_KINDS and JOB_KINDS[name].handler is not handler:
            raise LookupError(f"The job kind {name} is declared twice.")
        if max_attempts < 1 or lease < timedelta(seconds=1):
            raise LookupError(f"The job kind {name} needs an attempt and a lease of a second, at least.")
        JOB_KINDS[name] = JobKind(
            name, handler, allowed, max_attempts, lease, retry_after, time_limit,
            queue=queue, is_restartable=restartable, ended=ended,
            is_repeatable=ended is None if repeatable is None else repeatable,
        )  # fmt: skip
        return handler

    return declare


def kind_get(name: str) -> JobKind:
    """The kind of a name. Raises LookupError."""
    if name not in JOB_KINDS:
        raise LookupError(f"There is no job kind {name}.")
    return JOB_KINDS[name]
