"""A Ray Serve application that holds one model server of the portal for each replica.

The server runs in the packages of its model, in a process of its own with nothing of the replica's environment; it
hashes the files before it loads them. A replica hands requests over as they are, and is healthy as long as the server
says so.
"""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import tempfile
from pathlib import Path

import aiohttp
from ray import serve
from starlette.requests import Request
from starlette.responses import Response

SERVE = Path(__file__).resolve().parent / "server" / "serve.py"
KEY = "X-Serving-Key"
_PASSED = ("content-type", "x-request-id", "x-serving-key", "traceparent", "tracestate")
_LOG_BYTES = 2000


class Model:
    """One replica. `order` is what the server is told; `python` is the interpreter of its packages."""

    def __init__(self, order, python):
        self.order, self.client = order, None
        self.home = tempfile.TemporaryDirectory(prefix="portal-model-")
        self.log = Path(self.home.name) / "log"
        env = {
            "PATH": f"{Path(python).parent}:/usr/bin:/bin", "HOME": self.home.name, "TMPDIR": self.home.name,
            "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONNOUSERSITE": "1", "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                [python, str(SERVE)], env=env, cwd=self.home.name, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=log, preexec_fn=_dies_with_its_replica, start_new_session=True,
            )  # fmt: skip
        self.process.stdin.write(json.dumps(order).encode())
        self.process.stdin.close()
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait(30)
            raise RuntimeError(f"The model server ended with {code}: {self._said()}")
        self.address = f"http://127.0.0.1:{json.loads(line)['port']}"

    async def __call__(self, request: Request) -> Response:
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        headers = {name: request.headers[name] for name in _PASSED if name in request.headers}
        async with self._client().request(
            request.method, f"{self.address}{path}", data=await request.body(), headers=headers
        ) as answer:
            return Response(await answer.read(), answer.status, media_type=answer.headers.get("Content-Type"))

    async def check_health(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"The model server ended with {self.process.returncode}: {self._said()}")
        async with self._client().get(f"{self.address}/health", headers={KEY: self.order["key"]}) as answer:
            if answer.status != 200:
                raise RuntimeError("A prediction takes longer than it may.")

    def __del__(self):
        process = getattr(self, "process", None)
        if process is not None and process.poll() is None:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        self.home.cleanup()

    def _client(self):
        if self.client is None:
            self.client = aiohttp.ClientSession(auto_decompress=False)
        return self.client

    def _said(self):
        return self.log.read_bytes()[-_LOG_BYTES:].decode(errors="replace").strip()


def app(told):
    """The application: `told` is `{order, python, replicas, cpus, memory_bytes, concurrency}`."""
    options = {
        "num_replicas": told["replicas"], "max_ongoing_requests": told["concurrency"],
        "health_check_period_s": 2, "health_check_timeout_s": 10, "graceful_shutdown_timeout_s": 10,
        "ray_actor_options": {"num_cpus": told["cpus"], "memory": told["memory_bytes"]},
    }  # fmt: skip
    return serve.deployment(Model, name="model").options(**options).bind(told["order"], told["python"])


def _dies_with_its_replica():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
