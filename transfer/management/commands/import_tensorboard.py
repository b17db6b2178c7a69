"""`manage.py import_tensorboard DIR --workspace W --experiment E --as USER`: bring over runs from event files."""

from typing import Any

from transfer.management.folders import FolderCommand, library_missing
from transfer.objects import Reader


class Command(FolderCommand):
    help = "Bring over scalars, hparams, texts and images of TensorBoard's event files: each folder with some is a run."

    def reader(self, options: dict[str, Any]) -> Reader:
        try:
            from transfer.sources.tensorboard import TensorBoardReader  # noqa: PLC0415 - may not be installed
        except ModuleNotFoundError as error:
            raise library_missing("tensorboard") from error
        return TensorBoardReader(options["folder"], name=options["experiment"], address=options["origin"])
