"""Outputs of type dataset: what the code left in their folders becomes new versions."""

from pathlib import Path
from typing import Any

from experiments.data.keeping import folder_keep
from experiments.models import Run
from experiments.services.dataset_versions import NewVersion, dataset_register
from jobs.errors import Permanent
from portal.accounts.actor import Actor
from portal.kernel.errors import InvalidInput, TooLarge
from training.models import TrainingJob


def datasets_keep(requester: Actor, training: TrainingJob, run: Run, folder: Path) -> dict[str, Any]:
    """Make the versions, in the name of who asked; of each its name, number and digest. Once for all attempts."""
    wanted = training.spec["outputs"].items()
    return {
        name: _kept(requester, training, run, each["dataset"], folder / name)
        for name, each in wanted
        if each.get("type") == "dataset"
    }


def _kept(requester: Actor, training: TrainingJob, run: Run, dataset: str, folder: Path) -> dict[str, Any]:
    try:
        kept = folder_keep(training.workspace_id, folder)
    except (InvalidInput, TooLarge) as error:
        raise Permanent(f"The output {folder.name} makes no version of {dataset}: {error.detail}") from error
    new = NewVersion(
        digest=kept.digest, path=kept.path, manifest=kept.manifest, size_bytes=kept.size_bytes,
        made_by_run=run, made_by_training=training.pk, description=f"Made by {training.name}.",
    )  # fmt: skip
    made = dataset_register(actor=requester, workspace=training.workspace, name=dataset, new=new)
    return {"dataset": dataset, "version": made.number, "digest": made.digest, "files": len(made.manifest)}
