"""Data and models that a training reads: named in its specification, checked before and after its command.

An input is a version of a dataset or of a registered model, or a folder that earlier trainings filled. Its files come
to `inputs/<name>`, each byte what it was when the version was made.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings

from experiments.artifacts.locations import store_path
from experiments.data.keeping import FileDiffers, files_fetch, folder_measured
from experiments.models import DatasetVersion, Run
from experiments.selectors.dataset_versions import version_resolve
from experiments.services.inputs import CONTEXT_TAG, DatasetInput, inputs_log
from jobs.errors import Permanent
from jobs.step import JobStep
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.errors import InvalidInput, NotFound
from portal.kernel.mlflow_errors import ProtocolError
from registry.models import ModelVersion
from registry.models.registered_model import READY
from registry.selectors.models import version_by_alias, version_get
from training.models import TrainingJob
from training.work.earlier import EarlierOutput, earlier_output, filled_manifest

DEFAULT_CONTEXT = "training"
_MLFLOW_TYPES = (("int", "long"), ("float", "double"), ("bool", "boolean"), ("datetime", "datetime"))
_PATHS_SHOWN = 5


@dataclass(frozen=True)
class Part:
    """Files that lie below one folder of the artifact store, and the folder of the input into which they come."""

    root: str
    manifest: list[dict[str, Any]]
    folder: str = ""


@dataclass(frozen=True)
class Input:
    """One input of a training: whose files it is, and under which name. `parts` are known when a job looks."""

    name: str
    version: DatasetVersion | ModelVersion | EarlierOutput
    context: str
    parts: tuple[Part, ...] = ()

    @property
    def paths(self) -> list[str]:
        """The paths of its files below its folder."""
        return sorted(_path(part, entry) for part in self.parts for entry in part.manifest)

    @property
    def facts(self) -> dict[str, Any]:
        """What the training keeps of it."""
        if isinstance(self.version, EarlierOutput):
            trainings = [str(each.training.pk) for each in self.version.filled]
            named: dict[str, Any] = {"trainings": trainings, "output": self.version.name}
        elif isinstance(self.version, DatasetVersion):
            named = {"dataset": self.version.asset.name, "version": self.version.number}
        else:
            named = {"model": self.version.model.name, "version": self.version.version}
        return {**named, "digest": self.version.digest, "context": self.context}


def inputs_resolve(actor: Actor, workspace: Workspace, given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a specification with the versions that are meant now written out. Raises InvalidInput."""
    return {name: _resolved(actor, workspace, name, each) for name, each in given.items()}


def inputs_place(step: JobStep, training: TrainingJob, folder: Path) -> list[Input]:
    """Bring the files of every input to its folder. Raises Permanent where they are not what they were."""
    actor = Actor.of_user(training.requested_by, request_id=step.run.request_id)
    found = [_input(actor, training.workspace, name, each) for name, each in training.spec["inputs"].items()]
    return [_placed(step, each, folder / each.name) for each in found]


def inputs_note(requester: Actor, run: Run, inputs: list[Input]) -> None:
    """Log the inputs on the run, as MLflow's client would; doing it again changes nothing."""
    datasets = [_dataset_input(each) for each in inputs if isinstance(each.version, DatasetVersion)]
    models = [
        each.version.logged_model_id
        for each in inputs
        if isinstance(each.version, ModelVersion) and each.version.logged_model_id
    ]
    if datasets or models:
        inputs_log(actor=requester, run_id=run.pk.hex, datasets=datasets, models=models)


def inputs_check(step: JobStep, inputs: list[Input], folder: Path) -> dict[str, Any]:
    """Look at the inputs again after the command; what is kept of them. Raises Permanent for what changed."""
    for each in inputs:
        changed = _changed(each.parts, folder_measured(folder / each.name, step.check))
        if changed:
            raise Permanent(
                f"The command changed its input {each.name} ({each.version}): {', '.join(changed[:_PATHS_SHOWN])}. "
                "Inputs are read only; write to an output instead."
            )
    return {each.name: {**each.facts, "checked": ["before", "after"]} for each in inputs}


def _resolved(actor: Actor, workspace: Workspace, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = _input(actor, workspace, name, given)
    except (NotFound, ProtocolError) as error:
        raise InvalidInput(f"inputs/{name}: {error.detail}", code="no_such_input") from error
    if isinstance(found.version, DatasetVersion) and not found.version.is_held:
        raise InvalidInput(
            f"inputs/{name}: the portal knows {found.version} by its address only. Upload its files.",
            code="data_not_held",
        )
    if isinstance(found.version, ModelVersion) and (
        found.version.status != READY or not found.version.manifest
    ):
        raise InvalidInput(f"inputs/{name}: {found.version} is not ready.", code="model_not_ready")
    if isinstance(found.version, EarlierOutput):
        return dict(given)
    kept = {key: value for key, value in given.items() if key != "alias"}
    return {**kept, "version": found.facts["version"]}


def _input(actor: Actor, workspace: Workspace, name: str, given: Mapping[str, Any]) -> Input:
    context = given.get("context") or DEFAULT_CONTEXT
    if "trainings" in given:
        return Input(name, earlier_output(workspace, given), context)
    if "dataset" in given:
        return Input(name, version_resolve(workspace.pk, given["dataset"], given.get("version")), context)
    if "version" in given:
        return Input(
            name, version_get(actor, given["model"], given["version"], workspace_id=workspace.pk), context
        )
    alias = given.get("alias", "latest")
    return Input(name, version_by_alias(actor, given["model"], alias, workspace_id=workspace.pk), context)


def _placed(step: JobStep, each: Input, target: Path) -> Input:
    try:
        each = replace(each, parts=_parts(step, each.version))
        _place(step, each, target)
    except FileDiffers as error:
        raise Permanent(f"The input {each.name} ({each.version}) cannot be used: {error}.") from error
    return each


def _parts(step: JobStep, version: DatasetVersion | ModelVersion | EarlierOutput) -> tuple[Part, ...]:
    if isinstance(version, EarlierOutput):
        return tuple(Part(each.root, filled_manifest(step, each), each.folder) for each in version.filled)
    root = version.path if isinstance(version, DatasetVersion) else store_path(version.artifact_location)
    return (Part(root, version.manifest or []),)


def _place(step: JobStep, each: Input, target: Path) -> None:
    """Copy from what this machine keeps, fetched where it lacks; a kept copy that differs is fetched anew."""
    kept = Path(settings.JOBS_DIR) / "data" / each.version.digest
    with _alone(kept.with_suffix(".lock")):
        if kept.exists() and not _copied(step, each.parts, kept, target):
            shutil.rmtree(kept)
        if not kept.exists():
            _fetch(step, each.parts, kept)
            if not _copied(step, each.parts, kept, target):
                raise FileDiffers(each.name, "changed while it was copied")
        os.utime(kept)


def _copied(step: JobStep, parts: tuple[Part, ...], kept: Path, target: Path) -> bool:
    """Whether the copy is what the version is."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(kept, target)
    return not _changed(parts, folder_measured(target, step.check))


def _fetch(step: JobStep, parts: tuple[Part, ...], kept: Path) -> None:
    """Fetch beside the place and rename, so that half a dataset is never used."""
    half = kept.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    _room_make(kept.parent, sum(entry["size"] for part in parts for entry in part.manifest))
    for part in parts:
        (half / part.folder).mkdir(mode=0o700, exist_ok=True)
        files_fetch(part.root, part.manifest, half / part.folder, step.check)
    half.rename(kept)


def _room_make(folder: Path, size: int) -> None:
    """Remove what was used longest ago until the rest and `size` bytes fit."""
    found = sorted(
        (path for path in folder.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime
    )
    sizes = {path: sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) for path in found}
    room = settings.JOBS_DATA_CACHE_BYTES - size - sum(sizes.values())
    for path in found:
        if room >= 0 or path.suffix:
            continue
        shutil.rmtree(path, ignore_errors=True)
        room += sizes[path]


def _changed(parts: tuple[Part, ...], measured: list[dict[str, Any]]) -> list[str]:
    before = {
        _path(part, entry): (entry["size"], entry["sha256"]) for part in parts for entry in part.manifest
    }
    after = {entry["path"]: (entry["size"], entry["sha256"]) for entry in measured}
    new = {path for path in after.keys() - before.keys() if not _is_cached(path)}
    return sorted(new | {path for path in before if before[path] != after.get(path)})


def _path(part: Part, entry: Mapping[str, Any]) -> str:
    return f"{part.folder}/{entry['path']}" if part.folder else str(entry["path"])


def _is_cached(path: str) -> bool:
    """Python writes what it compiled beside the code of a model; nothing of the input is changed by that."""
    return PurePosixPath(path).parent.name == "__pycache__" and path.endswith(".pyc")


def _dataset_input(each: Input) -> DatasetInput:
    version = each.version
    assert isinstance(version, DatasetVersion)  # noqa: S101 - the caller chose it so
    address = f"{settings.PORTAL_URL}/api/v1/datasets/{version.workspace.name}/{version.asset.name}/versions"
    columns = [
        {"name": column["name"], "type": _mlflow_type(column["type"]), "required": not column["nullable"]}
        for column in version.schema or []
    ]
    dataset = {
        "name": version.asset.name, "digest": version.logged_digest, "source_type": "http",
        "source": json.dumps({"url": f"{address}/{version.number}"}),
        "schema": json.dumps({"mlflow_colspec": columns}) if columns else None,
        "profile": json.dumps({"num_rows": version.row_count}) if version.row_count is not None else None,
    }  # fmt: skip
    return DatasetInput(dataset, [{"key": CONTEXT_TAG, "value": each.context}])


def _mlflow_type(kind: str) -> str:
    return next((name for start, name in _MLFLOW_TYPES if kind.lower().startswith(start)), "string")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One user of a kept copy at a time on this machine; a killed one lets go."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
