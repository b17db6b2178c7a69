"""Jobs of tracking. Handlers are imported by every process, so they import nothing heavy."""

import hashlib
from datetime import timedelta
from functools import partial
from typing import Any

from experiments.artifacts.locations import store_path
from experiments.artifacts.store import ArtifactStore, Entry, artifact_store
from experiments.models import LoggedModel
from experiments.models.experiment import ACTIVE
from experiments.models.logged_model import READY
from experiments.services.digests import model_digest_set
from jobs.errors import NothingToDo, Transient
from jobs.registry import job
from jobs.step import JobStep
from portal.kernel.errors import NotFound

# Hashing this much takes less time than saving a place, so small files share a checkpoint.
CHECKPOINT_BYTES = 8 * 1024 * 1024


@job(
    "experiments.digest_model",
    actions=["experiments.model.digest"],
    max_attempts=6,
    time_limit=timedelta(days=1),
)
def digest_model(step: JobStep, *, model_id: str) -> None:
    """Hash the files of a logged model and store their manifest with its digest.

    Each file is read once, over all attempts: the cursor holds the entries of the files behind it. A file
    whose size changed since is read again.
    """
    model = _wanted(model_id)
    root = store_path(model.artifact_location)
    store = artifact_store()
    files = list(store.list_files(root))
    if not files:
        raise NothingToDo(f"The model {model_id} has no files, so there is nothing to digest.")
    manifest = _manifest(step, store, root, files)
    step.finish(partial(model_digest_set, actor=step.actor, model=_wanted(model_id), manifest=manifest))


def _wanted(model_id: str) -> LoggedModel:
    model = LoggedModel.objects.filter(pk=model_id, lifecycle_stage=ACTIVE).first()
    if model is None:
        raise NothingToDo(f"The model {model_id} was deleted, so there is nothing to digest.")
    if model.status != READY:
        raise NothingToDo(f"The model {model_id} is not ready; its digest is taken when it is.")
    return model


def _manifest(step: JobStep, store: ArtifactStore, root: str, files: list[Entry]) -> list[dict[str, Any]]:
    known = {entry["path"]: entry for entry in step.cursor.get("manifest", [])}
    manifest: list[dict[str, Any]] = []
    unsaved = 0
    for file in files:
        path = file.path.removeprefix(f"{root}/")
        entry = known.get(path)
        if entry is None or entry["size"] != file.size:
            entry = {"path": path, **_hashed(step, store, file)}
            unsaved += entry["size"]
        manifest.append(entry)
        if unsaved >= CHECKPOINT_BYTES:
            step.checkpoint({"manifest": manifest})
            unsaved = 0
    return manifest


def _hashed(step: JobStep, store: ArtifactStore, file: Entry) -> dict[str, Any]:
    """Size and SHA-256 of a file as it is read, not as it was listed."""
    digest, size = hashlib.sha256(), 0
    try:
        for chunk in store.open(file.path).chunks:
            step.check()
            digest.update(chunk)
            size += len(chunk)
    except NotFound as error:
        raise Transient(f"The file {file.path} went away while the model was read.") from error
    return {"size": size, "sha256": digest.hexdigest()}
