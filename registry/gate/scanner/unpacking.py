"""Opens what is compressed or packed, into files named by number, never by what the archive says, within limits."""

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

_READ = 256 * 1024
_RATIO_FREE_BYTES = 16 * 1024 * 1024


class Refused(Exception):
    """An archive is a bomb, or leads out of where it is opened; `code` says which."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass
class Budget:
    """How much may come out of all archives of a version together."""

    work: Path
    unpacked_bytes: int = 4 * 1024**3
    members: int = 50_000
    ratio: int = 250
    depth: int = 6
    _made: int = field(default=0, repr=False)

    def file(self) -> Path:
        self._made += 1
        return self.work / f"{self._made:08d}"

    def spend(self, count: int) -> None:
        self.unpacked_bytes -= count
        if self.unpacked_bytes < 0:
            raise Refused("decompression_bomb", "more comes out than may be unpacked for one version")

    def member(self) -> None:
        self.members -= 1
        if self.members < 0:
            raise Refused("decompression_bomb", "there are more members than may be unpacked for one version")


@dataclass(frozen=True)
class Inner:
    """One thing that was inside: where it is now and how it was called."""

    path: Path
    name: str


def compression_of(head: bytes) -> str:
    """The name of the compression that a file seems to have; it may yet turn out not to be one."""
    for magic, name in (
        (b"\x1f\x8b", "gzip"),
        (b"BZh", "bz2"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"\x5d\x00\x00", "lzma"),
    ):
        if head.startswith(magic):
            return name
    is_zlib = len(head) > 2 and head[0] & 0x8F == 0x08 and (head[0] << 8 | head[1]) % 31 == 0
    return "zlib" if is_zlib else ""


def decompress(path: Path, kind: str, budget: Budget) -> Inner:
    """The bytes behind a compression. Raises OSError, EOFError, ValueError or zlib.error for what is none."""
    target = budget.file()
    size = path.stat().st_size
    with target.open("xb") as out:
        for chunk in _READERS[kind](path):
            _write(out, chunk, size, budget)
    return Inner(target, kind)


def is_archive(path: Path) -> str:
    """`zip` or `tar`, wherever in the file its directory stands."""
    if zipfile.is_zipfile(path):
        return "zip"
    try:
        with tarfile.open(path, "r:"):
            return "tar"
    except (tarfile.TarError, OSError, ValueError):
        return ""


def zip_members(path: Path, budget: Budget) -> Iterator[Inner]:
    """Each file of a zip, unpacked. Raises Refused, or BadZipFile for one that is broken or locked."""
    with zipfile.ZipFile(path) as archive:
        names = set()
        for info in archive.infolist():
            budget.member()
            _name_check(info.filename)
            if stat.S_ISLNK(info.external_attr >> 16):
                raise Refused("unsafe_member", f"'{info.filename[:200]}' is a symbolic link")
            if info.filename in names:
                raise Refused("unsafe_member", f"'{info.filename[:200]}' is in it twice")
            names.add(info.filename)
            if info.is_dir():
                continue
            if info.flag_bits & 0x1:
                raise zipfile.BadZipFile("it is encrypted")
            with archive.open(info) as source:
                yield _copied(source, info.filename, max(info.compress_size, 1), budget)


def tar_members(path: Path, budget: Budget) -> Iterator[Inner]:
    """Each file of a tar, unpacked. Raises Refused for links, devices and names that lead elsewhere."""
    with tarfile.open(path, "r:") as archive:
        for info in archive:
            budget.member()
            _name_check(info.name)
            if info.isdir():
                continue
            if not info.isreg():
                raise Refused("unsafe_member", f"'{info.name[:200]}' is a link or a device")
            source = archive.extractfile(info)
            if source is not None:
                yield _copied(source, info.name, max(info.size, 1), budget)


def _copied(source: IO[bytes], name: str, packed: int, budget: Budget) -> Inner:
    target = budget.file()
    with target.open("xb") as out:
        while chunk := source.read(_READ):
            _write(out, chunk, packed, budget)
    return Inner(target, name)


def _write(out: IO[bytes], chunk: bytes, packed: int, budget: Budget) -> None:
    budget.spend(len(chunk))
    out.write(chunk)
    written = out.tell()
    if written > _RATIO_FREE_BYTES and written > packed * budget.ratio:
        raise Refused("decompression_bomb", f"it unpacks to more than {budget.ratio} times its size")


def _name_check(name: str) -> None:
    names = PurePosixPath(name.replace("\\", "/")).parts
    if ".." in names or name.startswith(("/", "\\")) or (names and ":" in names[0]) or "\x00" in name:
        raise Refused("unsafe_member", f"'{name[:200]}' leads out of the archive")


def _opened(opener: Callable[..., Any]) -> Callable[[Path], Iterator[bytes]]:
    def read(path: Path) -> Iterator[bytes]:
        with opener(path, "rb") as source:
            while chunk := source.read(_READ):
                yield chunk

    return read


def _zlib_read(path: Path) -> Iterator[bytes]:
    reader = zlib.decompressobj()
    with path.open("rb") as file:
        pending = file.read(_READ)
        while pending and not reader.eof:
            yield reader.decompress(pending, _READ)
            pending = reader.unconsumed_tail or file.read(_READ)
        yield reader.flush(_READ)
        if not reader.eof or reader.unused_data or file.read(1):
            raise ValueError("the compressed data is cut short, or something follows it")


_READERS: dict[str, Callable[[Path], Iterator[bytes]]] = {
    "gzip": _opened(gzip.open), "bz2": _opened(bz2.open), "xz": _opened(lzma.open), "lzma": _opened(lzma.open),
    "zlib": _zlib_read,
}  # fmt: skip
