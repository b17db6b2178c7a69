"""A Ray cluster of the tests' own: a head and a second node on this machine, from an environment by lock."""

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from jobs.process.groups import descendants
from scripts.install import find_uv, pip_settings
from tests.kept import CACHE
from tests.live.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "ray.txt"
START_SECONDS, INSTALL_SECONDS = 60, 240


class NoRay(Exception):
    """Ray cannot be installed here, so that nothing is known about it: the tests fail."""


def ray_program() -> Path:
    """The `ray` of an environment by the lock, which is made once and kept between test runs. Raises NoRay."""
    home = CACHE / f"ray-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with home.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            shutil.rmtree(home, ignore_errors=True)
            _install(home)
            (home / "complete").touch()
    return home / "bin" / "ray"


def _install(home: Path) -> None:
    uv = find_uv()
    if uv is None:
        raise NoRay("There is no uv.")
    base = getattr(sys, "_base_executable", sys.executable)
    python = str(home / "bin" / "python")
    for words in (
        ["venv", "--quiet", "--python", base, str(home)],
        ["pip", "sync", "--quiet", "--require-hashes", "--index-strategy", "unsafe-best-match", "--python", python,
         str(LOCK)],
    ):  # fmt: skip
        done = subprocess.run(
            [uv, *words], env={**os.environ, **pip_settings()}, capture_output=True, text=True, check=False,
            timeout=INSTALL_SECONDS,
        )  # fmt: skip
        if done.returncode:
            raise NoRay(
                f"Ray could not be installed from {LOCK.name} into {home}; a package index is needed once: "
                f"{done.stderr[-500:]}"
            )


class RayNodes:
    """The cluster; `address` is that of its Jobs API."""

    def __init__(
        self, program: Path, folder: Path, *, address: str, is_alone: bool = False, **variables: str
    ) -> None:
        self._ray, self._log = program, folder / "ray.log"
        # Sockets of Ray lie in there, and their paths have a limit.
        self._folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))
        ours = ("MLFLOW_", "PYTEST_", "DJANGO_", "RAY_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        self._env = {
            **kept, "RAY_USAGE_STATS_ENABLED": "0", "RAY_health_check_period_ms": "500",
            "RAY_health_check_failure_threshold": "3", **variables,
        }  # fmt: skip
        self._port, dashboard = free_port(), address.rpartition(":")[2]
        self.address = address
        self.head = self._start(
            "--head", f"--port={self._port}", f"--dashboard-port={dashboard}", "--dashboard-host=127.0.0.1",
            f"--ray-client-server-port={free_port()}", f"--temp-dir={self._folder}",
        )  # fmt: skip
        self._up()
        self.second = None if is_alone else self.node_start()

    def node_start(self) -> subprocess.Popen[bytes]:
        """One node more."""
        return self._start(f"--address=127.0.0.1:{self._port}")

    def head_id(self) -> str:
        """The id of the head node."""
        with urllib.request.urlopen(f"{self.address}/nodes?view=summary", timeout=10) as answer:  # noqa: S310
            listed = json.load(answer)["data"]["summary"]
        return next(str(node["raylet"]["nodeId"]) for node in listed if node["raylet"].get("isHeadNode"))

    def node_kill(self) -> None:
        """As if somebody pulled the plug of the second node."""
        assert self.second is not None
        _kill(self.second)

    def close(self) -> None:
        for process in filter(None, (self.second, self.head)):
            _kill(process)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [
            str(self._ray), "start", *arguments, "--num-cpus=1", "--block", "--disable-usage-stats",
            "--object-store-memory=100000000", f"--dashboard-agent-listen-port={free_port()}",
        ]  # fmt: skip
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command,
                env=self._env,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def _up(self) -> None:
        limit = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"{self.address}/api/version", timeout=2).close()  # noqa: S310
                return
            except OSError:
                assert time.monotonic() < limit, self._log.read_text()[-3000:]
                time.sleep(0.2)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """All processes of a node at once."""
    for pid in [process.pid, *descendants(process.pid)]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait(10)
