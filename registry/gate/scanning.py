"""Scans the files of a version in a child process, and says what came of it."""

from pathlib import Path
from typing import Any

from django.conf import settings

from compliance.evidence_kinds import FAIL, PASS
from jobs.errors import Transient
from jobs.step import JobStep
from registry.gate.child import ChildStopped, Limits, run_child
from registry.gate.files import FileChanged, downloaded, manifest_of
from registry.gate.recording import Observation
from registry.models import ModelVersion

PROGRAM = "registry.gate.scanner.main:main"
KIND = "artifact_scan"
LIMITS = Limits()
_TRIES = 2
_NAMES_SHOWN = 3


def version_scanned(step: JobStep, version: ModelVersion) -> Observation:
    """Only what was read to its end and found clean by every scanner passes.

    A scan that ends without an answer is tried again once; then it counts as not scanned, since a file may be
    made so that it breaks the scanner.
    """
    try:
        with downloaded(step, version) as folder:
            report = _report(step, version, folder)
    except FileChanged as error:
        return _unreadable("file_changed", "critical", error.path, str(error))
    except ChildStopped as error:
        if step.attempt < _TRIES:
            raise Transient(f"The scan of {version} ended without an answer: {error}.") from error
        return _unreadable("scanner_stopped", "high", "", f"The scanner ended without an answer: {error}")
    return _observation(report)


def _report(step: JobStep, version: ModelVersion, folder: Path) -> dict[str, Any]:
    work = folder.parent / "work"
    work.mkdir(mode=0o700)
    request = {
        "folder": str(folder), "work": str(work), "files": [entry["path"] for entry in manifest_of(version)],
        "allowed": list(settings.SCAN_ALLOWED_GLOBALS),
    }  # fmt: skip
    report: dict[str, Any] = run_child(step, PROGRAM, request, LIMITS, folder.parent)
    return report


def _observation(report: dict[str, Any]) -> Observation:
    counts, tools = report["counts"], report["tools"]
    good = counts["clean"] + counts["harmless"]
    if report["passed"]:
        said = f"{good} files and parts of files were looked at and are clean."
        if report["code_files"]:
            said += f" {len(report['code_files'])} of them are source code that the model can bring along."
    else:
        places = list(dict.fromkeys(found["where"] for found in report["findings"]))
        shown = ", ".join(places[:_NAMES_SHOWN]) + (" and more" if len(places) > _NAMES_SHOWN else "")
        said = f"{counts['unsafe']} unsafe, {counts['not_scanned']} not scanned: {shown}."
    source = ", ".join(f"{name} {version}" for name, version in sorted(tools.items()))
    outcome, worst = (PASS, "") if report["passed"] else (FAIL, report["findings"][0]["severity"])
    return Observation(KIND, outcome, said, report, f"{source}, rules {report['rules']}", severity=worst)


def _unreadable(code: str, severity: str, where: str, said: str) -> Observation:
    found = {"where": where, "code": code, "severity": severity, "detail": said[:500], "tool": "portal"}
    body = {"passed": False, "findings": [found], "findings_total": 1, "items": [], "code_files": []}
    return Observation(KIND, FAIL, f"Not scanned: {said}.", body, "registry.scan_version", severity=severity)
