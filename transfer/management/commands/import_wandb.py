"""`manage.py import_wandb DIR --workspace W --experiment E --as USER`: bring over runs of Weights & Biases."""

from typing import Any

from transfer.management.folders import FolderCommand
from transfer.objects import Reader
from transfer.sources.opening import wandb_reader


class Command(FolderCommand):
    help = (
        "Bring over runs from a local folder `wandb`, or from a folder of W&B's exports (a table of runs, histories as "
        "CSV, JSON lines or Parquet, config and summary): history, config, summary, measures of the machine, and files."
    )

    def reader(self, options: dict[str, Any]) -> Reader:
        return wandb_reader(options["folder"], name=options["experiment"], address=options["origin"])
