"""The gateway as a process of its own, in front of the database of the test."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import httpx
from django.db import connection

from portal.embedded.ports import port_free

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class GatewayProcess:
    """A running gateway, and a client to it."""

    process: subprocess.Popen[bytes]
    client: httpx.Client
    log: Path

    def score(
        self, name: str, x: float, token: str, *, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """One row to a model that echoes."""
        body = {"dataframe_records": [{"x": x}]}
        return self.client.post(
            f"/endpoints/{name}/invocations", json=body, headers={**bearer(token), **(headers or {})}
        )

    def scored(self, name: str, token: str, **how: Any) -> int:
        """The process that answered."""
        answer = self.score(name, 1.0, token, **how)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["predictions"][0]["pid"])

    def follows(
        self, name: str, token: str, *, status: int = 200, seconds: float = 30, x: float = 1.0
    ) -> httpx.Response:
        """The first answer with this status; the gateway hears of a change within a moment."""
        until = time.monotonic() + seconds
        while True:
            answer = self.score(name, x, token)
            if answer.status_code == status or time.monotonic() > until:
                assert answer.status_code == status, answer.text
                return answer
            time.sleep(0.05)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(40)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def gateway_process(log: Path, **env: str) -> GatewayProcess:
    """Start one and wait until it has read its routes."""
    port = port_free()
    # The test's own database has another name than the settings of a new process would say.
    url = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{quote(_database())}"))
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.gateway", "--port", str(port)], cwd=ROOT, stdout=file, stderr=file,
            env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "portal.settings.test", **env},
        )  # fmt: skip
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            if client.get("/ready").status_code == 200:
                return GatewayProcess(process, client, log)
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    process.kill()
    raise AssertionError(log.read_text())


def _database() -> str:
    return str(connection.settings_dict["NAME"])
