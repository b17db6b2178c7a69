"""Jobs that read the files of versions. Handlers are imported by every process, so they import nothing heavy."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from experiments.artifacts.locations import store_path
from experiments.artifacts.manifests import manifest_read
from experiments.artifacts.store import ArtifactStore, Entry, artifact_store
from jobs.errors import NothingToDo
from jobs.registry import SYSTEM_QUEUE, job
from jobs.step import JobStep
from portal.kernel.errors import NotFound, Unavailable
from registry.digests.reading import files_changed
from registry.models import ModelVersion
from registry.models.registered_model import PENDING, READY
from registry.services.verifications import VERIFY, VERIFY_JOB, version_verified
from registry.services.versions import DIGEST_JOB, version_digest_set, version_fail

MAX_ATTEMPTS = 6


@job(
    DIGEST_JOB,
    queue=SYSTEM_QUEUE,
    restartable=True,
    actions=["registry.version.digest"],
    max_attempts=MAX_ATTEMPTS,
    retry_after=timedelta(seconds=3),
    time_limit=timedelta(days=1),
)
def digest_version(step: JobStep, *, version_id: str) -> None:
    """Take the digest of a new version's files, which makes it READY.

    Where the logged model, or the version that this is a copy of, has its manifest already, only sizes are looked at.
    A store that does not answer to the last ends the registration: nobody shall wait for a version without end.
    """
    version = _wanted(version_id)
    try:
        manifest, why = _manifest(step, version)
    except Unavailable as error:
        if step.attempt < MAX_ATTEMPTS:
            raise
        manifest, why = [], error.detail
    if why:
        step.finish(partial(version_fail, actor=step.actor, version=version, why=why))
    else:
        step.finish(partial(version_digest_set, actor=step.actor, version=version, manifest=manifest))


def _wanted(version_id: str) -> ModelVersion:
    versions = ModelVersion.objects.select_related("logged_model", "copied_from")
    version = versions.filter(pk=version_id, deleted_at=None).first()
    if version is None or version.status != PENDING:
        raise NothingToDo(f"The version {version_id} is not pending, so there is nothing to digest.")
    return version


def _manifest(step: JobStep, version: ModelVersion) -> tuple[list[dict[str, Any]], str]:
    """The manifest, and why it cannot be taken, which is empty if it can."""
    root, store = store_path(version.artifact_location), artifact_store()
    files = list(store.list_files(root))
    known = _known(version)
    if not files and _is_file(store, root):
        return [], "The source is a file. A version is made from the folder of a model."
    if known is None:
        return manifest_read(step, store, root, files), ""
    if _sizes(known) != _listed(root, files):
        return (
            [],
            "The files are not those that were measured before: some were added, removed or changed. Log them anew.",
        )
    return known, ""


def _is_file(store: ArtifactStore, path: str) -> bool:
    try:
        store.stat(path)
    except NotFound:
        return False
    return True


def _known(version: ModelVersion) -> list[dict[str, Any]] | None:
    """The manifest of the same folder, if somebody has read it before."""
    for earlier in (version.copied_from, version.logged_model):
        if earlier is not None and earlier.digest and earlier.artifact_location == version.artifact_location:
            return list(earlier.manifest or [])
    return None


def _sizes(manifest: list[dict[str, Any]]) -> Mapping[str, int]:
    return {entry["path"]: entry["size"] for entry in manifest}


def _listed(root: str, files: list[Entry]) -> Mapping[str, int]:
    return {file.path.removeprefix(f"{root}/"): file.size or 0 for file in files}


@job(
    VERIFY_JOB,
    actions=[VERIFY],
    max_attempts=MAX_ATTEMPTS,
    time_limit=timedelta(days=1),
    queue=SYSTEM_QUEUE,
    restartable=True,
)
def verify_version(step: JobStep, *, version_id: str) -> None:
    """Hash the files of a version again. What differs refuses every use of it, see `version_verified`."""
    versions = ModelVersion.objects.select_related("model").filter(
        pk=version_id, deleted_at=None, status=READY
    )
    version = versions.first()
    if version is None:
        raise NothingToDo(f"The version {version_id} is not there any more, so there is nothing to verify.")
    changed = files_changed(step, version)
    step.finish(
        partial(version_verified, actor=step.actor, model=version.model, version=version, changed=changed)
    )
