"""`manage.py import_mlflow URI --workspace W --as USER`: bring over what an MLflow store holds. See the runbook."""

from typing import Any

from django.core.management.base import CommandParser

from transfer.importing import Options
from transfer.management.base import ImportCommand
from transfer.objects import Reader


class Command(ImportCommand):
    help = (
        "Bring experiments, runs, models and files of an MLflow store into a workspace. It may be stopped and started "
        "again, and repeated: then it brings what is new."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "uri",
            help="the address of a tracking server, an SQLAlchemy URL of its database, or a folder mlruns",
        )
        parser.add_argument(
            "--experiment", action="append", default=[], metavar="NAME", help="only this one; may be repeated"
        )
        parser.add_argument(
            "--merge",
            action="store_true",
            help="add runs to experiments of the same name that were made here",
        )
        parser.add_argument(
            "--artifacts-from", action="append", default=[], metavar="PLACE",
            help="a folder or the beginning of URIs from which files may be read; may be repeated",
        )  # fmt: skip
        parser.add_argument(
            "--artifact-root", default="", metavar="PLACE",
            help="where the server keeps the files that it serves (its --artifacts-destination), to read them there",
        )  # fmt: skip
        parser.add_argument(
            "--origin", default="", metavar="NAME",
            help="the name under which the store is remembered, when it is read by another address than before",
        )  # fmt: skip
        parser.add_argument(
            "--full", action="store_true", help="read all points again, not only where there is news"
        )
        parser.add_argument("--no-files", action="store_true", help="leave the files of runs and models out")
        parser.add_argument(
            "--no-registry", action="store_true", help="leave registered models and prompts out"
        )
        parser.add_argument(
            "--no-check", action="store_true", help="do not compare with the source at the end"
        )

    def reader(self, options: dict[str, Any]) -> Reader:
        # MLflow takes seconds to load, and only this command needs it.
        from transfer.sources.mlflow_artifacts import ArtifactSource  # noqa: PLC0415
        from transfer.sources.mlflow_store import MlflowReader  # noqa: PLC0415

        uri = options["uri"]
        if options["job"]:
            from transfer.sources.guarded import servers_guard  # noqa: PLC0415

            servers_guard()
        files = ArtifactSource(uri, allowed=options["artifacts_from"], root=options["artifact_root"])
        return MlflowReader(uri, address=options["origin"], files=files)

    def options_of(self, options: dict[str, Any]) -> Options:
        return Options(
            names=frozenset(options["experiment"]), merge=options["merge"], is_full=options["full"],
            with_files=not options["no_files"], with_registry=not options["no_registry"],
            with_check=not options["no_check"],
        )  # fmt: skip
