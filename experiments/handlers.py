"""Jobs of tracking. Handlers are imported by every process, so they import nothing heavy."""

from datetime import timedelta
from functools import partial

from experiments import collecting, housekeeping
from experiments.artifacts.locations import store_path
from experiments.artifacts.manifests import manifest_read
from experiments.artifacts.store import artifact_store
from experiments.models import LoggedModel
from experiments.models.experiment import ACTIVE
from experiments.models.logged_model import READY
from experiments.services.digests import model_digest_set
from jobs.errors import NothingToDo
from jobs.registry import SYSTEM_QUEUE, job
from jobs.step import JobStep

__all__ = ["collecting", "digest_model", "housekeeping"]


@job(
    "experiments.digest_model",
    queue=SYSTEM_QUEUE,
    restartable=True,
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
    manifest = manifest_read(step, store, root, files)
    step.finish(partial(model_digest_set, actor=step.actor, model=_wanted(model_id), manifest=manifest))


def _wanted(model_id: str) -> LoggedModel:
    model = LoggedModel.objects.filter(pk=model_id, lifecycle_stage=ACTIVE).first()
    if model is None:
        raise NothingToDo(f"The model {model_id} was deleted, so there is nothing to digest.")
    if model.status != READY:
        raise NothingToDo(f"The model {model_id} is not ready; its digest is taken when it is.")
    return model
