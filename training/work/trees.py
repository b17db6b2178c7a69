"""Trees of files as archives: one digest per tree, and unpacking that stays inside."""

import gzip
import hashlib
import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.kernel.errors import InvalidInput, TooLarge

FILES_AT_MOST, BYTES_AT_MOST = 20_000, 512 * 1024 * 1024
_LEFT_OUT = {".git", "__pycache__", ".venv", ".ipynb_checkpoints"}


@dataclass(frozen=True)
class Tree:
    """What is known of a tree: its digest, size and number of files."""

    digest: str
    size_bytes: int
    file_count: int


def tree_files(root: Path) -> Iterator[Path]:
    """The plain files below a folder by path, without what is never code. Links are left out."""
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if not _LEFT_OUT.intersection(inside.parts) and path.is_file() and not path.is_symlink():
            yield path


def tree_of(root: Path) -> Tree:
    """SHA-256 over the lines `mode sha256 path` of the files. Raises TooLarge."""
    whole, size, count = hashlib.sha256(), 0, 0
    for path in tree_files(root):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        facts = path.stat()
        mode = "x" if facts.st_mode & 0o100 else "-"
        whole.update(
            f"{mode} {digest} {path.relative_to(root).as_posix()}\n".encode("utf-8", "surrogateescape")
        )
        size, count = size + facts.st_size, count + 1
        _size_check(size, count)
    return Tree(whole.hexdigest(), size, count)


def tree_pack(root: Path) -> bytes:
    """A `.tar.gz` that is the same for the same files, whoever packs them."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as archive,
    ):
        for path in tree_files(root):
            entry = tarfile.TarInfo(path.relative_to(root).as_posix())
            entry.size = path.stat().st_size
            entry.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            with path.open("rb") as file:
                archive.addfile(entry, file)
    return packed.getvalue()


def tree_unpack(packed: Path, root: Path) -> None:
    """Unpack a tar archive below a folder: plain files and folders only, nothing outside, nothing without bound.

    Raises InvalidInput for what is no such archive, TooLarge for too much.
    """
    size = count = 0
    try:
        with tarfile.open(packed) as archive:
            for entry in archive:
                size, count = size + entry.size, count + 1
                _size_check(size, count)
                if not (entry.isfile() or entry.isdir()):
                    raise InvalidInput(
                        f"The archive holds {entry.name[:200]}, which is no plain file or folder."
                    )
                archive.extract(entry, root, filter="data")
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, UnicodeError, ValueError) as error:
        raise InvalidInput(f"The code is no tar archive that can be unpacked here: {error}.") from error


def _size_check(size: int, count: int) -> None:
    if count > FILES_AT_MOST or size > BYTES_AT_MOST:
        raise TooLarge(f"Code has at most {FILES_AT_MOST} files and {BYTES_AT_MOST // 1024**2} MiB.")
