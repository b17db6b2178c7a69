"""Brings the code of a training to the worker."""

import shutil
from pathlib import Path

from django.conf import settings

from experiments.artifacts.store import artifact_store
from jobs.errors import Permanent
from portal.kernel.clock import now
from portal.kernel.errors import NotFound
from training.models import CodeSnapshot, TrainingJob
from training.models.code import BUNDLED
from training.work.trees import tree_of, tree_pack, tree_unpack


def code_place(training: TrainingJob, folder: Path) -> CodeSnapshot:
    """Put the code of a training into an empty folder; the snapshot that was placed.

    A snapshot that an earlier attempt, or the one that this is a clone of, has taken is the one that is used.
    """
    if training.code is not None:
        return _unpacked(training.code, folder)
    code = training.spec["code"]
    if "bundled" in code:
        return _bundled(training, code["bundled"], folder)
    raise Permanent("The code of this training cannot be fetched.")


def code_path(workspace_id: int, digest: str) -> str:
    """Where the archive of a tree lies in the artifact store."""
    return f"training/{workspace_id}/code/{digest}.tar.gz"


def snapshot_keep(workspace_id: int, root: Path, *, source: str, **known: str) -> CodeSnapshot:
    """Keep the files below a folder; the same tree from the same place is kept once."""
    tree = tree_of(root)
    path = code_path(workspace_id, tree.digest)
    same = CodeSnapshot.objects.filter(
        workspace=workspace_id, digest=tree.digest, source=source, **known
    ).first()
    if same is not None:
        return same
    artifact_store().put(path, iter([tree_pack(root)]))
    return CodeSnapshot.objects.create(
        workspace_id=workspace_id, source=source, digest=tree.digest, path=path, size_bytes=tree.size_bytes,
        file_count=tree.file_count, created_at=now(), **known,
    )  # fmt: skip


def _unpacked(snapshot: CodeSnapshot, folder: Path) -> CodeSnapshot:
    packed = folder.parent / "code.tar.gz"
    try:
        with packed.open("wb") as file:
            for chunk in artifact_store().open(snapshot.path).chunks:
                file.write(chunk)
    except NotFound as error:
        raise Permanent(f"The files of {snapshot} are not in the artifact store any more.") from error
    tree_unpack(packed, folder)
    packed.unlink()
    if tree_of(folder).digest != snapshot.digest:
        raise Permanent(f"The files of {snapshot} are not those that were kept: their digest differs.")
    return snapshot


def _bundled(training: TrainingJob, name: str, folder: Path) -> CodeSnapshot:
    source = Path(settings.BASE_DIR) / "examples" / "projects" / name
    if not source.is_dir():
        raise Permanent(f"The portal brings along no example called {name}.")
    shutil.copytree(source, folder, dirs_exist_ok=True)
    return snapshot_keep(training.workspace_id, folder, source=BUNDLED)
