"""The container of W&B's transaction logs: LevelDB's log format with W&B's own file header. The records are protobuf.

Blocks of 32 KiB hold pieces of `crc32, length, type, bytes`; a record that crosses a block has a first, middle and last
piece. A file whose end is torn, as a killed process leaves it, is read up to there.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

BLOCK, HEADER = 32 * 1024, 7
_MAGIC = struct.pack("<4sHB", b":W&B", 0xBEE1, 0)
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4


class NotALog(ValueError):
    """The file is no transaction log, or of another version."""


def records(path: Path) -> Iterator[bytes]:
    """The records of a log, in order. Raises NotALog."""
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise NotALog(f"{path} is no transaction log of W&B's, or of a version that is not known.")
        parts: list[bytes] = []
        for kind, piece in _pieces(file):
            if kind in (_FULL, _FIRST):
                parts = []
            parts.append(piece)
            if kind in (_FULL, _LAST):
                yield b"".join(parts)
                parts = []


def _pieces(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    while True:
        left = BLOCK - file.tell() % BLOCK
        if left < HEADER:
            file.seek(left, 1)
        head = file.read(HEADER)
        if len(head) < HEADER:
            return
        crc, length, kind = struct.unpack("<IHB", head)
        piece = file.read(length)
        if kind == 0 or len(piece) < length or zlib.crc32(piece, zlib.crc32(bytes([kind]))) != crc:
            return
        yield kind, piece
