"""How the code of two trainings differs, as people read it. Archives of others are read here, never executed."""

import difflib
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from experiments.artifacts.store import artifact_store
from portal.kernel.errors import NotFound
from training.models import CodeSnapshot

TREE_BYTES, TREE_FILES = 20 * 1024**2, 2000
TEXT_BYTES, FILES_SHOWN, LINES_SHOWN = 128 * 1024, 50, 400
_KINDS = {"+": "add", "-": "remove", "@": "place"}


@dataclass(frozen=True)
class Difference:
    """A file that is not the same in both: `what` happened to it, and `(kind, line)` of a unified difference."""

    path: str
    what: str
    lines: list[tuple[str, str]]


@dataclass(frozen=True)
class Differences:
    """The files that differ. `problem` says why they cannot be shown."""

    files: list[Difference]
    more: int = 0
    problem: str = ""


def code_differences(before: CodeSnapshot, after: CodeSnapshot) -> Differences:
    """Files that came, went or changed, with their lines where they are text of usual size."""
    if before.digest == after.digest:
        return Differences([])
    for each in (before, after):
        if each.size_bytes > TREE_BYTES or each.file_count > TREE_FILES:
            return Differences(
                [], problem="The code is too large to be compared here. Download both archives."
            )
    try:
        old, new = _texts(before), _texts(after)
    except (NotFound, tarfile.TarError, OSError, EOFError):
        return Differences([], problem="The files of the code are not in the artifact store any more.")
    paths = sorted(path for path in old | new if old.get(path) != new.get(path))
    shown = [_difference(path, old.get(path), new.get(path)) for path in paths[:FILES_SHOWN]]
    return Differences(shown, more=max(0, len(paths) - FILES_SHOWN))


def diff_lines(diff: str) -> list[tuple[str, str]]:
    """`(kind, line)` of a difference that somebody else made."""
    return [(_KINDS.get(line[:1], "same"), line) for line in diff.splitlines()[: LINES_SHOWN * 5]]


def _difference(path: str, old: bytes | None, new: bytes | None) -> Difference:
    what = "added" if old is None else "removed" if new is None else "changed"
    if any(text is not None and (len(text) > TEXT_BYTES or b"\0" in text) for text in (old, new)):
        return Difference(path, what, [])
    then, now = ((text or b"").decode(errors="replace").splitlines() for text in (old, new))
    found = list(difflib.unified_diff(then, now, lineterm="", n=3))[2:]
    lines = [(_KINDS.get(line[:1], "same"), line) for line in found[:LINES_SHOWN]]
    if len(found) > LINES_SHOWN:
        lines.append(("place", f"… and {len(found) - LINES_SHOWN} lines more"))
    return Difference(path, what, lines)


def _texts(snapshot: CodeSnapshot) -> dict[str, bytes]:
    with tempfile.SpooledTemporaryFile(max_size=4 * 1024**2) as packed:
        for chunk in artifact_store().open(snapshot.path).chunks:
            packed.write(chunk)
        packed.seek(0)
        return dict(_members(packed))


def _members(packed: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=packed, mode="r:gz") as archive:
        for entry in archive:
            file = archive.extractfile(entry) if entry.isfile() else None
            if file is not None:
                yield entry.name, file.read()
