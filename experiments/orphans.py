"""Files in the store that no row knows, and what is counted on the same walk: how much each experiment takes."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from experiments.artifacts.locations import owner_of
from experiments.artifacts.multipart import LIFETIME, UPLOADS_FOLDER
from experiments.artifacts.store import ArtifactStore, Entry, artifact_store
from experiments.models import Collection, Experiment, LoggedModel, Run
from experiments.services import collections as acts
from experiments.services.holds import held_check
from experiments.weighing import folder_remove
from jobs.step import JobStep
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, NotFound

AT_ONCE = 200
# Files are written after the row of their owner, so that none of them is an orphan for long before it is one.
YOUNG = dt.timedelta(days=1)
_POINTS = """
SELECT coalesce(sum(c.points), 0)::bigint FROM experiments_metricchunk c
WHERE c.run_id IN (SELECT id FROM experiments_run WHERE experiment_id = %s)
"""


@dataclass
class Folder:
    """The files of one run or logged model: how many, how large, and one of them."""

    path: str
    files: int = 0
    bytes: int = 0
    sample: str = ""


def orphans_collect(step: JobStep, collection: Collection) -> None:
    """Walk over the files of a workspace once: keep how much each experiment takes, and remove what nobody owns."""
    store, root = artifact_store(), str(collection.workspace_id)
    for folder in [entry.path for entry in store.list_dir(root) if entry.is_dir]:
        number = folder.rpartition("/")[2]
        if not number.isdecimal():
            continue
        files, size = 0, 0
        for batch in _batches(_folders(store, folder)):
            step.checkpoint({"doing": "walking", "experiment": number})
            files += sum(each.files for each in batch)
            size += sum(each.bytes for each in batch)
            gone = _unowned_remove(step, store, collection, batch)
            files, size = files - gone.files, size - gone.bytes
        experiment = Experiment.objects.filter(pk=number, workspace=collection.workspace_id).first()
        if experiment is not None:
            _counted(step.actor, experiment, files, size)
    for experiment in Experiment.objects.filter(workspace=collection.workspace_id):
        if not store.list_dir(f"{root}/{experiment.pk}"):
            _counted(step.actor, experiment, 0, 0)


def storage_count(step: JobStep, workspace_id: int) -> None:
    """Count what each experiment of a workspace takes, without removing anything."""
    store = artifact_store()
    for experiment in Experiment.objects.filter(workspace=workspace_id).order_by("pk"):
        files, size = 0, 0
        for entry in store.list_files(f"{workspace_id}/{experiment.pk}"):
            files, size = files + 1, size + (entry.size or 0)
            step.check()
        step.checkpoint({"doing": "counting", "experiment": experiment.pk})
        _counted(step.actor, experiment, files, size)


def uploads_remove(step: JobStep) -> dict[str, int]:
    """Remove the parts of uploads that can no longer be finished, as their ids are too old; what went."""
    store, found = artifact_store(), []
    for entry in store.list_dir(UPLOADS_FOLDER):
        files = list(store.list_files(entry.path)) if entry.is_dir else []
        if files and all(_is_old(store, file.path, LIFETIME + YOUNG) for file in files):
            found.append((entry.path, files))
        step.check()
    if not found:
        return {"uploads": 0, "files": 0, "bytes": 0}
    facts = {
        "uploads": len(found), "files": sum(len(files) for _, files in found),
        "size": sum(file.size or 0 for _, files in found for file in files),
    }  # fmt: skip
    acts.uploads_clear(actor=step.actor, **facts)
    for path, _ in found:
        folder_remove(store, path)
    return {"uploads": facts["uploads"], "files": facts["files"], "bytes": facts["size"]}


def _counted(actor: Actor, experiment: Experiment, files: int, size: int) -> None:
    found = sql.row(_POINTS, (experiment.pk,))
    acts.storage_counted(
        actor=actor, experiment=experiment, files=files, size=size, points=found[0] if found else 0
    )


def _folders(store: ArtifactStore, experiment: str) -> Iterator[Folder]:
    """The folders of runs and logged models below an experiment."""
    for path, entries in groupby(store.list_files(experiment), key=_owner_path):
        folder = Folder(path)
        for entry in entries:
            folder.files, folder.bytes = folder.files + 1, folder.bytes + (entry.size or 0)
            folder.sample = folder.sample or entry.path
        yield folder


def _owner_path(entry: Entry) -> str:
    names = entry.path.split("/")
    return "/".join(names[:4] if names[2:3] == ["models"] else names[:3])


def _batches(folders: Iterator[Folder]) -> Iterator[list[Folder]]:
    for _, batch in groupby(enumerate(folders), key=lambda pair: pair[0] // AT_ONCE):
        yield [folder for _, folder in batch]


def _unowned_remove(
    step: JobStep, store: ArtifactStore, collection: Collection, folders: list[Folder]
) -> Folder:
    """Remove, or in a dry run note, the folders without an owner; the sum of what went.

    They were listed before the rows are asked for, so a run that was made meanwhile has its row.
    """
    gone = [folder for folder in _unowned(folders) if _is_old(store, folder.sample, YOUNG)]
    things = [acts.orphan_thing(collection, each.path, each.files, each.bytes) for each in gone]
    if not things:
        return Folder("")
    if collection.is_dry_run:
        acts.collected_note(actor=step.actor, collection=collection, things=things)
        return Folder("")
    for path in acts.orphans_purge(actor=step.actor, collection=collection, things=things):
        folder_remove(store, path)
        step.check()
    return Folder("", sum(each.files for each in gone), sum(each.bytes for each in gone))


def _unowned(folders: list[Folder]) -> list[Folder]:
    keys = {folder.path: owner_of(folder.path) for folder in folders}
    runs: set[UUID] = {key.run_id for key in keys.values() if key and key.run_id}
    models: set[str] = {key.model_id for key in keys.values() if key and key.model_id}
    known_runs = set(Run.objects.filter(pk__in=runs).values_list("pk", flat=True))
    known_models = set(LoggedModel.objects.filter(pk__in=models).values_list("pk", flat=True))
    return [
        folder
        for folder in folders
        if (key := keys[folder.path]) is not None
        and (
            (key.run_id and key.run_id not in known_runs)
            or (key.model_id and key.model_id not in known_models)
        )
        and not _is_held(folder.path)
    ]


def _is_held(path: str) -> bool:
    try:
        held_check(path, as_folder=True)
    except Conflict:
        return True
    return False


def _is_old(store: ArtifactStore, path: str, age: dt.timedelta) -> bool:
    try:
        return store.stat(path).modified_at < now() - age
    except NotFound:
        return False
