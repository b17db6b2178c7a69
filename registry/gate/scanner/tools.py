"""The two scanners that others maintain, asked about one pickle each time."""

import io
import logging
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import picklescan.scanner  # type: ignore[import-untyped]
from modelscan.modelscan import ModelScan  # type: ignore[import-untyped]
from modelscan.settings import DEFAULT_SETTINGS  # type: ignore[import-untyped]

from registry.gate.scanner.report import CRITICAL, HIGH, Report

MODELSCAN, PICKLESCAN = "modelscan", "picklescan"
_PICKLES_ONLY = "modelscan.scanners.PickleUnsafeOpScan"


def tool_versions() -> dict[str, str]:
    return {name: version(name) for name in (MODELSCAN, PICKLESCAN)}


@dataclass
class Scanners:
    """Both, loaded once. `work` is where a pickle is put under a name that modelscan looks at."""

    work: Path

    def __post_init__(self) -> None:
        for name in (MODELSCAN, PICKLESCAN):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        chosen: dict[str, Any] = DEFAULT_SETTINGS["scanners"]
        only = {_PICKLES_ONLY: chosen[_PICKLES_ONLY]}
        self._modelscan = ModelScan({**DEFAULT_SETTINGS, "scanners": only})

    def ask(self, where: str, opcodes: bytes, report: Report) -> None:
        """Let both read it; what they found, or could not read, goes into the report."""
        self._ask_modelscan(where, opcodes, report)
        self._ask_picklescan(where, opcodes, report)

    def _ask_modelscan(self, where: str, opcodes: bytes, report: Report) -> None:
        path = self.work / "pickle.pkl"
        path.write_bytes(opcodes)
        try:
            answer = self._modelscan.scan(path)
        finally:
            path.unlink()
        for issue in answer["issues"]:
            said = f"It names {issue.get('module')}.{issue.get('operator')}."
            report.found(where, "unsafe_global", str(issue["severity"]).lower(), said, MODELSCAN)
        if answer["summary"]["scanned"]["total_scanned"] != 1 or answer["errors"]:
            report.found(where, "scanner_failed", HIGH, "The scanner could not read all of it.", MODELSCAN)

    def _ask_picklescan(self, where: str, opcodes: bytes, report: Report) -> None:
        answer = picklescan.scanner.scan_pickle_bytes(io.BytesIO(opcodes), where)
        for each in answer.globals:
            if each.safety == picklescan.scanner.SafetyLevel.Dangerous:
                said = f"It names {each.module}.{each.name}."
                report.found(where, "unsafe_global", CRITICAL, said, PICKLESCAN)
        if answer.scan_err:
            report.found(where, "scanner_failed", HIGH, "The scanner could not read all of it.", PICKLESCAN)


def is_known_unsafe(module: str, name: str) -> bool:
    """Whether either of the scanners lists the name, or all of the module or of what is above it."""
    parents = [module[:end] for end, letter in enumerate(module + ".") if letter == "."]
    lists = [picklescan.scanner._unsafe_globals, *DEFAULT_SETTINGS["unsafe_globals"].values()]
    for listed in lists:
        if any(listed.get(parent) == "*" for parent in parents):
            return True
        names = listed.get(module)
        if names is not None and (name == names or (not isinstance(names, str) and name in names)):
            return True
    return False
