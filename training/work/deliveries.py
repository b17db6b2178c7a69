"""The archives of a claim in the artifact store: code and inputs on their way to a cluster, the result back."""

import hashlib
import json
import shutil
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings

from experiments.artifacts.archives import BROKEN, Count, tar_entries
from experiments.artifacts.store import OpenFile, artifact_store
from jobs.errors import Permanent
from jobs.process.command import EXITED, MEMORY, PROCESSES, SIGNAL, TIME
from portal import access
from portal.accounts.actor import Actor
from portal.kernel.errors import InvalidInput, NotFound, TooLarge
from portal.kernel.json_schema import JsonSchema
from portal.operations import writer
from training.models import TrainingClaim

REPORT = "training.claim.report"
PARTS = ("code", "inputs", "outputs")
FILES_AT_MOST = 100_000
SAID, SAID_BYTES = "result.json", 1024 * 1024
_READ_BYTES = 256 * 1024
_TEXT, _COUNT = {"type": "string", "maxLength": 500}, {"type": ["integer", "null"]}
_EXIT = {
    "code": _COUNT, "signal": _COUNT, "cause": {"enum": [EXITED, SIGNAL, TIME, MEMORY, PROCESSES]},
    "tail": {**_TEXT, "maxLength": 100_000}, "seconds": {"type": "number"}, "peak_memory_bytes": _COUNT,
}  # fmt: skip
_FACT = {"anyOf": [_TEXT, {"type": ["number", "null"]}, {"type": "array", "maxItems": 64, "items": _TEXT}]}
_RESULT = JsonSchema({
    "type": "object", "required": ["exit", "machine", "changed_inputs"],
    "properties": {
        "exit": {"type": "object", "properties": _EXIT, "required": list(_EXIT), "additionalProperties": False},
        "machine": {"type": "object", "maxProperties": 20, "additionalProperties": _FACT},
        "changed_inputs": {"type": "array", "maxItems": 5, "items": {**_TEXT, "maxLength": 2000}},
    },
})  # fmt: skip


def work_keep(path: str, folder: Path) -> str:
    """Store the parts of an attempt's folder as one archive; its SHA-256."""
    packed = folder / "work.tar"
    with tarfile.open(packed, "w") as archive:
        for part in PARTS:
            archive.add(folder / part, part, filter=_plain)
    digest = hashlib.sha256()
    artifact_store().put(path, _chunks(packed, digest), size=packed.stat().st_size)
    packed.unlink()
    return digest.hexdigest()


def work_open(claim: TrainingClaim) -> OpenFile:
    """The archive of code and inputs. Raises NotFound."""
    return artifact_store().open(f"{claim.folder}/work.tar")


@writer(REPORT)
def result_put(*, actor: Actor, claim: TrainingClaim, chunks: Iterable[bytes], size: int) -> None:
    """Take in the archive of outputs and of how the command ended; a later one takes its place."""
    access.require(actor, REPORT, claim.training)
    artifact_store().put(f"{claim.folder}/result.tar", chunks, size=size)


def result_is_there(claim: TrainingClaim) -> bool:
    """Whether a whole result has come."""
    try:
        artifact_store().stat(f"{claim.folder}/result.tar")
    except NotFound:
        return False
    return True


def result_take(claim: TrainingClaim, folder: Path) -> dict[str, Any] | None:
    """What came back: `outputs/` of the folder is filled, and how it ended is the answer; None when nothing came.

    The archive was made where the code of the training ran, so nothing in it is believed: it is unpacked beside, entry
    by entry, plain files and folders only, within limits. Raises Permanent.
    """
    packed, beside = folder / "result.tar", folder / "result"
    try:
        found = artifact_store().open(f"{claim.folder}/result.tar")
    except NotFound:
        return None
    with packed.open("wb") as file:
        for chunk in found.chunks:
            file.write(chunk)
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    count = Count("A result", files=FILES_AT_MOST, size=settings.EXECUTORS_RESULT_BYTES)
    try:
        tar_entries(packed, beside, links_left_out=True, count=count, left_out=())
        result = _said(beside / SAID)
    except (*BROKEN, OSError, InvalidInput, TooLarge) as error:
        raise Permanent(f"What came back from the cluster cannot be read: {error}") from error
    packed.unlink()
    _outputs_take(beside / "outputs", folder / "outputs")
    return result


def deliveries_remove(claim: TrainingClaim) -> None:
    """The archives are of no use any more."""
    with suppress(NotFound):
        artifact_store().delete(claim.folder)


def _said(path: Path) -> dict[str, Any]:
    if path.stat().st_size > SAID_BYTES:
        raise TooLarge(f"{SAID} has more than {SAID_BYTES} bytes.")
    result: dict[str, Any] = json.loads(path.read_bytes())
    problem = _RESULT.worst(result)
    if problem is not None:
        raise InvalidInput(f"{SAID}: {problem.message[:300]}.")
    return result


def _outputs_take(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    if source.is_dir():
        source.rename(target)
    else:
        target.mkdir()


def _chunks(path: Path, digest: Any) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_READ_BYTES):
            digest.update(chunk)
            yield chunk


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Files, folders and links among them, owned by nobody in particular."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry if entry.isfile() or entry.isdir() or entry.issym() else None
