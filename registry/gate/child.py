"""Runs one of our programs in a process of its own: no environment of the portal, limits, and an end in time."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jobs.step import JobStep

_ROOT = Path(__file__).resolve().parent.parent.parent
_POLL_SECONDS = 0.1
_ERRORS_SHOWN = 600


@dataclass(frozen=True)
class Limits:
    """What a child may use; `wall_seconds` is watched from outside."""

    memory_bytes: int = 4 * 1024**3
    cpu_seconds: int = 1800
    file_bytes: int = 4 * 1024**3
    wall_seconds: float = 3600.0


class ChildStopped(Exception):
    """The child ended without an answer: killed, out of its limits, or broken; the text says how."""


def run_child(step: JobStep, program: str, request: Mapping[str, Any], limits: Limits, folder: Path) -> Any:
    """The JSON that `program` (`package.module:function`) answers to a request. Raises ChildStopped.

    What the job raises at `step.check` (lease lost, cancelled) kills the child with all that it started.
    """
    module, function = program.split(":")
    code = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from {module} import {function} as main; main()"
    with tempfile.TemporaryFile(dir=folder) as out, tempfile.TemporaryFile(dir=folder) as errors:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-I", "-B", "-c", code], stdin=subprocess.PIPE, stdout=out, stderr=errors,
            cwd=folder, env=_environment(folder), start_new_session=True, close_fds=True,
        )  # fmt: skip
        try:
            _feed(process, {**request, "limits": asdict(limits)})
            _wait(step, process, limits.wall_seconds)
        finally:
            _end(process)
        if process.returncode != 0:
            raise ChildStopped(_why(process.returncode, _tail(errors)))
        out.seek(0)
        return json.load(out)


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the portal: no addresses, no secrets, one thread for each library of numbers."""
    return {
        "PATH": os.defpath, "HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
    }  # fmt: skip


def _feed(process: subprocess.Popen[bytes], request: Mapping[str, Any]) -> None:
    if process.stdin is not None:
        try:
            process.stdin.write(json.dumps(request).encode())
            process.stdin.close()
        except BrokenPipeError:
            return  # it ended already, which its exit code tells


def _wait(step: JobStep, process: subprocess.Popen[bytes], wall_seconds: float) -> None:
    deadline = time.monotonic() + wall_seconds
    while process.poll() is None:
        step.check()
        if time.monotonic() > deadline:
            raise ChildStopped(f"it took longer than {wall_seconds:g} seconds")
        time.sleep(_POLL_SECONDS)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill its whole group; the leader is not reaped yet, so the number cannot be somebody else's."""
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _tail(errors: Any) -> str:
    errors.seek(0)
    text = errors.read(1024 * 1024).decode("utf-8", "replace").strip()
    return text[-_ERRORS_SHOWN:].splitlines()[-1] if text else ""


def _why(code: int, said: str) -> str:
    if code < 0:
        return f"it was stopped by {signal.Signals(-code).name}"
    return f"it failed: {said or f'exit code {code}'}"
