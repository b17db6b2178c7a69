"""Files in the store that no row knows, and what is counted on the same walk: how much each experiment takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from experiments.artifacts.locations import owner_of
from experiments.artifacts.multipart import LIFETIME, UPLOADS_FOLDER
from experiments.artifacts.store import ArtifactStore, Entry, artifact_store
from experiments.models import Collected, Collection, Experiment, LoggedModel, Run
from experiments.services import collections as acts
from experiments.services.holds import held_check
from experiments.waiting import YOUNG, is_old, unwanted
from experiments.weighing import folder_remove
from jobs.step import JobStep
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.errors import Conflict

AT_ONCE = 200
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
    _unwanted_collect(step, store, collection)


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
        if files and all(is_old(store, file.path, LIFETIME + YOUNG) for file in files):
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


def waiting_clear(step: JobStep, workspace_id: int) -> None:
    """Remove what nothing waits for any more, where no collection does."""
    store = artifact_store()
    files = [file for file, _ in unwanted(store, workspace_id)]
    if files:
        size = sum(file.size or 0 for file in files)
        acts.uploads_clear(actor=step.actor, uploads=len(files), files=len(files), size=size)
        store.delete_files([file.path for file in files])


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
    gone = [folder for folder in _unowned(folders) if is_old(store, folder.sample, YOUNG)]
    things = [acts.orphan_thing(collection, each.path, each.files, each.bytes) for each in gone]
    for path in _purged(step, collection, things):
        folder_remove(store, path)
        step.check()
    went = [] if collection.is_dry_run else gone
    return Folder("", sum(each.files for each in went), sum(each.bytes for each in went))


def _unwanted_collect(step: JobStep, store: ArtifactStore, collection: Collection) -> None:
    """Remove, or in a dry run note, what nothing waits for any more. A death in between leaves it for the next time."""
    step.checkpoint({"doing": "waiting files"})
    things = [
        acts.waiting_thing(collection, file.path, file.size or 0, reason)
        for file, reason in unwanted(store, collection.workspace_id)
    ]
    store.delete_files(_purged(step, collection, things))


def _purged(step: JobStep, collection: Collection, things: list[Collected]) -> list[str]:
    """Note what is to go; the paths that the caller removes, none in a dry run."""
    if not things:
        return []
    if collection.is_dry_run:
        acts.collected_note(actor=step.actor, collection=collection, things=things)
        return []
    return acts.orphans_purge(actor=step.actor, collection=collection, things=things)


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
