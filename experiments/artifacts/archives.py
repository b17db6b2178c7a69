"""Reads archives of strangers entry by entry: what they say is checked before anything is written or held in memory."""

import gzip
import os
import shutil
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Container
from pathlib import Path, PurePosixPath
from typing import IO, Any

from portal.kernel.errors import InvalidInput, TooLarge

FILES_AT_MOST, BYTES_AT_MOST = 20_000, 512 * 1024 * 1024
BROKEN = (
    tarfile.TarError, zipfile.BadZipFile, EOFError, gzip.BadGzipFile, zlib.error, UnicodeError, ValueError,
    RecursionError, NotImplementedError, FileExistsError, NotADirectoryError, IsADirectoryError,
)  # fmt: skip
LEFT_OUT = {".git", "__pycache__", ".venv", ".ipynb_checkpoints"}
_READ_AT_ONCE = 1024 * 1024
_NAME_BYTES, _DEPTH = 1000, 60
_DIRECTORY_BYTES = 8 * 1024 * 1024


class Count:
    """How much there is so far, of what may be there."""

    def __init__(self, what: str = "Code", *, files: int | None = None, size: int | None = None) -> None:
        self.what, self.most_files, self.most_bytes = what, files or FILES_AT_MOST, size or BYTES_AT_MOST
        self.size = self.files = 0

    def add(self, size: int) -> None:
        """One more file. Raises TooLarge."""
        self.size, self.files = self.size + size, self.files + 1
        if self.files > self.most_files or self.size > self.most_bytes:
            raise TooLarge(
                f"{self.what} has at most {self.most_files} files and {self.most_bytes // 1024**2} MiB."
            )


def tar_entries(
    packed: Path, root: Path, *, links_left_out: bool, count: Count | None = None,
    left_out: Container[str] = frozenset(LEFT_OUT),
) -> None:  # fmt: skip
    """Unpack a tar archive, compressed by gzip or not."""
    count = count or Count()
    with packed.open("rb") as raw:
        is_zipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        file: Any = _Bounded(gzip.GzipFile(fileobj=raw) if is_zipped else raw)
        with tarfile.open(fileobj=file, mode="r:") as archive:
            while (entry := archive.next()) is not None:
                archive.members = []  # type: ignore[attr-defined]  # it would keep them all
                count.add(entry.size)
                if entry.issym() and links_left_out:
                    continue
                if not (entry.isreg() or entry.isdir()) or entry.sparse is not None:
                    raise InvalidInput(
                        f"The archive holds {entry.name[:200]!r}, which is no plain file or folder.",
                        code="bad_archive",
                    )
                target = _inside(root, entry.name)
                if any(part in left_out for part in target.relative_to(root).parts):
                    continue
                if entry.isdir():
                    target.mkdir(parents=True, exist_ok=True)
                elif (source := archive.extractfile(entry)) is not None:
                    _write(source, target, is_program=bool(entry.mode & 0o100))


def zip_entries(
    packed: Path, root: Path, *, count: Count | None = None, left_out: Container[str] = frozenset(LEFT_OUT)
) -> None:
    """Unpack a zip archive."""
    count = count or Count()
    _directory_check(packed, count)
    with zipfile.ZipFile(packed) as archive:
        for entry in archive.infolist():
            count.add(entry.file_size)
            mode = entry.external_attr >> 16
            if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR) or entry.flag_bits & 1:
                raise InvalidInput(
                    f"The archive holds {entry.filename[:200]!r}, which is no plain file or folder.",
                    code="bad_archive",
                )
            target = _inside(root, entry.filename)
            if any(part in left_out for part in target.relative_to(root).parts):
                continue
            if entry.is_dir():
                target.mkdir(parents=True, exist_ok=True)
            else:
                with archive.open(entry) as source:
                    _write(source, target, is_program=bool(mode & 0o100))


class _Bounded:
    """A file that refuses large reads: tarfile reads the headers of names and attributes whole, however long."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _READ_AT_ONCE:
            raise tarfile.ReadError("a header is too long")
        data: bytes = self._file.read(size)
        return data

    def seek(self, *place: int) -> int:
        return int(self._file.seek(*place))

    def tell(self) -> int:
        return int(self._file.tell())


def _inside(root: Path, name: str) -> Path:
    """Where an entry belongs. Raises InvalidInput for a name that leads out or cannot be one."""
    path = PurePosixPath(name)
    is_odd = "\\" in name or not name.isprintable() or len(os.fsencode(name)) > _NAME_BYTES
    too_long = any(len(os.fsencode(part)) > 255 for part in path.parts) or len(path.parts) > _DEPTH
    if path.is_absolute() or ".." in path.parts or is_odd or too_long:
        raise InvalidInput(
            f"The archive holds {name[:200]!r}, which is no place inside it.", code="bad_archive"
        )
    return root.joinpath(*path.parts)


def _write(source: IO[bytes], target: Path, *, is_program: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        shutil.copyfileobj(source, file, 64 * 1024)
    target.chmod(0o755 if is_program else 0o644)


def _directory_check(packed: Path, count: Count) -> None:
    """The list of a zip's entries is read into memory as a whole: refuse a long one before that."""
    with packed.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 66_000))
        end = file.read()
    place = end.rfind(b"PK\x05\x06")
    if place < 0 or len(end) - place < 22:
        raise zipfile.BadZipFile("it has no end")
    (length,) = struct.unpack_from("<L", end, place + 12)
    if length > _DIRECTORY_BYTES or b"PK\x06\x07" in end[max(0, place - 64) : place]:
        raise TooLarge(
            f"{count.what} has at most {count.most_files} files, and a zip a shorter list of them."
        )
