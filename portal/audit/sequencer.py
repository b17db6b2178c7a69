"""Gives committed events their place in the log, in batches, and signs a checkpoint at the end of each.

A batch is one transaction: leaves, complete subtrees and checkpoint appear together or not at all, so a sequencer
may be killed at any line. An advisory lock lets one work at a time; even without it a second could only fail, since
index and event are unique. Nothing here waits for a network.
"""

import base64
import os
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from django.db import transaction

from portal.audit import merkle, tree
from portal.audit.models import AuditCheckpoint, AuditKey
from portal.audit.notes import Checkpoint, Signer
from portal.audit.settled import Settled
from portal.audit.tree import Damaged
from portal.kernel import sql

log = structlog.get_logger("audit")
BATCH = 5000
LOCK = 0x4D4C4F47  # a number of our own among the advisory locks of the database
# How many ids below the mark are looked at again in each pass, round and round; and above the mark on a start.
SWEEP, START = 20_000, 100_000
_TOP = 2**62
_NEW = """
SELECT event.id, event.leaf_hash FROM audit_auditevent event
WHERE event.id > %s AND event.id <= %s
  AND NOT EXISTS (SELECT FROM audit_auditleaf leaf WHERE leaf.event_id = event.id)
ORDER BY event.id LIMIT %s
"""


@dataclass
class Sequencer:
    """`run` sequences all that is committed; call it again and again."""

    signer: Signer
    state_file: Path | None = None
    batch: int = BATCH
    settled: Settled = field(default_factory=Settled)
    _swept: int | None = None

    def run(self) -> int:
        """One pass over what is new; how many events it placed. Raises Damaged when the log may not be signed."""
        if self._swept is None:
            self._swept = 0
            (placed,) = sql.row("SELECT coalesce(max(event_id), 0) FROM audit_auditleaf") or (0,)
            self.settled.below = max(placed - START, 0)
        self.settled.look()
        after, count = self.settled.below, 0
        while True:
            events = self._batch(after, _TOP)
            if events is None:  # another sequencer is at work
                return count
            count += len(events)
            if len(events) < self.batch:
                break
            after = events[-1][0]
        self.settled.advance()
        return count + self._sweep(self._swept)

    def _sweep(self, start: int) -> int:
        """Look once more at a part of what is settled; how many events were found there."""
        end = min(start + SWEEP, self.settled.below)
        events = self._batch(start, end) or []
        if len(events) == self.batch:
            self._swept = events[-1][0]
        else:
            self._swept = end if end < self.settled.below else 0
        return len(events)

    def _batch(self, after: int, until: int) -> list[tuple[int, bytes]] | None:
        """Place up to `batch` events with ids between the two; None when the lock is held elsewhere."""
        with transaction.atomic(durable=True):
            if sql.row("SELECT pg_try_advisory_xact_lock(%s)", (LOCK,)) != (True,):
                return None
            rows = sql.rows(_NEW, (after, until, self.batch), binary=True)
            events = [(int(key), bytes(value)) for key, value in rows]
            checkpoint = self._place(events) if events else None
        if checkpoint is not None:
            self._remember(checkpoint)
        return events

    def _place(self, events: list[tuple[int, bytes]]) -> AuditCheckpoint:
        frontier = self._frontier()
        tree.leaves_write(frontier.size, events)
        tree.nodes_write(frontier.extend(value for _, value in events))
        return self._sign(frontier)

    def _frontier(self) -> merkle.Frontier:
        """Where the log stands. Raises Damaged when that is not what was signed last."""
        frontier = tree.frontier(tree.size())
        last = AuditCheckpoint.objects.order_by("-size").first()
        if (last.size if last else 0) != frontier.size:
            raise Damaged(f"The log has {frontier.size} leaves, but its last checkpoint is {last}.")
        if last is not None and bytes(last.root) != frontier.root:
            raise Damaged(f"The root over {frontier.size} leaves is not the one in {last}.")
        self._compare_with_memory(frontier)
        return frontier

    def _compare_with_memory(self, frontier: merkle.Frontier) -> None:
        """What this sequencer signed before must still be in the log: it may have been restored from a backup."""
        remembered = self._remembered()
        if remembered is None:
            return
        if remembered.size > frontier.size or tree.root(remembered.size) != remembered.root:
            raise Damaged(
                f"A log of {remembered.size} leaves was signed before, and this one of {frontier.size} does not "
                f"contain it: it was rolled back or rewritten. See docs/runbooks/audit.md before you remove "
                f"{self.state_file}."
            )

    def _sign(self, frontier: merkle.Frontier) -> AuditCheckpoint:
        said = Checkpoint(self.signer.name, frontier.size, frontier.root)
        AuditKey.objects.bulk_create([AuditKey(verifier=self.signer.verifier)], ignore_conflicts=True)
        return AuditCheckpoint.objects.create(
            size=said.size, root=said.root, note=self.signer.sign(said.text)
        )

    def _remembered(self) -> Checkpoint | None:
        if self.state_file is None or not self.state_file.exists():
            return None
        lines = self.state_file.read_text().splitlines()
        try:
            return Checkpoint(lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True))
        except (IndexError, ValueError) as error:
            raise Damaged(f"{self.state_file} is not a checkpoint.") from error

    def _remember(self, checkpoint: AuditCheckpoint) -> None:
        """After the commit, so that a checkpoint that is remembered was there for others to see."""
        if self.state_file is None:
            return
        fresh = self.state_file.with_name(f"{self.state_file.name}.{os.getpid()}.new")
        try:
            self.state_file.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(checkpoint.note)
            fresh.replace(self.state_file)
        except OSError as error:
            log.warning("checkpoint not remembered", file=str(self.state_file), error=str(error))
