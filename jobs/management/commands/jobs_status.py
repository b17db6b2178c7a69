"""`manage.py jobs_status`: how the queue stands; with `--max-wait`, a health check for the workers."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jobs.selectors import queue_status
from portal.accounts.actor import Actor

ACTOR = Actor.system("commands.jobs_status", actions=["jobs.job.read"])


class Command(BaseCommand):
    help = "Show how many jobs are in each state, how long the oldest has waited, and who works."
    requires_system_checks: Any = []  # noqa: RUF012 - so that it answers at once, also as a health check

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--max-wait", type=float, metavar="SECONDS", help="exit with 1 when a job has been due for longer"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        status = queue_status(ACTOR)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(status), default=str, sort_keys=True))
        else:
            counts = ", ".join(f"{count} {state}" for state, count in status.counts.items())
            self.stdout.write(f"{counts}; oldest due job waits {status.oldest_due_seconds:.1f} s")
            self.stdout.write(f"at work: {', '.join(status.owners) or 'nobody'}")
        longest = options["max_wait"]
        if longest is not None and status.oldest_due_seconds > longest:
            raise CommandError(f"A job waits for {status.oldest_due_seconds:.0f} s; no worker takes it.")
