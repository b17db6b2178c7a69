"""What the portal itself writes to the run of a training: parameters, the lock, the specification, the outputs."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from experiments.batch import Batch, Metrics, Pairs
from experiments.models import Run
from experiments.selectors.artifacts import run_place
from experiments.services.artifacts import artifact_put
from experiments.services.batches import batch_log
from portal.accounts.actor import Actor
from training.models import TrainingJob

READ_BYTES = 1024 * 1024


def params_log(requester: Actor, run: Run, given: Mapping[str, str]) -> None:
    """The parameters of the training, as a client would log them; doing it again changes nothing."""
    if given:
        params = Pairs(list(given), list(given.values()))
        batch_log(actor=requester, run_id=run.pk.hex, batch=Batch(run.pk.hex, Metrics(), params, Pairs()))


def artifacts_keep(requester: Actor, training: TrainingJob, run: Run) -> None:
    """The specification, the lock, the machine and the difference from the commit, below `portal/` of the run."""
    files = {"specification.json": json.dumps(training.spec, indent=1, sort_keys=True)}
    if training.environment is not None:
        files["requirements.lock"] = training.environment.lock
    if training.code is not None and training.code.diff:
        files["code.diff"] = training.code.diff
    if "machine" in training.seen:
        files["machine.json"] = json.dumps(training.seen["machine"], indent=1, sort_keys=True)
    for name, text in files.items():
        artifact_put(actor=requester, place=run_place(run, f"portal/{name}"), chunks=iter([text.encode()]))


def kept_anyway(requester: Actor, run: Run, folder: Path) -> None:
    """What the portal's own programs leave of an execution, also of one that failed, such as the executed notebook."""
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if path.is_file() and not path.is_symlink():
            place = run_place(run, f"executed/{path.name}")
            artifact_put(
                actor=requester, place=place, chunks=_chunks(path, hashlib.sha256()), size=path.stat().st_size
            )


def outputs_keep(requester: Actor, training: TrainingJob, run: Run, folder: Path) -> dict[str, Any]:
    """Store what the code left in its output folders; of each the digest, the number of files and their size."""
    folders = [name for name, each in training.spec["outputs"].items() if each.get("type") != "dataset"]
    return {name: _kept(requester, run, folder / name, name) for name in folders}


def _kept(requester: Actor, run: Run, folder: Path, name: str) -> dict[str, Any]:
    whole, size, count = hashlib.sha256(), 0, 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        inside = path.relative_to(folder).as_posix()
        digest = hashlib.sha256()
        place = run_place(run, f"outputs/{name}/{inside}")
        artifact_put(actor=requester, place=place, chunks=_chunks(path, digest), size=path.stat().st_size)
        whole.update(f"{digest.hexdigest()} {inside}\n".encode("utf-8", "surrogateescape"))
        size, count = size + path.stat().st_size, count + 1
    return {"path": f"outputs/{name}", "digest": whole.hexdigest(), "files": count, "size_bytes": size}


def _chunks(path: Path, digest: Any) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(READ_BYTES):
            digest.update(chunk)
            yield chunk
