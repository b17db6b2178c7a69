"""Model servers of tests: the real program, in a process, with a model that MLflow saved."""

import http.client
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.services.digests import manifest_digest
from tests.deployments.files import manifest_of

SERVER = Path(__file__).resolve().parents[2] / "deployments" / "programs" / "server" / "serve.py"
KEY = "the-key-of-this-revision"


@dataclass
class ModelProcess:
    """A running server; `port` is where it answers."""

    process: subprocess.Popen[str]
    port: int

    def ask(
        self, path: str, body: Any = None, *, kind: str = "application/json", key: str = KEY
    ) -> tuple[int, Any]:
        """Status and answer, as JSON where it is that."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        link.request(
            "GET" if body is None else "POST", path, data, {"Content-Type": kind, "X-Serving-Key": key}
        )
        answer = link.getresponse()
        text = answer.read().decode()
        link.close()
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, text

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(30)


def order_of(folder: Path, **more: Any) -> dict[str, Any]:
    """The order for the files that are in the folder now."""
    manifest = manifest_of(folder)
    return {
        "model": str(folder), "manifest": manifest, "digest": manifest_digest(manifest), "key": KEY, **more,
    }  # fmt: skip


def launched(order: dict[str, Any]) -> subprocess.Popen[str]:
    """The program with that order; nobody has waited for it yet."""
    process = subprocess.Popen(
        [sys.executable, str(SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(json.dumps(order))
    process.stdin.close()
    process.stdin = None
    return process


def model_process(folder: Path, **more: Any) -> ModelProcess:
    """A server that answers."""
    process = launched(order_of(folder, **more))
    assert process.stdout is not None
    assert process.stderr is not None
    line = process.stdout.readline()
    assert line, process.stderr.read()
    return ModelProcess(process, json.loads(line)["port"])
