"""Files that would run a command when they are loaded, or harm who opens them; made here, never loaded."""

import bz2
import gzip
import io
import lzma
import os
import pickle
import tarfile
import zipfile
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import cloudpickle  # type: ignore[import-untyped]
import joblib  # type: ignore[import-untyped]
import numpy as np


class Command:
    """Its pickle is a call of os.system."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __reduce__(self) -> Any:
        return os.system, (self.text,)


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return target.getvalue()


def tarred(name: str, content: bytes = b"", *, link: str = "") -> bytes:
    target, info = io.BytesIO(), tarfile.TarInfo(name)
    info.size = len(content)
    if link:
        info.type, info.linkname = tarfile.SYMTYPE, link
    with tarfile.open(fileobj=target, mode="w") as archive:
        archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


def joblibbed(value: Any) -> bytes:
    target = io.BytesIO()
    joblib.dump(value, target)
    return target.getvalue()


def hidden_in_array(payload: bytes) -> bytes:
    """joblib steps over the payload as the bytes of an array; pickle runs it."""
    state = {"subclass": None, "shape": (len(payload),), "order": "C", "dtype": None, "allow_mmap": False}
    dtype = b"cnumpy\ndtype\n(Vu1\nI0\nI1\ntR"
    body = b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}("
    for key, value in state.items():
        body += pickle.dumps(key, 2)[2:-1].split(b"q\x00")[0]
        body += dtype if key == "dtype" else _plain(value)
    return b"\x80\x02" + body + b"ub" + payload + b"."


def _plain(value: Any) -> bytes:
    if value is None:
        return b"N"
    if value is False:
        return b"\x89"
    if isinstance(value, tuple):
        return b"K" + bytes([value[0]]) + b"\x85"
    return pickle.dumps(value, 2)[2:-1].split(b"q\x00")[0]


def symlink_in_zip() -> bytes:
    info = zipfile.ZipInfo("weights")
    info.external_attr = 0o120777 << 16
    return zipped((info, b"/etc/passwd"))


def hostile_files(marker: Path) -> dict[str, tuple[bytes, str]]:
    """`name -> (content, code of a finding)`; those that run would make `marker`."""
    command = Command(f"touch {marker}")
    payload = pickle.dumps(command)
    text = pickle.dumps(command, 0)
    packed: bytes = payload
    for _ in range(10):
        packed = gzip.compress(packed)
    unsafe = {
        "model.pkl": payload, "weights.bin": payload, "no_suffix": payload, "notes.txt": text, "README": text,
        "old.pkl": pickle.dumps(command, 2), "model.pkl.gz": gzip.compress(payload),
        "gz_no_suffix": gzip.compress(payload),
        "a.bz2": bz2.compress(payload), "a.xz": lzma.compress(payload), "a.z": zlib.compress(payload),
        "a.lzma": lzma.compress(payload, lzma.FORMAT_ALONE), "twice.gz": gzip.compress(bz2.compress(payload)),
        "arrays.npz": zipped(("a.npy", payload)), "inner.zip": zipped(("b.zip", zipped(("c", payload)))),
        "model.pt": zipped(("m/data.pkl", payload), ("m/version", b"3"), ("m/data/0", bytes(64))),
        "storage.pt": zipped(("m/data.pkl", pickle.dumps({})), ("m/version", b"3"), ("m/data/0", payload)),
        "data.tar": tarred("x", payload), "data.tar.gz": gzip.compress(tarred("x", payload)),
        "objects.npy": _npy(command), "arrays.joblib": joblibbed({"a": np.arange(9), "b": command}),
        "objects.joblib": joblibbed(np.array([command], dtype=object)),
        "hidden.joblib": hidden_in_array((b"0" + text)[:-1].ljust(200, b"0")),
        "second.pkl": pickle.dumps({"a": 1}) + payload, "tail.pkl": pickle.dumps(1) + zipped(("x", payload)),
        "broken.pkl": payload[:-1] + b"\xff\xff", "function.pkl": cloudpickle.dumps(lambda row: row),
        "partial.pkl": pickle.dumps(partial(print, "x")), "extension.pkl": b"\x80\x02\x82\x01)R.",
    }  # fmt: skip
    others: dict[str, tuple[bytes, str]] = {
        "unlisted.pkl": (b"\x80\x02csomebody.code\nrun\n)R.", "unlisted_global"),
        "dotted.pkl": (b"\x80\x04\x8c\x0csklearn.base\x8c\x0ewarnings.sys.x\x93.", "unlisted_global"),
        "bomb.gz": (gzip.compress(bytes(60_000_000)), "decompression_bomb"),
        "bomb.zip": (zipped(("zeros", bytes(60_000_000))), "decompression_bomb"),
        "deep.gz": (packed, "too_deep"),
        "slip.tar": (tarred("../../etc/cron.d/x", b"x"), "unsafe_member"),
        "slip.zip": (zipped(("../../etc/x", b"x")), "unsafe_member"),
        "link.tar": (tarred("weights", link="/etc/passwd"), "unsafe_member"),
        "link.zip": (symlink_in_zip(), "unsafe_member"),
        "library.so": (b"\x7fELF" + bytes(100), "executable"),
        "objects.yaml": (b"!!python/object/apply:os.system ['id']", "yaml_objects"),
        "keras.json": (b'{"class_name": "Lambda", "config": {}}', "embedded_code"),
        "model.h5": (b"\x89HDF\r\n\x1a\n" + bytes(100), "no_scanner"),
        "noise": (bytes(range(128, 256)) * 4, "not_understood"),
    }
    return {name: (content, "unsafe_global") for name, content in unsafe.items()} | others


def _npy(value: Any) -> bytes:
    target = io.BytesIO()
    np.save(target, np.array([value], dtype=object), allow_pickle=True)
    return target.getvalue()
