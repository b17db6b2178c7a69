"""`manage.py import_tensorboard DIR --workspace W --experiment E --as USER`: bring over runs from event files."""

from typing import Any

from transfer.management.folders import FolderCommand
from transfer.objects import Reader
from transfer.sources.opening import tensorboard_reader


class Command(FolderCommand):
    help = "Bring over scalars, hparams, texts and images of TensorBoard's event files: each folder with some is a run."

    def reader(self, options: dict[str, Any]) -> Reader:
        return tensorboard_reader(options["folder"], name=options["experiment"], address=options["origin"])
