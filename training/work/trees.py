"""Trees of files: one digest per tree, packing that is the same for the same files, and unpacking that stays inside."""

import gzip
import hashlib
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from experiments.artifacts.archives import BROKEN, BYTES_AT_MOST, LEFT_OUT, Count, tar_entries, zip_entries
from portal.kernel.errors import InvalidInput

__all__ = ["BYTES_AT_MOST", "Tree", "tree_files", "tree_of", "tree_pack", "tree_unpack"]


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
        if LEFT_OUT.isdisjoint(inside.parts) and path.is_file() and not path.is_symlink():
            yield path


def tree_of(root: Path) -> Tree:
    """SHA-256 over the lines `mode sha256 path` of the files. Raises TooLarge."""
    whole, count = hashlib.sha256(), Count()
    for path in tree_files(root):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        facts = path.stat()
        mode = "x" if facts.st_mode & 0o100 else "-"
        whole.update(
            f"{mode} {digest} {path.relative_to(root).as_posix()}\n".encode("utf-8", "surrogateescape")
        )
        count.add(facts.st_size)
    return Tree(whole.hexdigest(), count.size, count.files)


def tree_pack(root: Path, packed: IO[bytes]) -> None:
    """Write a `.tar.gz` that is the same for the same files, whoever packs them."""
    with (
        gzip.GzipFile(filename="", fileobj=packed, mode="wb", compresslevel=6, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as archive,
    ):
        for path in tree_files(root):
            entry = tarfile.TarInfo(path.relative_to(root).as_posix())
            entry.size = path.stat().st_size
            entry.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            with path.open("rb") as file:
                archive.addfile(entry, file)


def tree_unpack(packed: Path, root: Path, *, links_left_out: bool = False) -> None:
    """Unpack a tar or zip archive below a folder: plain files and folders only, nothing outside, nothing without bound.

    Raises InvalidInput for what is no such archive or holds anything else, TooLarge for too much.
    """
    try:
        if zipfile.is_zipfile(packed):
            zip_entries(packed, root)
        else:
            tar_entries(packed, root, links_left_out=links_left_out)
    except BROKEN as error:
        raise InvalidInput(
            f"The code is no tar or zip archive that can be unpacked here: {str(error)[:300]}.",
            code="bad_archive",
        ) from error
