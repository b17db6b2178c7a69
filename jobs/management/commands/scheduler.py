"""`manage.py scheduler`: sweep every few seconds until told to stop. Two of them are harmless."""

from datetime import timedelta
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, InterfaceError, connection

from jobs.sweeper import sweep
from portal.kernel.stopping import stop_asked

log = structlog.get_logger("jobs")


class Command(BaseCommand):
    help = "Ring for jobs whose bell nobody answered, and recover what dead workers held. Ends on SIGTERM."
    requires_system_checks: Any = []  # noqa: RUF012 - they are about routes; badly declared jobs stop the set-up

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--interval", type=float, default=5.0, help="seconds between sweeps; default 5")
        parser.add_argument("--once", action="store_true", help="sweep once and leave")

    def handle(self, *args: Any, interval: float, once: bool, **options: Any) -> None:
        stop = stop_asked()
        log.info("scheduler started", interval_seconds=interval)
        while not stop.is_set():
            _sweep(timedelta(seconds=interval))
            if once or stop.wait(interval):
                break
        log.info("scheduler stopped")


def _sweep(patience: timedelta) -> None:
    """One sweep; a database that does not answer is tried again at the next one."""
    try:
        sweep(patience=patience)
    except (DatabaseError, InterfaceError) as error:
        log.warning("sweep failed", error=f"{type(error).__name__}: {error}")
        connection.close()
