"""What a handler holds while it works: one attempt of one job."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from jobs import transitions
from jobs.endings import job_finish
from jobs.heartbeat import Heartbeat
from jobs.models import JobRun
from jobs.registry import JobKind


class JobStep:
    """One attempt. `actor` may do the actions of the kind, `cursor` says how far the last attempt came.

    A handler can be killed at any line and run again. It does its slow work outside of transactions, saves
    its place with `checkpoint`, and ends with `finish`, which commits the effect together with the job's end.
    """

    def __init__(self, run: JobRun, kind: JobKind, heartbeat: Heartbeat) -> None:
        self.run = run
        self.kind = kind
        self.attempt = run.attempt
        self.actor = kind.actor(run.request_id)
        self.is_finished = False
        self._cursor: Mapping[str, Any] = MappingProxyType(run.cursor)
        self._heartbeat = heartbeat

    @property
    def cursor(self) -> Mapping[str, Any]:
        """What the last checkpoint saved; empty in the first attempt."""
        return self._cursor

    @property
    def hold_seconds(self) -> float:
        """For how long work outside of this process may go on if this process hears no more."""
        return self._heartbeat.hold_seconds

    @property
    def is_leaving(self) -> bool:
        """Whether the worker is leaving and the job is to be handed back by now."""
        return self._heartbeat.overstayed() >= 0

    def check(self) -> None:
        """Raise LeaseLost (as HandedBack when the worker leaves) or CancelRequested when the work shall stop.

        Free: call it in inner loops.
        """
        self._heartbeat.check()

    def checkpoint(self, cursor: Mapping[str, Any]) -> None:
        """Save where the work is and extend the lease. Raises LeaseLost or CancelRequested."""
        self._heartbeat.heard(transitions.checkpoint(self.run.pk, self.attempt, self.kind.lease, cursor))
        self.check()
        self._cursor = MappingProxyType(dict(cursor))

    def finish(self, effect: Callable[[], Any], *, reason: str = "") -> None:
        """Run `effect` and end the job in one transaction; what it returns (plain JSON) is the job's result.

        `effect` calls functions declared with `portal.operations.effect`; it may run again when the
        transaction could not be committed. Raises LeaseLost or CancelRequested, and then nothing of it stays.
        """
        job_finish(actor=self.actor, run=self.run, attempt=self.attempt, effect=effect, reason=reason)
        self.is_finished = True
