"""A look at the files of a version before a client downloads them by its name: every byte of every file counts.

Files that nothing happened to since they were hashed are not read again. Once a change was found, every use is
refused until its finding is closed.
"""

from typing import Any

from compliance.models import Finding
from experiments.artifacts.checked import digest_now
from experiments.artifacts.locations import store_path
from experiments.artifacts.store import artifact_store
from portal.accounts.actor import Actor
from portal.kernel.errors import Conflict, NotFound
from registry.models import ModelVersion
from registry.services.verifications import VERIFY, changed_key, version_refuse


def use_check(actor: Actor, version: ModelVersion) -> None:
    """Raise Conflict (`files_changed`) when the files are not what was measured; a change is recorded first."""
    if not version.manifest:
        return
    known = Finding.objects.filter(
        workspace_id=version.workspace_id, key=changed_key(version.pk.hex), is_open=True
    ).exists()
    changed = [] if known else _changed(version)
    if changed:
        raise change_refuse(version, changed, request_id=actor.request_id)
    if known:
        raise _refusal(version)


def change_refuse(version: ModelVersion, changed: list[str], *, request_id: str = "") -> Conflict:
    """Record that files of a version were changed; what to refuse its use with."""
    portal = Actor.system("registry.use_check", actions=[VERIFY], request_id=request_id)
    version_refuse(actor=portal, model=version.model, version=version, changed=changed)
    return _refusal(version)


def _refusal(version: ModelVersion) -> Conflict:
    return Conflict(
        f"Files of {version} are not what was measured when it became READY, so it may not be used. "
        "See the finding about it; whoever owns it resolves it, or register the files as a new version.",
        code="files_changed",
    )


def _changed(version: ModelVersion) -> list[str]:
    root, store = store_path(version.artifact_location), artifact_store()
    measured: dict[str, dict[str, Any]] = {entry["path"]: entry for entry in version.manifest or []}
    sizes = {file.path.removeprefix(f"{root}/"): file.size or 0 for file in store.list_files(root)}
    differing = {path for path in sizes | measured if sizes.get(path) != measured.get(path, {}).get("size")}
    if not differing:
        differing = {path for path in sizes if _digest(f"{root}/{path}") != measured[path]["sha256"]}
    return sorted(differing)


def _digest(path: str) -> str:
    try:
        return digest_now(path)
    except NotFound:
        return ""
