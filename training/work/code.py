"""Brings the code of a training to the worker."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from experiments.artifacts.archives import LEFT_OUT
from experiments.artifacts.store import artifact_store
from jobs.errors import Permanent
from jobs.secrets import secret_values
from jobs.step import JobStep
from portal.kernel.clock import now
from portal.kernel.errors import NotFound
from training.models import CodeSnapshot, TrainingJob
from training.models.code import BUNDLED, GIT
from training.work.git import git_fetch
from training.work.trees import Tree, tree_of, tree_pack, tree_unpack

EXAMPLES = Path(settings.BASE_DIR) / "examples" / "projects"
PROGRAMS = (
    Path(settings.BASE_DIR) / "training" / "programs"
)  # the portal's own, such as the one that evaluates
READ_BYTES = 256 * 1024


def code_place(step: JobStep, training: TrainingJob, folder: Path) -> CodeSnapshot:
    """Put the code of a training into an empty folder; the snapshot that was placed.

    A snapshot that an earlier attempt, or the one that this is a clone of, has taken is the one that is used.
    """
    if training.code is not None:
        return _unpacked(training.code, folder)
    code = training.spec["code"]
    if "git" in code:
        return _cloned(step, training, code, folder)
    return _bundled(training, code["bundled"], folder)


def code_path(workspace_id: int, digest: str) -> str:
    """Where the archive of a tree lies in the artifact store."""
    return f"training/{workspace_id}/code/{digest}.tar.gz"


def code_store(workspace_id: int, root: Path, beside: Path) -> tuple[Tree, str]:
    """Keep the files below a folder in the artifact store; what they are and where. `beside` is for what it needs."""
    tree = tree_of(root)
    path = code_path(workspace_id, tree.digest)
    if not _is_stored(path):
        packed = beside / "packed.tar.gz"
        with packed.open("w+b") as file:
            tree_pack(root, file)
            file.seek(0)
            artifact_store().put(path, _chunks(file))
        packed.unlink()
    return tree, path


def snapshot_keep(workspace_id: int, root: Path, *, source: str, **known: str) -> CodeSnapshot:
    """Keep the files below a folder; the same tree from the same place is kept once."""
    tree, path = code_store(workspace_id, root, root.parent)
    same = CodeSnapshot.objects.filter(
        workspace=workspace_id, digest=tree.digest, source=source, **known
    ).first()
    if same is not None:
        return same
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


def _cloned(step: JobStep, training: TrainingJob, code: dict[str, Any], folder: Path) -> CodeSnapshot:
    url, ref, named = code["git"], code.get("ref", ""), code.get("secret", "")
    secret = secret_values(training.workspace_id, [named])[named] if named else ""
    found = git_fetch(step, folder.parent, folder, url=url, ref=ref, secret=secret)
    return snapshot_keep(
        training.workspace_id, folder, source=GIT, git_url=url, git_ref=ref, git_commit=found.commit
    )


def _bundled(training: TrainingJob, name: str, folder: Path) -> CodeSnapshot:
    source = next((place / name for place in (EXAMPLES, PROGRAMS) if (place / name).is_dir()), None)
    if source is None:
        known = ", ".join(sorted(each.name for each in EXAMPLES.iterdir() if each.is_dir()))
        raise Permanent(f"The portal brings along no example called {name}; it has {known}.")
    shutil.copytree(source, folder, dirs_exist_ok=True, ignore=lambda _, names: LEFT_OUT.intersection(names))
    return snapshot_keep(training.workspace_id, folder, source=BUNDLED)


def _is_stored(path: str) -> bool:
    try:
        artifact_store().stat(path)
    except NotFound:
        return False
    return True


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(READ_BYTES):
        yield chunk
