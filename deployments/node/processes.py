"""One model process as its node sees it: all that is known of it lies in its folder, so a new node goes on with it."""

import fcntl
import json
import math
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployments.node.holder import process_key
from jobs.process.isolation import ROOT, isolation

SERVE = Path(__file__).resolve().parents[1] / "programs" / "server" / "serve.py"
LOG_BYTES = 4 * 1024 * 1024
# When no node has been there for so long, processes end by themselves.
ALONE_SECONDS = 60
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@dataclass(frozen=True)
class Start:
    """What a process is started with: the order of its server, its manifest, its key, and where it may listen."""

    order: dict[str, Any]
    manifest: list[dict[str, Any]]
    key: str
    bind: str


class ModelProcess:
    """The process of a folder, whoever started it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, wanted: Start, node_lock: Path) -> None:
        """Start it anew; the log of earlier lives is kept. Raises OSError."""
        home = self.folder / "home"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(mode=0o700, parents=True)
        for name in ("ended.json", "holder.json"):
            (self.folder / name).unlink(missing_ok=True)
        self._log_shorten()
        _private(self.folder / "order.json", _order_of(wanted, home / "ready.json"))
        _private(self.folder / "held.json", self._held(wanted, home, node_lock))
        self._child = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-S", "-s", "-m", "deployments.node.holder", str(self.folder)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
            start_new_session=True, env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip

    @property
    def is_alive(self) -> bool:
        """Whether somebody holds it: our own child, or one of a node that was here before."""
        if self._child is not None and self._child.poll() is None:
            return True
        try:
            with (self.folder / "holder.lock").open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    @property
    def holder(self) -> tuple[int, str]:
        """Number and key of the process that holds it; (0, "") before it has said so."""
        said = _read(self.folder / "holder.json")
        return int(said.get("pid", 0)), str(said.get("key", ""))

    @property
    def port(self) -> int | None:
        """Where the server answers, as soon as it does."""
        found = _read(self.folder / "home" / "ready.json").get("port")
        return found if isinstance(found, int) and 0 < found < 65_536 else None

    @property
    def ended(self) -> dict[str, Any]:
        """How it ended: `{code, cause, tail}`, empty where its holder was killed."""
        return _read(self.folder / "ended.json")

    def signal(self, number: int) -> None:
        """Tell the holder, if it is still the one that wrote its number down."""
        pid, key = self.holder
        if pid and process_key(pid) == key:
            os.kill(pid, number)
        elif self._child is not None and self._child.poll() is None:
            self._child.send_signal(number)

    def kill(self) -> None:
        """Kill the holder: the kernel ends all that it held."""
        self.signal(signal.SIGKILL)

    def forget(self) -> None:
        """Remove what the machine keeps of it, its log included."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _held(self, wanted: Start, home: Path, node_lock: Path) -> dict[str, Any]:
        order, python = wanted.order, Path(wanted.order["python"])
        cpus = max(1, math.ceil(order["cpus"]))
        env = {
            "PATH": f"{python.parent}:/usr/bin:/bin", "HOME": str(home), "TMPDIR": str(home), "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1", "PYTHONNOUSERSITE": "1", "PYTHONUNBUFFERED": "1",
            **dict.fromkeys(_THREADS, str(cpus)),
        }  # fmt: skip
        limits = {"memory_bytes": order["memory_mb"] * 1024**2, "cpus": cpus, "file_bytes": 1024**3}
        return {
            "argv": [str(python), str(SERVE), str(self.folder / "order.json")], "cwd": str(home), "env": env,
            "limits": {**limits, "log_bytes": LOG_BYTES}, "isolation": isolation(), "node_lock": str(node_lock),
            "alone_seconds": ALONE_SECONDS, "environment_lock": f"{python.parent.parent}.lock",
        }  # fmt: skip

    def _log_shorten(self) -> None:
        log = self.folder / "log"
        if log.exists() and log.stat().st_size > LOG_BYTES // 2:
            log.replace(self.folder / "log.old")


def log_tail(folder: Path, size: int = 3000) -> str:
    """The end of what a process printed."""
    try:
        with (folder / "log").open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - size))
            return file.read().decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _order_of(wanted: Start, ready_file: Path) -> dict[str, Any]:
    order = wanted.order
    return {
        "model": order["model"], "manifest": wanted.manifest, "digest": order["digest"], "key": wanted.key,
        "name": order["name"], "version": order["version"], "host": wanted.bind, "port": 0,
        "ready_file": str(ready_file),
        "limits": {
            "body_bytes": order["body_bytes"], "waiting": order["concurrency"], "seconds": order["timeout_seconds"],
            "threads": max(1, math.ceil(order["cpus"])), "batch_rows": order.get("batch_rows", 1),
        },
    }  # fmt: skip


def _private(path: Path, facts: dict[str, Any]) -> None:
    """A file that only this user reads: it may hold a key."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(facts, file)
    new.replace(path)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
