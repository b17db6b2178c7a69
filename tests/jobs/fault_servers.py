"""Servers that the fault tests may kill: a PostgreSQL and a broker of their own, with workers and sweepers."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.db import OperationalError, connection, transaction

from jobs.models import JobQueue, JobRun
from jobs.queue import enqueue
from portal.embedded import processes
from portal.embedded.ports import port_free
from portal.embedded.postgres import Postgres
from portal.kernel import sql
from tests.jobs.faults.handlers import EFFECT_TABLE
from tests.jobs.live import ACTOR, PATIENCE_SECONDS, ROOT, WORKER, Live
from tests.template import copy_make

# Killing the server loses nothing that it committed; only a power cut could.
_SETTINGS = {"fsync": "off", "max_connections": "100"}


class FaultServers(Live):
    """Everything that a job needs, each part to be killed and started again.

    `disk` is a folder for the files of PostgreSQL, such as a small file system.
    """

    def __init__(self, disk: Path | None = None, **settings: str) -> None:
        folder = Path(tempfile.mkdtemp(prefix="portal-faults-"))
        folder.chmod(0o711)
        super().__init__(folder, "portal")
        self.postgres = Postgres(
            (disk or folder) / "postgres", folder / "postgres.log", port_free(), "only-for-tests",
            {**_SETTINGS, **settings}, is_superuser=True,
        )  # fmt: skip
        self.postgres.prepare()
        self._postgres_process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            **super().environment, "DATABASE_URL": self.postgres.url(), "JOBS_SPOOL": str(self.folder / "spool"),
        }  # fmt: skip

    def postgres_start(self) -> None:
        self._postgres_process = self.postgres.start()
        assert processes.wait_until(self.postgres.is_ready, seconds=PATIENCE_SECONDS)

    def tables_make(self, *queues: str) -> None:
        """What the portal's tables and the effects of the tests need, in the database of these servers."""
        copy_make(self.postgres.url())
        with self.connected():
            sql.execute(EFFECT_TABLE)
            JobQueue.objects.bulk_create(JobQueue(name=name) for name in queues)

    @property
    def postgres_pid(self) -> int:
        assert self._postgres_process is not None
        return self._postgres_process.pid

    def postgres_await_death(self) -> None:
        assert self._postgres_process is not None
        self._postgres_process.wait(PATIENCE_SECONDS)

    def postgres_kill(self) -> None:
        """As a crash of the machine's memory: what was not committed is gone."""
        os.kill(self.postgres_pid, signal.SIGKILL)
        self.postgres_await_death()

    def postgres_again(self) -> None:
        """It answers again: by itself, or started anew as a supervisor would where it gave up."""
        assert processes.wait_until(self._is_up_or_gone, seconds=PATIENCE_SECONDS), self.log("postgres")[
            -2000:
        ]
        if self._postgres_process is None or self._postgres_process.poll() is not None:
            self.postgres_start()

    def _is_up_or_gone(self) -> bool:
        assert self._postgres_process is not None
        return self._postgres_process.poll() is not None or self.postgres.is_ready()

    def worker_for(self, queues: str, **env: str) -> subprocess.Popen[bytes]:
        """A worker that serves only these queues."""
        return self.program(WORKER, log="worker", JOB_QUEUES=queues, **env)

    def program(self, command: str, *, log: str, **env: str) -> subprocess.Popen[bytes]:
        """A program of the portal beside the others, with some of its environment changed."""
        started = processes.start(
            [sys.executable, *command.split()], log=self.folder / f"{log}.log", cwd=ROOT,
            env={**self.environment, **env},
        )  # fmt: skip
        self._others.append(started)
        return started

    def sweepers_alive(self) -> list[subprocess.Popen[bytes]]:
        return [each for each in self._others if each.poll() is None and "scheduler" in each.args]  # type: ignore[operator]

    def children_of(self, worker: subprocess.Popen[bytes]) -> list[int]:
        found = subprocess.run(["pgrep", "-P", str(worker.pid)], capture_output=True, text=True, check=False)
        return [int(pid) for pid in found.stdout.split()]

    def workers_alive(self) -> list[subprocess.Popen[bytes]]:
        return [each for each in self._workers if each.poll() is None]

    def stop(self) -> None:
        super().stop()
        if self._postgres_process is not None:
            self._postgres_process.send_signal(signal.SIGINT)
            self._postgres_process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def connected(self) -> Iterator[None]:
        """This process commits into that database."""
        before = dict(connection.settings_dict)
        at = urlsplit(self.postgres.url())
        connection.close()
        connection.settings_dict.update(
            HOST=at.hostname, PORT=at.port, USER=at.username, PASSWORD=at.password, NAME=at.path.lstrip("/")
        )
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict.update(before)


def ask(kind: str, *, queue: str | None = None, key: str = "", **args: Any) -> JobRun:
    """A job, asked for in a transaction of its own; a database that is just coming back is waited for."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with transaction.atomic():
                return enqueue(
                    kind, key=key or uuid4().hex, args=args, actor=ACTOR, workspace_id=None, queue=queue
                )
        except OperationalError:
            connection.close()
            assert time.monotonic() < deadline
            time.sleep(0.2)
