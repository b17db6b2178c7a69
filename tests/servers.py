"""A pytest plugin: PostgreSQL and Valkey of the test run's own, on free ports, with data that is thrown away.

Set TEST_DATABASE_URL and TEST_REDIS_URL to use servers that run already. The servers start once, before Django
reads its settings; the processes of pytest-xdist find the addresses in their environment and share them.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded import processes
from portal.embedded.guard import Guard
from portal.embedded.ports import port_free
from portal.embedded.postgres import NOT_DURABLE, Postgres
from portal.embedded.valkey import Valkey
from portal.kernel.memory import collector_prepare

# Compiling all modules anew takes each process of a run twenty seconds, and each program that a test starts three.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Threads of numerical libraries wait for one another by spinning, which takes the processors from other processes.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

START_SECONDS = 180
PASSWORD = "only-for-tests"


class TestServers:
    """What one test run started."""

    __test__ = False

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="portal-tests-"))
        self.folder.chmod(0o711)
        self._running: list[subprocess.Popen[bytes]] = []
        self._guard: Guard | None = None

    def postgres(self) -> str:
        """Start PostgreSQL; its address."""
        server = Postgres(
            self.folder / "postgres", self.folder / "postgres.log", port_free(), PASSWORD, NOT_DURABLE,
            is_superuser=True,
        )  # fmt: skip
        return self._start(server, server.url())

    def valkey(self) -> str:
        """Start Valkey; its address."""
        server = Valkey(
            self.folder / "valkey", self.folder / "valkey.log", port_free(), PASSWORD, is_durable=False
        )
        return self._start(server, server.url)

    def stop(self) -> None:
        for process in self._running:
            processes.signal_group(process.pid, signal.SIGINT)
        for process in self._running:
            process.wait(10)
        if self._guard is not None:
            self._guard.dismiss()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, server: Postgres | Valkey, url: str) -> str:
        # Forked before the first server and before any thread: it ends the servers if this process is killed.
        self._guard = self._guard or Guard.start()
        server.prepare()
        process = server.start()
        self._guard.watch(process.pid)
        self._running.append(process)
        if not processes.wait_until(server.is_ready, seconds=START_SECONDS):
            raise pytest.UsageError(f"{server} does not answer:\n{processes.tail(server.log)}")
        return url


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Before pytest-django imports the settings, which read the environment."""
    is_first = "PYTEST_XDIST_WORKER" not in os.environ and "TEST_SERVERS_READY" not in os.environ
    if is_first:
        servers = TestServers()
        early_config.add_cleanup(servers.stop)
        os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or servers.postgres()
        os.environ["REDIS_URL"] = os.environ.get("TEST_REDIS_URL") or servers.valkey()
        os.environ["DATA_DIR"] = str(servers.folder / "data")
        os.environ["ARTIFACT_ROOT"] = str(servers.folder / "artifacts")
        os.environ["TEST_SERVERS_READY"] = "1"
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """As the portal does before it answers: what is loaded is in no search for garbage, and those are seldom."""
    collector_prepare()
