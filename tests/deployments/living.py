"""Real serving: a database, a worker, a scheduler and a serving node of the tests' own, which real signals reach."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from deployments.models import Endpoint, Revision, Server
from deployments.serving_key import HEADER, serving_key
from jobs.process.groups import descendants
from portal.accounts.actor import Actor
from portal.accounts.models import User
from portal.embedded import processes
from tests.jobs.live import ROOT, Live

PATIENCE_SECONDS = 240
ACTOR = Actor.system("tests", actions=["jobs.job.read"], request_id="test")


@dataclass
class Serving(Live):
    """What the tests start; the node may be killed and started again."""

    node: subprocess.Popen[bytes] | None = None
    counts: dict[str, int] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            **super().environment, "DJANGO_SETTINGS_MODULE": "portal.settings.test", "SECRET_KEY": settings.SECRET_KEY,
            "DATA_DIR": str(self.folder / "data"), "JOBS_DIR": settings.JOBS_DIR, "SERVING_NODE": settings.SERVING_NODE,
            "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(Path.home() / ".cache" / "uv")),
            "MODEL_SIGNING_KEY_FILE": settings.MODEL_SIGNING_KEY_FILE or "", **self.extra,
        }  # fmt: skip

    def sweeper_start(self) -> subprocess.Popen[bytes]:
        self._others.append(self._start("scheduler", ["manage.py", "scheduler", "--interval", "1"]))
        return self._others[-1]

    def node_start(self) -> None:
        self.node = processes.start(
            [sys.executable, "manage.py", "serving_node"],
            log=self.folder / "node.log",
            env=self.environment,
            cwd=ROOT,
        )

    def node_kill(self) -> None:
        """As a crash: nothing is told to anybody."""
        assert self.node is not None
        self.node.kill()
        self.node.wait(10)

    def node_stop(self) -> None:
        assert self.node is not None
        self.node.send_signal(signal.SIGTERM)
        self.node.wait(20)

    def worker_kill(self) -> None:
        for worker in self._workers:
            processes.signal_group(worker.pid, signal.SIGKILL)
            worker.wait(10)

    def stop(self) -> None:
        if self.node is not None and self.node.poll() is None:
            self.node_stop()
        super().stop()


def waited(condition: Callable[[], Any], what: Callable[[], object] = lambda: "") -> Any:
    """What a condition gives when it holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, what()
        time.sleep(0.05)
    return found


def observed(revision: Revision, *states: str) -> Revision:
    """The revision when it is in one of these states."""

    def look() -> Revision | None:
        now = Revision.objects.get(pk=revision.pk)
        return now if now.observed_state in states else None

    def told() -> object:
        now = Revision.objects.get(pk=revision.pk)
        return (now.observed_state, now.observed_detail, list(Server.objects.values("seen", "detail")))

    return waited(look, told)  # type: ignore[no-any-return]


def scored(revision: Revision, rows: Any, address: str = "") -> tuple[int, Any]:
    """What a process of a revision answers, asked as a gateway asks."""
    at = urlsplit(address or revision.addresses[0])
    link = http.client.HTTPConnection(str(at.hostname), at.port or 0, timeout=30)
    link.request(
        "POST", "/invocations", json.dumps(rows),
        {"Content-Type": "application/json", HEADER: serving_key(revision.pk)},
    )  # fmt: skip
    answer = link.getresponse()
    return answer.status, json.loads(answer.read())


def server_pids(server: Server) -> list[int]:
    """The processes that a holder holds."""
    return list(descendants(server.pid or 0))


def person(user: User) -> Actor:
    return Actor.of_user(user)


def fresh(endpoint: Endpoint) -> Endpoint:
    return Endpoint.objects.get(pk=endpoint.pk)
