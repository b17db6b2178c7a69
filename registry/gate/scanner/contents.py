"""What a file is, by its bytes and never by its name."""

import codecs
import json
import struct
from pathlib import Path
from typing import BinaryIO

HEAD_BYTES = 4096
_TEXT_READ = 1024 * 1024
# Bytes that end a text: what no editor writes. Form feed and tab are fine.
_NO_TEXT = frozenset(range(0x20)) - {0x09, 0x0A, 0x0C, 0x0D, 0x1B}
EXECUTABLES: tuple[tuple[bytes, str], ...] = (
    (b"\x7fELF", "ELF program or library"),
    (b"MZ", "Windows program or library"),
    (b"\xcf\xfa\xed\xfe", "Mach-O program or library"),
    (b"\xca\xfe\xba\xbe", "Java class or Mach-O library"),
    (b"\x00asm", "WebAssembly module"),
    (b"\xa7\x0d\x0d\x0a", "Python bytecode"),
    (b"\xcb\x0d\x0d\x0a", "Python bytecode"),
    (b"\xf3\x0d\x0d\x0a", "Python bytecode"),
)
# Formats that no loader executes: pictures and tables. (start, end, kind)
_INERT: tuple[tuple[bytes, bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", b"", "picture"),
    (b"\xff\xd8\xff", b"", "picture"),
    (b"GIF8", b"", "picture"),
    (b"PAR1", b"PAR1", "parquet table"),
    (b"ARROW1\x00\x00", b"ARROW1", "arrow table"),
    (b"CBM1", b"", "CatBoost model"),
)
# Formats that may carry code which nothing here can look into. (start, kind, why)
_CLOSED: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89HDF\r\n\x1a\n", "HDF5 file", "HDF5 files of Keras can hold Lambda layers with bytecode"),
    (b"7z\xbc\xaf\x27\x1c", "7z archive", "7z archives are not opened here"),
    (b"Rar!\x1a\x07", "rar archive", "rar archives are not opened here"),
    (b"\x28\xb5\x2f\xfd", "zstd data", "zstd is not decompressed here"),
    (b"\x04\x22\x4d\x18", "lz4 data", "lz4 is not decompressed here"),
)


def executable_kind(head: bytes) -> str:
    """What kind of program the file is, or nothing."""
    if head[:2] == b"MZ" and b"PE\x00\x00" not in head:
        return ""
    return next((kind for magic, kind in EXECUTABLES if head.startswith(magic)), "")


def closed_kind(head: bytes) -> tuple[str, str]:
    """`(kind, why it cannot be looked into)`, or two empty texts."""
    return next(((kind, why) for magic, kind, why in _CLOSED if head.startswith(magic)), ("", ""))


def inert_kind(path: Path, name: str, head: bytes, size: int) -> str:
    """The name of a format that holds values only, checked as far as its structure tells; nothing when it is none."""
    with path.open("rb") as file:
        file.seek(max(0, size - 16))
        tail = file.read()
        for start, end, kind in _INERT:
            if head.startswith(start) and tail.endswith(end):
                return kind
        if head.startswith(b"\x93NUMPY"):
            return ""  # may hold objects: looked at as an array
        if _is_safetensors(file, head, size):
            return "safetensors"
        if name.endswith(".onnx") and _is_onnx(file, size):
            return "ONNX model"
        if head.startswith(b"{L") and b"learner" in head and name.endswith((".ubj", ".xgb", ".json")):
            return "XGBoost model"
    return ""


def is_text(path: Path) -> bool:
    """Whether all of the file is UTF-8 without control characters."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_TEXT_READ):
                if not _NO_TEXT.isdisjoint(chunk):
                    return False
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _is_safetensors(file: BinaryIO, head: bytes, size: int) -> bool:
    """Eight bytes of length, a JSON header of that length, and tensors that fill exactly the rest."""
    if len(head) < 10 or head[8:9] != b"{":
        return False
    (length,) = struct.unpack("<Q", head[:8])
    if length > min(size - 8, 100 * 1024 * 1024):
        return False
    file.seek(8)
    try:
        header = json.loads(file.read(length))
        ends = [entry["data_offsets"][1] for key, entry in header.items() if key != "__metadata__"]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return False
    return bool(max(ends, default=0) == size - 8 - length)


def _is_onnx(file: BinaryIO, size: int) -> bool:
    """Whether the file is a sequence of the fields that a ModelProto has, to its last byte."""
    known, position = {1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26}, 0
    fields = set()
    while position < size:
        file.seek(position)
        data = file.read(24)
        key, used = _varint(data, 0)
        number, wire = key >> 3, key & 7
        if number not in known or wire not in (0, 2) or not used:
            return False
        value, used_value = _varint(data, used)
        if not used_value:
            return False
        position += used + used_value + (value if wire == 2 else 0)
        fields.add(number)
    return position == size and {1, 7} <= fields  # ir_version and graph


def _varint(data: bytes, start: int) -> tuple[int, int]:
    """`(value, bytes used)`; no bytes used when there is none."""
    value = 0
    for count, byte in enumerate(data[start : start + 10]):
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value, count + 1
    return 0, 0
