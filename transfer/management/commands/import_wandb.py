"""`manage.py import_wandb DIR --workspace W --experiment E --as USER`: bring over runs of Weights & Biases."""

from typing import Any

from transfer.management.folders import FolderCommand, library_missing
from transfer.objects import Reader


class Command(FolderCommand):
    help = "Bring over runs from a local folder `wandb`: history, config, summary, measures of the machine, and files."

    def reader(self, options: dict[str, Any]) -> Reader:
        try:
            from transfer.sources.wandb_runs import WandbReader  # noqa: PLC0415 - may not be installed
        except ModuleNotFoundError as error:
            raise library_missing("wandb") from error
        return WandbReader(options["folder"], name=options["experiment"], address=options["origin"])
