"""A zip file written as it is sent: uncompressed, without dates, each member whole before its header.

Uncompressed, so that a damaged byte spoils one entry and not all that follow it.
"""

import struct
import zlib
from collections.abc import Iterator

_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_END_64, _LOCATOR_64 = b"PK\x06\x06", b"PK\x06\x07"
_VERSION, _UTF8, _DATE = 45, 0x800, 0x21  # the first of January 1980, the oldest that the format knows
_MAX_32, _MAX_16 = 0xFFFFFFFF, 0xFFFF


class StoredZip:
    """`member` and at last `end` yield the bytes to send. A member has less than 4 GiB, the file may have more."""

    def __init__(self) -> None:
        self._offset = 0
        self._directory: list[bytes] = []

    def member(self, name: str, content: bytes) -> Iterator[bytes]:
        path, size, checksum = name.encode(), len(content), zlib.crc32(content)
        facts = struct.pack("<HHHHHIII", _VERSION, _UTF8, 0, 0, _DATE, checksum, size, size)
        header = _LOCAL + facts + struct.pack("<HH", len(path), 0) + path
        self._directory.append(self._entry(facts, path))
        self._offset += len(header) + size
        yield header
        yield content

    def _entry(self, facts: bytes, path: bytes) -> bytes:
        is_far = self._offset >= _MAX_32
        extra = struct.pack("<HHQ", 1, 8, self._offset) if is_far else b""
        place = struct.pack(
            "<HHHHHII", len(path), len(extra), 0, 0, 0, 0, _MAX_32 if is_far else self._offset
        )
        return _CENTRAL + struct.pack("<H", _VERSION) + facts + place + path + extra

    def end(self) -> Iterator[bytes]:
        directory, count = b"".join(self._directory), len(self._directory)
        start, size = self._offset, len(directory)
        yield directory
        if start >= _MAX_32 or size >= _MAX_32 or count >= _MAX_16:
            yield _END_64 + struct.pack("<QHHIIQQQQ", 44, _VERSION, _VERSION, 0, 0, count, count, size, start)
            yield _LOCATOR_64 + struct.pack("<IQI", 0, start + size, 1)
        yield _END + struct.pack(
            "<HHHHIIH",
            0,
            0,
            min(count, _MAX_16),
            min(count, _MAX_16),
            min(size, _MAX_32),
            min(start, _MAX_32),
            0,
        )
