"""Folders that earlier trainings filled, as the input of a later one."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from experiments.artifacts.locations import store_path
from experiments.artifacts.manifests import file_measured
from experiments.artifacts.paths import path_joined
from experiments.artifacts.store import artifact_store
from experiments.data.keeping import FileDiffers
from jobs.step import JobStep
from portal.accounts.models import Workspace
from portal.kernel.errors import InvalidInput
from training.models import TrainingJob


@dataclass(frozen=True)
class Filled:
    """The output folder of one training: where it lies, and the digest that it had when the training ended.

    `folder` is its place in the input: empty where it is the only one, else its number.
    """

    training: TrainingJob
    root: str
    digest: str
    folder: str = ""


@dataclass(frozen=True)
class EarlierOutput:
    """An output of that name of one or more trainings."""

    name: str
    filled: tuple[Filled, ...]

    def __str__(self) -> str:
        return f"output {self.name} of {', '.join(str(each.training) for each in self.filled)}"

    @property
    def digest(self) -> str:
        """SHA-256 over the digests of the folders, with their places."""
        return hashlib.sha256(
            "".join(f"{each.folder} {each.digest}\n" for each in self.filled).encode()
        ).hexdigest()


def earlier_output(workspace: Workspace, given: Mapping[str, Any]) -> EarlierOutput:
    """What `{"trainings": [ids], "output": name}` means. Raises InvalidInput for what is not there or not finished."""
    known = TrainingJob.objects.filter(
        workspace=workspace, run__isnull=False, pk__in=_ids(given["trainings"])
    )
    found = {str(each.pk): each for each in known.select_related("run", "job")}
    is_one = len(given["trainings"]) == 1
    filled = [
        _filled(workspace, found.get(key.lower()), key, given["output"], "" if is_one else str(number))
        for number, key in enumerate(given["trainings"])
    ]
    return EarlierOutput(given["output"], tuple(filled))


def folder_digest(files: Iterable[tuple[str, str]]) -> str:
    """SHA-256 over the files of a folder, each `(path, SHA-256)`, by the parts of their paths."""
    whole = hashlib.sha256()
    for path, digest in sorted(files, key=lambda each: each[0].split("/")):
        whole.update(f"{digest} {path}\n".encode("utf-8", "surrogateescape"))
    return whole.hexdigest()


def filled_manifest(step: JobStep, filled: Filled) -> list[dict[str, Any]]:
    """The files as they lie in the store now. Raises FileDiffers where they are not what the training left."""
    store = artifact_store()
    found = [
        {"path": file.path.removeprefix(f"{filled.root}/"), **file_measured(store, file.path, step.check)}
        for file in store.list_files(filled.root)
    ]
    if folder_digest((entry["path"], entry["sha256"]) for entry in found) != filled.digest:
        raise FileDiffers(filled.root, f"is not what the training {filled.training} left")
    return found


def _ids(given: Iterable[str]) -> list[UUID]:
    try:
        return [UUID(each) for each in given]
    except ValueError as error:
        raise InvalidInput("trainings: each is the id of a training.", code="no_such_input") from error


def _filled(workspace: Workspace, training: TrainingJob | None, key: str, output: str, folder: str) -> Filled:
    kept = training.seen.get("outputs", {}).get(output) if training is not None else None
    if training is None or training.run is None or kept is None or "path" not in kept:
        raise InvalidInput(
            f"{workspace} has no training {key} that left a folder {output}.", code="no_such_input"
        )
    return Filled(
        training, path_joined(store_path(training.run.artifact_uri), kept["path"]), kept["digest"], folder
    )
