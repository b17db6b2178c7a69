"""Runs the bundled programs that read data: without secrets, without a token, and with packages of their own."""

import json
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.data.keeping import files_fetch
from experiments.models import DatasetVersion
from jobs.process.command import Command, Limits
from jobs.process.run import run_command
from jobs.step import JobStep
from registry.gate.recording import plain
from training.work.environment import environment_ready

PROGRAMS = Path(__file__).resolve().parents[1] / "programs"
DATA = "data"
LIMITS = Limits(seconds=3600, memory_bytes=8 * 1024**3)
REPORT_BYTES = 16 * 1024 * 1024


def data_fetch(step: JobStep, version: DatasetVersion, folder: Path) -> Path:
    """The files of a version in a folder. Raises FileDiffers."""
    files_fetch(version.path, version.manifest, folder, step.check)
    return folder


def report_path(folder: Path) -> Path:
    """Where a program leaves what it found."""
    return folder / "outputs" / "report.json"


def program_run(
    step: JobStep, folder: Path, program: str, words: Sequence[str], *, group: str = DATA
) -> dict[str, Any]:
    """What a program of a group reports; a `problem` where it ended without a report."""
    programs = PROGRAMS / group
    lock = (programs / "requirements.lock").read_text()
    built = environment_ready(step, folder, lock, platform.python_version())
    report = report_path(folder)
    # What Python compiles stays with the packages: to compile pandas takes longer than most tables take to read.
    env = {
        "PATH": f"{built.python.parent}:/usr/bin:/bin", "HOME": str(folder / "home"), "LANG": "C.UTF-8",
        "PYTHONNOUSERSITE": "1",
    }  # fmt: skip
    command = Command(
        argv=(str(built.python), str(programs / program), *words, str(report)),
        cwd=folder,
        env=env,
        limits=LIMITS,
    )
    found = run_command(step, command, label=program)
    try:
        if report.stat().st_size > REPORT_BYTES:
            return {"problem": "the report is too large"}
        measured: dict[str, Any] = plain(json.loads(report.read_bytes()))
    except (OSError, ValueError):
        how = found.code if found.signal is None else f"signal {found.signal}"
        return {"problem": f"the program ended with {found.cause} {how}: {found.tail[-500:]}"}
    return measured
