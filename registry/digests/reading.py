"""The files of a version as they are now, beside what was measured when it became READY."""

from experiments.artifacts.locations import store_path
from experiments.artifacts.manifests import manifest_read
from experiments.artifacts.store import artifact_store
from jobs.step import JobStep
from registry.models import ModelVersion


def files_changed(step: JobStep, version: ModelVersion) -> list[str]:
    """The paths that were added, removed or changed; empty when every byte is what it was.

    A job that is about to use a version (deploy, serve) calls this first, and ends with `version_verified`.
    """
    root, store = store_path(version.artifact_location), artifact_store()
    found = {entry["path"]: entry for entry in manifest_read(step, store, root, list(store.list_files(root)))}
    measured = {entry["path"]: entry for entry in version.manifest or []}
    return sorted(path for path in found | measured if found.get(path) != measured.get(path))
