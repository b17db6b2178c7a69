"""A database, a broker, workers and sweepers of the job tests' own: real processes that real signals reach."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import redis
from django.conf import settings
from django.db import connection, transaction

from jobs.models import JobRun
from jobs.queue import enqueue
from portal.accounts.actor import Actor
from portal.embedded import processes
from portal.embedded.ports import port_free
from portal.embedded.processes import Identity
from portal.embedded.valkey import Valkey
from portal.kernel import sql

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 180
ACTOR = Actor.system("tests", actions=["jobs.job.read"], request_id="test")
WORKER = "-m celery -A portal worker -c 2 --without-gossip --without-mingle --without-heartbeat -l warning"


@contextmanager
def database(name: str) -> Iterator[None]:
    """Django's connection goes to another database on the same server."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


@dataclass
class Live:
    """What the tests of this folder start, and how they look at it."""

    folder: Path
    name: str
    broker: Valkey = field(init=False)
    _broker_process: subprocess.Popen[bytes] | None = None
    _workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _others: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.broker = Valkey(
            self.folder / "valkey",
            self.folder / "valkey.log",
            port_free(),
            "only-for-tests",
            is_durable=False,
        )
        self.broker.prepare()

    @property
    def environment(self) -> Mapping[str, str]:
        at = settings.DATABASES["default"]
        url = f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{self.name}"
        return {
            **os.environ, "DATABASE_URL": url, "REDIS_URL": self.broker.url, "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "tests.jobs.worker_settings", "ARTIFACT_ROOT": str(self.folder / "artifacts"),
            "SECRET_KEY": "only-for-tests", "JOB_QUEUES": "system,default",
        }  # fmt: skip

    def broker_start(self) -> None:
        self._broker_process = self.broker.start()
        assert processes.wait_until(self.broker.is_ready, seconds=PATIENCE_SECONDS)

    def broker_kill(self) -> None:
        """As a crash: what it held is gone."""
        assert self._broker_process is not None
        self._broker_process.kill()
        self._broker_process.wait()

    def broker_flush(self) -> None:
        with redis.Redis.from_url(self.broker.url) as client:
            client.flushall()

    def worker(self) -> subprocess.Popen[bytes]:
        """The running worker: the one that is there, or a new one. Others end, so that it has every job that runs."""
        alive = [each for each in self._workers if each.poll() is None]
        for other in alive[1:]:
            processes.signal_group(other.pid, signal.SIGKILL)
            other.wait(10)
        return alive[0] if alive else self.worker_start()

    def worker_start(self, **env: str) -> subprocess.Popen[bytes]:
        """One worker more, with some of its environment changed."""
        self._workers.append(self._start("worker", WORKER.split(), **env))
        return self._workers[-1]

    def worker_alone(self, **env: str) -> subprocess.Popen[bytes]:
        """A new worker, with some of its environment changed, in the place of all others."""
        for other in self._workers:
            processes.signal_group(other.pid, signal.SIGKILL)
            other.wait(10)
        return self.worker_start(**env)

    def sweeper_start(self) -> subprocess.Popen[bytes]:
        self._others.append(self._start("scheduler", ["manage.py", "scheduler", "--interval", "0.3"]))
        return self._others[-1]

    def stop(self) -> None:
        for process in [*self._workers, *self._others]:
            processes.signal_group(process.pid, signal.SIGKILL)
            process.wait(10)
        self.broker_kill()

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def _start(self, name: str, command: list[str], **env: str) -> subprocess.Popen[bytes]:
        return processes.start(
            [sys.executable, *command],
            log=self.folder / f"{name}.log",
            env={**self.environment, **env},
            cwd=ROOT,
        )


def asked(kind: str, **args: Any) -> JobRun:
    """A job of that kind, asked for in a transaction as an operation would."""
    with transaction.atomic():
        return enqueue(kind, key=uuid4().hex, args=args, actor=ACTOR, workspace_id=None)


def fresh(run: JobRun) -> JobRun:
    return JobRun.objects.get(pk=run.pk)


def ended(run: JobRun) -> JobRun:
    """The job when it has ended."""
    return until(run, lambda now: now.is_terminal)


def running(run: JobRun) -> JobRun:
    return until(run, lambda now: now.state == "running")


def until(run: JobRun, condition: Callable[[JobRun], bool]) -> JobRun:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition(now := fresh(run)):
        assert time.monotonic() < deadline, f"{now} is still {now.state}, attempt {now.attempt}: {now.reason}"
        time.sleep(0.05)
    return now


def effects(run: JobRun) -> list[tuple[int, str]]:
    """`(attempt, note)` of each effect that stayed."""
    return [
        (row[0], row[1])
        for row in sql.rows("SELECT attempt, note FROM fault_effect WHERE job_id = %s", (UUID(str(run.pk)),))
    ]


def events(run: JobRun) -> list[str]:
    return list(run.events.order_by("id").values_list("name", flat=True))


def process_of(run: JobRun) -> Identity:
    """The process that works on a job, as its claim is signed."""
    found = Identity.of(int(run.owner.rpartition(":")[2]))
    assert found is not None
    return found


def gone(process: Identity) -> bool:
    return processes.wait_until(lambda: not process.is_alive, seconds=PATIENCE_SECONDS)


def processes_of(run: JobRun) -> list[int]:
    """Every process that belongs to a job, by what its environment says, wherever it went."""
    mark = f"FAULT_JOB={run.pk}".encode()
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if mark in Path(f"/proc/{name}/environ").read_bytes().split(b"\0"):
                found.append(int(name))
        except OSError:
            continue
    return found
