"""Holds one model process: `python -m deployments.node.holder <folder>`.

It starts what `<folder>/held.json` says, keeps all of its processes together and within their memory, and writes how it
ended. It lives as long as that process: a node that is killed finds it again, by the lock that it holds on
`<folder>/holder.lock`. When nobody has held the lock of the node for a while, it ends what it holds, so that nothing
is left behind. SIGTERM ends it at once but politely, SIGHUP lets it finish what it is at. Standard library only.
"""

import fcntl
import json
import os
import select
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from jobs.process import groups
from jobs.process.child import become
from jobs.process.spool import Spool

LOOK_SECONDS, NODE_LOOK_SECONDS = 0.2, 1.0
QUICK_SECONDS, DRAIN_SECONDS = 1.5, 40.0
_READ_BYTES = 64 * 1024
_KINDS: dict[str, type[groups.NamespaceGroup] | type[groups.SubreaperGroup]] = {
    "namespace": groups.NamespaceGroup,
    "subreaper": groups.SubreaperGroup,
}


class Holder:
    """One process of a model, from its start to the end of its last child."""

    def __init__(self, folder: Path, spec: dict[str, Any]) -> None:
        self.spec, self.folder = spec, folder
        self.spool = Spool(folder / "log", spec["limits"]["log_bytes"])
        self.cause, self.peak = "", 0
        self.kill_at: float | None = None
        self.alone_since: float | None = None
        self._node_looked_at = 0.0
        self.output, output = os.pipe()
        self.group: groups.Group = _KINDS[spec["isolation"]](partial(_become, spec, output))
        os.close(output)
        os.set_blocking(self.output, False)

    def run(self, wake: int) -> dict[str, Any]:
        """Watch until everything is over; how it ended."""
        poll = select.poll()
        poll.register(self.output, select.POLLIN)
        poll.register(wake, select.POLLIN)
        while not self.group.poll():
            for source, _ in poll.poll(LOOK_SECONDS * 1000):
                if source == wake:
                    os.read(wake, 512)
                elif not self._copy():
                    poll.unregister(self.output)
            self._enforce()
        while select.select([self.output], [], [], 0)[0] and self._copy():
            pass
        self.spool.finish()
        status = self.group.status or 0
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        return {
            "code": os.WEXITSTATUS(status) if number is None else -number, "cause": self.cause or "exited",
            "tail": self.spool.tail.decode("utf-8", "replace")[-3000:], "peak_memory_bytes": self.peak,
        }  # fmt: skip

    def end(self, cause: str, grace: float) -> None:
        """Ask all processes to end, and kill them after a while; the first cause counts."""
        self.cause = self.cause or cause
        if self.kill_at is None:
            self.group.terminate()
        limit = time.monotonic() + grace
        self.kill_at = limit if self.kill_at is None else min(self.kill_at, limit)

    def _copy(self) -> bool:
        try:
            data = os.read(self.output, _READ_BYTES)
        except BlockingIOError:
            return True
        self.spool.write(data)
        return bool(data)

    def _enforce(self) -> None:
        now = time.monotonic()
        folders = self.group.folders()
        used = groups.memory_of(folders)
        limit = self.spec["limits"]["memory_bytes"]
        if len(folders) > 1 and used > limit:
            used = groups.memory_shared_fairly(folders)
        self.peak = max(self.peak, used)
        if used > limit:
            self.end("memory", 0)
        if now - self._node_looked_at >= NODE_LOOK_SECONDS:
            self._node_looked_at = now
            self._node_look(now)
        if self.kill_at is not None and now >= self.kill_at:
            self.group.kill()

    def _node_look(self, now: float) -> None:
        """A lock that we could take is held by nobody: the node is gone, until another one takes it."""
        if _is_held(Path(self.spec["node_lock"])):
            self.alone_since = None
        elif self.alone_since is None:
            self.alone_since = now
        elif now - self.alone_since > self.spec["alone_seconds"]:
            self.end("alone", QUICK_SECONDS)


def main(arguments: list[str]) -> int:
    """Hold what the folder says; at once over where another holder has it."""
    folder = Path(arguments[0])
    lock = (folder / "holder.lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 1
    spec = json.loads((folder / "held.json").read_text())
    # The environment stays on the machine as long as this is held.
    environment = open(spec["environment_lock"], "a")  # noqa: SIM115 - held to the end
    fcntl.flock(environment, fcntl.LOCK_SH)
    _written(folder / "holder.json", {"pid": os.getpid(), "key": process_key(os.getpid())})
    wake, write = os.pipe()
    for end in (wake, write):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    holder = Holder(folder, spec)
    signal.signal(signal.SIGTERM, lambda *_: holder.end("stopped", QUICK_SECONDS))
    signal.signal(signal.SIGHUP, lambda *_: holder.end("stopped", DRAIN_SECONDS))
    _written(folder / "ended.json", holder.run(wake))
    return 0


def process_key(pid: int) -> str:
    """What tells this process apart from a later one with the same number; "" where there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else f"{boot}:{fields[19]}"


def _is_held(path: Path) -> bool:
    try:
        with path.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _written(path: Path, facts: dict[str, Any]) -> None:
    new = path.with_suffix(".new")
    new.write_text(json.dumps(facts))
    new.replace(path)


def _become(spec: dict[str, Any], output: int) -> NoReturn:
    signal.set_wakeup_fd(-1)
    become(spec, output)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
