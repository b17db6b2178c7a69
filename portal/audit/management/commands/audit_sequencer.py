"""`manage.py audit_sequencer`: place and sign new events until told to stop. Two of them are harmless."""

from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError, connection

from portal.audit.notes import BadKey, Signer, key_make
from portal.audit.sequencer import BATCH, Sequencer
from portal.audit.tree import Damaged
from portal.audit.witnesses import Witnesses
from portal.kernel.stopping import stop_asked

log = structlog.get_logger("audit")


class Command(BaseCommand):
    help = "Give new audit events their place in the log and sign checkpoints. Ends on SIGTERM."
    requires_system_checks: Any = []  # noqa: RUF012 - they are about routes

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--interval", type=float, default=0.5, help="seconds between passes; default 0.5")
        parser.add_argument("--batch", type=int, default=BATCH, help="events per checkpoint, at most")
        parser.add_argument("--once", action="store_true", help="make one pass and leave")

    def handle(self, *args: Any, interval: float, batch: int, once: bool, **options: Any) -> None:
        stop = stop_asked()
        sequencer = Sequencer(signer(), _state_file(), batch)
        witnesses = Witnesses.of_settings()
        log.info("sequencer started", verifier=sequencer.signer.verifier, witnesses=len(witnesses.all))
        if once:
            placed = sequencer.run()
            witnesses.deliver()
            self.stdout.write(f"{placed} events placed")
            return
        with witnesses.at_work(stop):
            while not stop.is_set():
                _pass(sequencer)
                stop.wait(interval)
        log.info("sequencer stopped")


def signer() -> Signer:
    """The key that the settings name; made there where that is allowed. Raises CommandError."""
    name = settings.AUDIT_SIGNING_KEY_FILE
    if not name:
        raise CommandError("Set AUDIT_SIGNING_KEY_FILE to the file of the signing key of the audit log.")
    path = Path(name)
    if settings.AUDIT_SIGNING_KEY_IS_MADE and not path.exists():
        key_make(path)
    try:
        return Signer.read(settings.AUDIT_ORIGIN, path)
    except BadKey as error:
        raise CommandError(str(error)) from error


def _state_file() -> Path | None:
    return Path(settings.AUDIT_STATE_FILE) if settings.AUDIT_STATE_FILE else None


def _pass(sequencer: Sequencer) -> None:
    """One pass; a database that does not answer, or a log that may not be signed, is looked at again at the next."""
    try:
        placed = sequencer.run()
    except (DatabaseError, InterfaceError) as error:
        log.warning("pass failed", error=f"{type(error).__name__}: {error}")
        connection.close()
    except Damaged as error:
        log.error("nothing is signed", error=str(error))
    else:
        if placed:
            log.debug("placed", events=placed)
