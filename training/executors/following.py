"""Follows a submission to its end: state, output, orders of the portal."""

import time

from django.conf import settings

from jobs.errors import Permanent, Transient
from jobs.process.logs import AttemptLog, attempt_log
from jobs.process.masking import Masker
from jobs.step import JobStep
from portal.kernel.errors import Unavailable
from training.executors.cluster import ENDED, RUNNING, WAITING, Cluster, Seen
from training.executors.output import OutputReader
from training.executors.protocol import Prepared
from training.models import TrainingClaim
from training.services.claims import OPEN_FOR, claim_open
from training.work.deliveries import result_is_there

LOOK_SECONDS = 1.0
COPY_SECONDS = 0.2
STOP_SECONDS = 10
REST_SECONDS = 5
# The program on the node keeps the time limit exactly; this is for a node that has lost its mind.
OVERTIME_SECONDS = 300
# Lines of the program itself come on top of what the command may print.
_MORE_LOG_BYTES = 4 * 1024 * 1024


class Following:
    """One submission until it has ended."""

    def __init__(self, step: JobStep, cluster: Cluster, prepared: Prepared, claim: TrainingClaim) -> None:
        self.step, self.cluster, self.prepared, self.claim = step, cluster, prepared, claim
        self._kept: AttemptLog = attempt_log(step)
        self._masker = Masker(prepared.command.secrets.values())
        self._room = prepared.command.limits.log_bytes + _MORE_LOG_BYTES
        self._since = time.monotonic()
        self._state = ""
        self._unreachable_at: float | None = None
        self._opened_at: float | None = None

    def wait(self) -> Seen:
        """Its last state. Raises CancelRequested, LeaseLost, and Unavailable when the cluster is away for too long."""
        reader, look_at = OutputReader(self.cluster, self.prepared.key), 0.0
        try:
            while True:
                self.step.check()
                self._copy(reader.read(COPY_SECONDS))
                if time.monotonic() < look_at:
                    continue
                seen = self._look()
                look_at = time.monotonic() + LOOK_SECONDS
                if seen is not None and seen.state == ENDED:
                    self._rest(reader)
                    return seen
        finally:
            reader.close()
            self._keep(self._masker.finish())
            self._kept.flush_all(seconds=REST_SECONDS)

    def _copy(self, data: bytes) -> None:
        if data:
            self._keep(self._masker.feed(data))
        self._kept.flush_due()

    def _keep(self, data: bytes) -> None:
        """As much as there is room for, like the log of a command on a worker."""
        if self._room > 0:
            self._kept.write(data[: self._room].decode(errors="replace"))
            self._room -= len(data)
            if self._room <= 0:
                self._kept.write("\n[portal] the rest of the output is left out\n")

    def _rest(self, reader: OutputReader) -> None:
        limit = time.monotonic() + REST_SECONDS
        while reader.may_give_more() and time.monotonic() < limit:
            self._copy(reader.read(COPY_SECONDS))

    def _look(self) -> Seen | None:
        """How it stands; None while the cluster does not say."""
        try:
            found = self.cluster.look(self.prepared.key)
        except Unavailable as error:
            return self._unseen(error)
        self._unreachable_at = None
        seen = found or Seen(ENDED, "The cluster does not know it any more.")
        if seen.state != self._state:
            self._state, self._since = seen.state, time.monotonic()
            self._kept.write(f"[portal] {self.cluster.title}: {seen.state}. {seen.message}".rstrip() + "\n")
        self._open_claim()
        self._in_time_check()
        return seen

    def _unseen(self, error: Unavailable) -> Seen | None:
        """A node brings its result to the portal itself, so the work may end while the cluster does not answer."""
        if self._unreachable_at is None:
            self._unreachable_at = time.monotonic()
            self._kept.write(f"[portal] {error.detail} The work goes on where it is; asking again.\n")
        if result_is_there(self.claim) and not self._is_contested():
            return Seen(ENDED, error.detail, is_success=True)
        if time.monotonic() - self._unreachable_at > settings.EXECUTORS_PATIENCE_SECONDS:
            raise error
        return None

    def _is_contested(self) -> bool:
        self.claim.refresh_from_db(fields=["contested_at", "contested_from", "redeemed_from"])
        return self.claim.contested_at is not None

    def _open_claim(self) -> None:
        """Its code is good from when the work runs, so nobody has time to use it before."""
        now = time.monotonic()
        is_due = self._opened_at is None or now - self._opened_at > OPEN_FOR.total_seconds() / 2
        if self._state == RUNNING and is_due:
            self._opened_at = now
            claim_open(actor=self.step.actor, claim=self.claim)

    def _in_time_check(self) -> None:
        """Let what waits go on waiting, within reason, and stop what does not end."""
        passed, limit = time.monotonic() - self._since, self.prepared.command.limits.seconds
        if self._state == WAITING and passed > settings.EXECUTORS_QUEUE_SECONDS:
            stopped(self.cluster, self.prepared.key)
            raise Transient(f"{self.cluster.title} had no room for it within {int(passed)} seconds.")
        if self._state == RUNNING and limit is not None and passed > limit + OVERTIME_SECONDS:
            stopped(self.cluster, self.prepared.key)
            raise Permanent(f"It ran past its time limit of {int(limit)} seconds and did not end by itself.")


def stopped(cluster: Cluster, key: str) -> None:
    """Stop a submission and wait until it is gone. Raises Unavailable."""
    cluster.stop(key)
    limit = time.monotonic() + STOP_SECONDS
    while (seen := cluster.look(key)) is not None and seen.state != ENDED:
        if time.monotonic() > limit:
            raise Unavailable(f"{cluster.title} has not ended {key} within {STOP_SECONDS} seconds.")
        time.sleep(COPY_SECONDS)
