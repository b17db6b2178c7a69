"""Which way this machine offers to keep the processes of a command together; asked once per worker process."""

import os
import signal
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import structlog

log = structlog.get_logger("jobs")

ROOT = Path(__file__).resolve().parents[2]
NAMESPACE, SUBREAPER = "namespace", "subreaper"
# In the environment of every process of a command, so that what a killed launcher left behind can be found.
MARK = "PORTAL_COMMAND"
_PROBE_SECONDS = 20


def launcher_start(*arguments: str, errors: int | None = None) -> subprocess.Popen[bytes]:
    """A launcher in a session of its own, with nothing of the worker's environment."""
    return subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-P", "-S", "-s", "-m", "jobs.process.launcher", *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, cwd="/", start_new_session=True,
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip


@lru_cache(maxsize=1)
def isolation() -> str:
    """`namespace` where the kernel lets us make one, else `subreaper`."""
    process = launcher_start("--probe", errors=subprocess.PIPE)
    try:
        said = process.communicate(timeout=_PROBE_SECONDS)[1]
        found = NAMESPACE if process.returncode == 0 else SUBREAPER
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        said, found = b"no answer", SUBREAPER
    log.info("isolation of commands", kind=found, why=said.decode(errors="replace").strip()[-200:])
    return found


def leftovers_kill(mark: str) -> int:
    """Kill what carries the mark of a command whose launcher was killed; how many were found."""
    wanted = f"{MARK}={mark}".encode()
    found = 0
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            if wanted in Path(f"/proc/{name}/environ").read_bytes().split(b"\0"):
                os.kill(int(name), signal.SIGKILL)
                found += 1
        except OSError:
            continue
    return found
