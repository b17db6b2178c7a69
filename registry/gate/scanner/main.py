"""The program: reads a request from standard input, looks at the files, writes the report to standard output."""

import json
import sys
from pathlib import Path
from typing import Any

from registry.gate.scanner.examine import Examiner
from registry.gate.scanner.report import Report
from registry.gate.scanner.rules import Rules
from registry.gate.scanner.sandbox import confine
from registry.gate.scanner.tools import Scanners, tool_versions
from registry.gate.scanner.unpacking import Budget


def scanned(request: dict[str, Any]) -> dict[str, Any]:
    """The report about the files of `request["folder"]`, with `request["work"]` as the place to unpack."""
    work, rules, report = Path(request["work"]), Rules(request.get("allowed", ())), Report()
    folder = Path(request["folder"])
    examiner = Examiner(report, rules, Scanners(work), Budget(work, **request.get("budget", {})))
    for name in request["files"]:
        path = folder / name
        if path.is_symlink() or not path.is_file():
            report.not_scanned(name, "unknown", "It is no plain file.", "unsafe_member")
            continue
        try:
            examiner.look(path, name)
        except (MemoryError, RecursionError):
            report.not_scanned(name, "unknown", "It takes more memory than a scan may have.", "too_large")
    return {**report.as_json(), "tools": tool_versions(), "rules": rules.version}


def main() -> None:
    """Scan what the request names, confined; `network` says whether the network was out of reach."""
    request = json.load(sys.stdin)
    has_none = confine(request["limits"])
    json.dump({**scanned(request), "network": "none" if has_none else "not confined"}, sys.stdout)
