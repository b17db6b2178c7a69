"""RabbitMQ rings the bells in the place of Redis: a server of the tests' own, killed and started again."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from jobs import bell
from portal.embedded import processes
from portal.embedded.ports import port_free
from tests.jobs.fault_servers import FaultServers, ask
from tests.jobs.live import PATIENCE_SECONDS, effects, ended

PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PROGRAM.exists(), reason="needs Debian's rabbitmq-server"),
]


class Rabbit:
    """One node. Its queues are those of people who forget: what was in them is gone with its folder."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="rabbit-"))
        self.port, self._mapper = port_free(), port_free()
        self._name = f"portal-{uuid4().hex[:8]}@localhost"
        self._process: subprocess.Popen[bytes] | None = None
        names = ["epmd", "-address", "127.0.0.1", "-port", str(self._mapper)]
        self._names = processes.start(names, log=self.folder / "names.log", cwd=self.folder)

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def start(self) -> None:
        given = {
            "HOME": str(self.folder), "RABBITMQ_NODENAME": self._name, "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port), "RABBITMQ_DIST_PORT": str(port_free()),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"), "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"), "ERL_EPMD_PORT": str(self._mapper),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "none"), "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1",
        }  # fmt: skip
        env = {**os.environ, **given}
        self._process = processes.start([str(PROGRAM)], log=self.folder / "out.log", env=env, cwd=self.folder)
        assert processes.wait_until(self._answers, seconds=PATIENCE_SECONDS), (
            self.folder / "out.log"
        ).read_text()

    def kill(self) -> None:
        """All of it at once, and what it kept."""
        assert self._process is not None
        processes.signal_group(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        shutil.rmtree(self.folder / "data", ignore_errors=True)

    def close(self) -> None:
        self.kill()
        self._names.kill()
        self._names.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False


class RabbitServers(FaultServers):
    """Redis keeps the counters of the portal, and no bell goes through it."""

    rabbit: Rabbit

    @property
    def environment(self) -> Mapping[str, str]:
        return {**super().environment, "BROKER_URL": self.rabbit.url}


@pytest.fixture
def servers(django_db_blocker: Any, settings: Any) -> Iterator[RabbitServers]:
    made, made_rabbit = RabbitServers(), Rabbit()
    made.rabbit = made_rabbit
    try:
        made.postgres_start()
        made.broker_start()
        made_rabbit.start()
        settings.REDIS_URL, settings.BROKER_URL = made.broker.url, made_rabbit.url
        bell._silence.end()
        with django_db_blocker.unblock(), made.connected():
            made.tables_make()
            made.worker_start()
            yield made
    finally:
        made.stop()
        made_rabbit.close()


def test_bells_go_through_rabbitmq_and_nothing_is_lost_with_it(servers: RabbitServers) -> None:
    first = ask("faults.slow", seconds=0)
    assert (ended(first).state, len(effects(first))) == ("done", 1), "no sweeper runs: the bell was heard"
    again = ask("faults.slow", seconds=0.5)
    assert bell.ring_all([again.pk] * 10, "default") == 10
    assert (ended(again).state, len(effects(again))) == ("done", 1)
    servers.rabbit.kill()
    lost = [ask("faults.slow", seconds=0) for _ in range(5)]
    assert bell.waiting("default") is None, "nobody is refused while it is away"
    servers.rabbit.start()
    servers.sweeper_start()
    for run in lost:
        assert (ended(run).state, len(effects(run))) == ("done", 1)
    bell._silence.end()
    late = ask("faults.slow", seconds=0)
    assert bell.ring(late.pk, "default"), "the connection that broke is not used again"
    assert (ended(late).state, len(effects(late))) == ("done", 1)
