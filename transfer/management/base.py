"""What the commands that bring something in share: who does it, where to, and how they tell of it."""

import json
import logging
import sys
from argparse import SUPPRESS
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.accounts.actor import Actor
from portal.accounts.management.base import user_named, workspace_named
from portal.accounts.models import Workspace
from portal.kernel.errors import DomainError
from portal.operations import permit
from transfer.importing import Import, Options
from transfer.objects import Reader, SourceUnavailable
from transfer.progress import Bar, JobProgress, Progress
from transfer.report import Report
from transfer.survey import survey

REFUSED, UNREADABLE, DIFFERENT = 1, 2, 3


class TransferCommand(BaseCommand):
    """Exit codes: 0 all is here, 1 refused, 2 the other side cannot be read, 3 what came differs from it."""

    requires_system_checks: tuple[str, ...] = ()
    action = "transfer.source.begin"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="the workspace")
        parser.add_argument(
            "--as", dest="user", required=True, metavar="USER",
            help="who does it: a maintainer of the workspace, a person or a service account",
        )  # fmt: skip
        parser.add_argument("--report", metavar="FILE", help="write all that was done and left out, as JSON")
        parser.add_argument("--job", type=UUID, help=SUPPRESS)  # that runs it, and hears how far it is
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
        self.add_own_arguments(parser)

    def add_own_arguments(self, parser: CommandParser) -> None:
        """The arguments of this command."""

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = workspace_named(options["workspace"])
        user = user_named(options["user"])
        if not user.is_active:
            raise CommandError(f"{user} is not active any more.", returncode=REFUSED)
        actor = Actor.of_user(user)
        progress: Progress = JobProgress(options["job"]) if options["job"] else Bar()
        if isinstance(progress, Bar) and progress.is_shown:  # lines about each page of runs would break it
            structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        try:
            permit(actor=actor, action=self.action, target=workspace)
            report = self.transfer(actor, workspace, progress, options)
        except SourceUnavailable as no:
            raise CommandError(str(no), returncode=UNREADABLE) from no
        except DomainError as no:
            raise CommandError(no.detail.replace("\n", " "), returncode=REFUSED) from no
        finally:
            progress.close()
        self._tell(report, options["report"])

    def transfer(
        self, actor: Actor, workspace: Workspace, progress: Progress, options: dict[str, Any]
    ) -> Report:
        """Do it."""
        raise NotImplementedError

    def _tell(self, report: Report, file: str | None) -> None:
        if file:
            Path(file).write_text(
                json.dumps(report.facts(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
            )
        self.stdout.write(report.text())
        if report.wrong:
            self.stdout.flush()
            sys.exit(DIFFERENT)


class ImportCommand(TransferCommand):
    """Brings what a reader finds into a workspace."""

    def transfer(
        self, actor: Actor, workspace: Workspace, progress: Progress, options: dict[str, Any]
    ) -> Report:
        reader, chosen = self.reader(options), self.options_of(options)
        if options["dry_run"]:
            return survey(workspace, reader, progress, chosen)
        return Import(actor, workspace, reader, progress, chosen).run()

    def reader(self, options: dict[str, Any]) -> Reader:
        """Open the source. Raises SourceUnavailable."""
        raise NotImplementedError

    def options_of(self, options: dict[str, Any]) -> Options:
        return Options()
