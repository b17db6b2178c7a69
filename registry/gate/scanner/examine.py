"""Looks at each file of a version by its content, and into whatever is packed in it."""

import json
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from registry.gate.scanner import contents, unpacking
from registry.gate.scanner.pickles import PickleFacts, opcodes_of, pickle_facts, starts_as_pickle
from registry.gate.scanner.report import CLEAN, CRITICAL, HARMLESS, HIGH, MEDIUM, NOT_SCANNED, UNSAFE, Report
from registry.gate.scanner.rules import Rules, is_importable
from registry.gate.scanner.tools import Scanners, is_known_unsafe
from registry.gate.scanner.unpacking import Budget, Inner, Refused

_BROKEN = (
    OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile, tarfile.TarError, RuntimeError,
    NotImplementedError,
)  # fmt: skip
_TEXT_CHECKED_BYTES = 32 * 1024 * 1024
_YAML_TAG = re.compile(rb"!!python/|tag:yaml\.org,2002:python/")
_KERAS_CODE = re.compile(rb'"class_name"\s*:\s*"(Lambda|__lambda__|function)"')
_TENSOR = re.compile(r"(?:.*/)?data/\d+")


@dataclass
class Examiner:
    """One scan. `report` fills as `look` is called for each file."""

    report: Report
    rules: Rules
    scanners: Scanners
    budget: Budget

    def look(self, path: Path, where: str, depth: int = 0, *, is_tensor: bool = False) -> None:
        """Give one file its verdict, and what is inside of it theirs.

        Every reading counts: a file may be a pickle to one loader and a zip to another.
        """
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(contents.HEAD_BYTES)
        if not head:
            self.report.seen(where, "empty file", HARMLESS)
            return
        if program := contents.executable_kind(head):
            self.report.seen(where, program, UNSAFE)
            self.report.found(where, "executable", CRITICAL, f"It is a {program}.")
            return
        is_pickle = self._looked_as_pickle(path, where, head, size)
        is_packed = self._looked_inside(path, where, head, depth)
        if not is_pickle and not is_packed:
            self._looked_as_values(path, where, head, size, is_tensor=is_tensor)

    def _looked_as_pickle(self, path: Path, where: str, head: bytes, size: int, start: int = 0) -> bool:
        with path.open("rb") as file:
            facts = pickle_facts(file, size, start)
            is_declared = start > 0 or starts_as_pickle(head)
            if not (is_declared or self._acts(facts)):
                return False
            if is_declared and not facts.streams and not facts.globals:
                return False
            opcodes = opcodes_of(file, facts, size, start)
        self._pickle_judge(where, facts, opcodes)
        return True

    def _acts(self, facts: PickleFacts) -> bool:
        """Whether bytes that do not say that they are a pickle would still do something as one."""
        named = [each for each in facts.globals if is_importable(*each)]
        return bool(named) and (facts.calls > 0 or any(is_known_unsafe(*each) for each in named))

    def _pickle_judge(self, where: str, facts: PickleFacts, opcodes: list[bytes]) -> None:
        findings_before = len(self.report.findings)
        self._globals_judge(where, facts.globals)
        for each in opcodes:
            self.scanners.ask(where, each, self.report)
        if len(self.report.findings) > findings_before:
            is_unsafe = any(
                found.code != "scanner_failed" for found in self.report.findings[findings_before:]
            )
            self.report.seen(where, "pickle", UNSAFE if is_unsafe else NOT_SCANNED)
        elif facts.is_whole:
            self.report.seen(where, "pickle", CLEAN)
        else:
            self.report.not_scanned(where, "pickle", f"It cannot be followed to its end: {facts.error}.")

    def _globals_judge(self, where: str, named: set[tuple[str, str]]) -> None:
        for module, name in sorted(named):
            if is_known_unsafe(module, name) or module == "unknown":
                self.report.found(where, "unsafe_global", CRITICAL, f"It names {module}.{name}.")
            elif not self.rules.allow(module, name):
                said = f"It names {module}.{name}, which nobody has looked at."
                self.report.found(where, "unlisted_global", MEDIUM, said)

    def _looked_inside(self, path: Path, where: str, head: bytes, depth: int) -> bool:
        """Whether it was packed; then everything inside has its own verdict."""
        compression = unpacking.compression_of(head)
        archive = unpacking.is_archive(path)
        if not compression and not archive:
            return False
        if depth >= self.budget.depth:
            self.report.not_scanned(where, compression or archive, "It is packed too many times.", "too_deep")
            return True
        if archive:
            self._members_look(path, where, archive, depth)
        is_compressed = bool(compression) and self._decompressed_look(path, where, compression, depth)
        return is_compressed or bool(archive)

    def _decompressed_look(self, path: Path, where: str, kind: str, depth: int) -> bool:
        try:
            inner = unpacking.decompress(path, kind, self.budget)
        except Refused as no:
            self.report.not_scanned(where, kind, f"It is not unpacked: {no}.", no.code)
            return True
        except _BROKEN as error:
            if kind in ("zlib", "lzma"):
                return False  # two letters can look like the header: what it is else decides
            self.report.not_scanned(where, kind, f"It cannot be decompressed: {str(error)[:200]}.")
            return True
        self.report.seen(where, f"{kind} data", CLEAN)
        self._inner_look(inner, where, depth)
        return True

    def _members_look(self, path: Path, where: str, kind: str, depth: int) -> None:
        members: Callable[..., Iterator[Inner]] = (
            unpacking.zip_members if kind == "zip" else unpacking.tar_members
        )
        before = len(self.report.findings)
        has_tensors = kind == "zip" and _is_torch(path)
        try:
            for inner in members(path, self.budget):
                self._inner_look(
                    inner, where, depth, is_tensor=has_tensors and bool(_TENSOR.fullmatch(inner.name))
                )
        except Refused as no:
            self.report.not_scanned(where, f"{kind} archive", f"It is not unpacked: {no}.", no.code)
        except _BROKEN as error:
            self.report.not_scanned(where, f"{kind} archive", f"It cannot be unpacked: {str(error)[:200]}.")
        else:
            verdict = CLEAN if len(self.report.findings) == before else UNSAFE
            self.report.seen(where, f"{kind} archive", verdict)

    def _inner_look(self, inner: Inner, where: str, depth: int, *, is_tensor: bool = False) -> None:
        try:
            self.look(inner.path, f"{where}!{inner.name}", depth + 1, is_tensor=is_tensor)
        finally:
            inner.path.unlink()

    def _looked_as_values(self, path: Path, where: str, head: bytes, size: int, *, is_tensor: bool) -> None:
        name = where.rsplit("!", 1)[-1].lower()
        closed, why = contents.closed_kind(head)
        if closed:
            self.report.not_scanned(where, closed, f"{why}.", "no_scanner")
        elif head.startswith(b"\x93NUMPY"):
            self._array_look(path, where, size)
        elif inert := contents.inert_kind(path, name, head, size):
            self.report.seen(where, inert, HARMLESS)
        elif contents.is_text(path):
            self._text_look(path, where, name, size)
        elif is_tensor and not starts_as_pickle(head):
            self.report.seen(where, "tensor data", HARMLESS)
        else:
            self.report.not_scanned(
                where, "unknown", "Nobody can say what it is, so it may be serialised code."
            )

    def _array_look(self, path: Path, where: str, size: int) -> None:
        with path.open("rb") as file:
            try:
                version = np.lib.format.read_magic(file)
                reader: Any = getattr(
                    np.lib.format, f"read_array_header_{'1_0' if version == (1, 0) else '2_0'}"
                )
                shape, _, dtype = reader(file)
                start = file.tell()
            except (ValueError, OSError, EOFError) as error:
                self.report.not_scanned(where, "array", f"Its header cannot be read: {str(error)[:200]}.")
                return
        if dtype.hasobject:
            if not self._looked_as_pickle(path, where, b"", size, start):
                self.report.not_scanned(where, "array of objects", "Its objects cannot be read.")
        elif size - start == int(np.prod(shape, dtype=object)) * dtype.itemsize:
            self.report.seen(where, "array", HARMLESS)
        else:
            self.report.not_scanned(where, "array", "It has more or fewer bytes than its header says.")

    def _text_look(self, path: Path, where: str, name: str, size: int) -> None:
        with path.open("rb") as file:
            text = file.read(_TEXT_CHECKED_BYTES)
        before = len(self.report.findings)
        if _YAML_TAG.search(text):
            self.report.found(where, "yaml_objects", HIGH, "It is YAML that makes Python objects.")
        if _KERAS_CODE.search(text):
            self.report.found(where, "embedded_code", HIGH, "It describes a layer that carries Python code.")
        if name.endswith("schema.json") and "!" in where:
            self._skops_look(where, text)
        if name.endswith((".py", ".sh", ".r", ".js", ".bat", ".ps1", ".ipynb")):
            self.report.code_files.append(where)
        kind = "source code" if where in self.report.code_files else "text"
        self.report.seen(where, kind, HARMLESS if len(self.report.findings) == before else UNSAFE)

    def _skops_look(self, where: str, text: bytes) -> None:
        """skops names its types in a schema; they are judged as those of a pickle are."""
        try:
            schema = json.loads(text)
        except (ValueError, RecursionError):
            return
        if not (isinstance(schema, dict) and "__loader__" in schema):
            return
        named = set(_skops_names(schema))
        self._globals_judge(where, named)


def _skops_names(node: Any) -> Iterator[tuple[str, str]]:
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            module, name = each.get("__module__"), each.get("__class__")
            if isinstance(module, str) and isinstance(name, str):
                yield module, name
            function = each.get("content")
            if isinstance(function, dict) and isinstance(function.get("function"), str):
                yield str(function.get("module_path")), function["function"]
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def _is_torch(path: Path) -> bool:
    """Whether a zip is one of torch's, whose `data/0` and so on are the bytes of tensors."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except _BROKEN:
        return False
    return any(name.endswith("/data.pkl") for name in names) and any(
        name.endswith("/version") for name in names
    )
