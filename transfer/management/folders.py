"""What the commands that read folders share."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from transfer.importing import Options
from transfer.management.base import ImportCommand


class FolderCommand(ImportCommand):
    """Brings the runs of a folder into one experiment."""

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--experiment", required=True, metavar="NAME", help="the experiment that the runs come into"
        )
        parser.add_argument("--merge", action="store_true", help="which may be one that was made here")
        parser.add_argument(
            "--origin", default="", metavar="NAME", help="the name of the folder, if it was moved"
        )
        parser.add_argument(
            "--full", action="store_true", help="read all points again, not only where there is news"
        )
        parser.add_argument("--no-files", action="store_true", help="leave texts, images and other files out")

    def options_of(self, options: dict[str, Any]) -> Options:
        return Options(
            merge=options["merge"],
            is_full=options["full"],
            with_files=not options["no_files"],
            with_registry=False,
        )
