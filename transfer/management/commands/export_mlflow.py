"""`manage.py export_mlflow DESTINATION --workspace W --as USER`: take a workspace to an MLflow store."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from transfer.management.base import TransferCommand
from transfer.progress import Progress
from transfer.report import Report


class Command(TransferCommand):
    help = "Take the experiments, runs, models and files of a workspace to an MLflow store. It may be started again."
    action = "transfer.export.begin"

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "destination",
            help="the address of a tracking server, or an SQLAlchemy URL of a database",
        )
        parser.add_argument(
            "--experiment", action="append", default=[], metavar="NAME", help="only this one; may be repeated"
        )
        parser.add_argument(
            "--artifact-root", default="", metavar="PLACE",
            help="where files go when the destination is a database: a folder, or a URI",
        )  # fmt: skip
        parser.add_argument("--no-files", action="store_true", help="leave the files of runs and models here")
        parser.add_argument(
            "--no-registry", action="store_true", help="leave registered models and prompts here"
        )

    def transfer(
        self, actor: Actor, workspace: Workspace, progress: Progress, options: dict[str, Any]
    ) -> Report:
        # MLflow takes seconds to load, and only this command needs it.
        from transfer.exporting import Export  # noqa: PLC0415
        from transfer.targets.mlflow_target import MlflowTarget  # noqa: PLC0415

        if options["dry_run"]:
            raise CommandError(
                "An export has no dry run: a store that is not yet there cannot be asked what is new."
            )
        target = MlflowTarget(options["destination"], artifact_root=options["artifact_root"])
        return Export(
            actor, workspace, target, progress, frozenset(options["experiment"]),
            with_files=not options["no_files"], with_registry=not options["no_registry"],
        ).run()  # fmt: skip
