"""The servers that are compared: each in an environment of its own, with the same model of the same packages."""

import hashlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import rfc8785

from benchmarks.environments import environment_built
from portal.embedded.ports import port_free

ROOT = Path(__file__).resolve().parents[1]
SERVER = ROOT / "deployments" / "programs" / "server"
MODEL_PACKAGES = ("scikit-learn==1.9.1", "pandas==3.1.1", "mlflow==3.17.2", "cloudpickle")
ENVIRONMENTS = {
    "portal": ("-r", str(SERVER / "requirements.in")),
    "mlflow": (),
    "mlserver": ("mlserver==1.7.1", "mlserver-mlflow==1.7.1"),
}
_SINGLE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def environment(folder: Path, name: str) -> Path:
    """The folder of the programs of one of these environments."""
    return environment_built(folder / name, [*ENVIRONMENTS[name], *MODEL_PACKAGES])


class Process:
    """One server that was started, how long that took, and what it holds in memory."""

    def __init__(self, command: Sequence[str], log: Path, env: Mapping[str, str], given: str = "") -> None:
        self.began = time.perf_counter()
        self._file = log.open("wb")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=self._file, stderr=self._file, cwd=log.parent, text=False,
            env={**os.environ, **_SINGLE, **env}, start_new_session=True,
        )  # fmt: skip
        if self.process.stdin is not None:
            self.process.stdin.write(given.encode())
            self.process.stdin.close()
        self.log, self.start_seconds = log, 0.0

    def wait(self, url: str, headers: Mapping[str, str]) -> None:
        """Until it answers with 200."""
        while time.perf_counter() - self.began < 120:
            try:
                request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310 - our own
                with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
                    if answer.status == 200:
                        self.start_seconds = time.perf_counter() - self.began
                        return
            except OSError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise SystemExit(f"{self.log} does not answer:\n{self.log.read_text()[-2000:]}")

    @property
    def megabytes(self) -> float:
        """What it and its children hold, shared pages counted in part."""
        mine = psutil.Process(self.process.pid)
        return sum(each.memory_full_info().pss for each in [mine, *mine.children(recursive=True)]) / 2**20

    @property
    def cpu_seconds(self) -> float:
        """What it and its children have used of processors so far."""
        mine = psutil.Process(self.process.pid)
        return sum(
            each.cpu_times().user + each.cpu_times().system for each in [mine, *mine.children(recursive=True)]
        )

    def stop(self) -> None:
        for each in [*psutil.Process(self.process.pid).children(recursive=True), self.process]:
            each.terminate()
        self.process.wait(30)
        self._file.close()


@contextmanager
def model_server(
    python: Path, model: Path, log: Path, key: str, batch_rows: int = 1
) -> Iterator[tuple[int, Process]]:
    """The model process of the portal, alone."""
    files = sorted(path for path in model.rglob("*") if path.is_file())
    manifest = [
        {"path": path.relative_to(model).as_posix(), "size": path.stat().st_size,
         "sha256": hashlib.sha256(path.read_bytes()).hexdigest()} for path in files
    ]  # fmt: skip
    port = port_free()
    order = {
        "model": str(model),
        "manifest": manifest,
        "digest": hashlib.sha256(rfc8785.dumps(manifest)).hexdigest(),
        "key": key,
        "port": port,
        "limits": {"batch_rows": batch_rows},
    }
    command = [str(python / "python"), str(SERVER / "serve.py")]
    with _running(Process(command, log, {}, json.dumps(order))) as process:
        process.wait(f"http://127.0.0.1:{port}/ping", {"X-Serving-Key": key})
        yield port, process


@contextmanager
def mlflow_serve(python: Path, model: Path, log: Path) -> Iterator[tuple[int, Process]]:
    """`mlflow models serve` with one worker, as it is."""
    port = port_free()
    command = [
        str(python / "mlflow"),
        "models",
        "serve",
        "-m",
        str(model),
        "-p",
        str(port),
        "--env-manager",
        "local",
    ]
    path = {"PATH": f"{python}{os.pathsep}{os.environ['PATH']}"}
    with _running(Process(command, log, path)) as process:
        process.wait(f"http://127.0.0.1:{port}/ping", {})
        yield port, process


@contextmanager
def mlserver(python: Path, model: Path, log: Path, **batching: float) -> Iterator[tuple[int, Process]]:
    """MLServer with its runtime for MLflow, in one process. `batching` are its settings of that."""
    folder = log.parent / log.stem
    folder.mkdir()
    ports = [port_free() for _ in range(3)]
    names = ("http_port", "grpc_port", "metrics_port")
    settings = {
        **dict(zip(names, ports, strict=True)),
        "parallel_workers": 0,
        "host": "127.0.0.1",
        "debug": False,
    }
    (folder / "settings.json").write_text(json.dumps(settings))
    one = {
        "name": "model",
        "implementation": "mlserver_mlflow.MLflowRuntime",
        "parameters": {"uri": str(model)},
        **batching,
    }
    (folder / "model-settings.json").write_text(json.dumps(one))
    with _running(Process([str(python / "mlserver"), "start", str(folder)], log, {})) as process:
        process.wait(f"http://127.0.0.1:{ports[0]}/v2/models/model/ready", {})
        yield ports[0], process


@contextmanager
def gateway(database: str, redis: str, log: Path) -> Iterator[tuple[int, Process]]:
    """The gateway in front of the endpoints of a database."""
    port = port_free()
    env = {"DATABASE_URL": database, "REDIS_URL": redis, "DJANGO_SETTINGS_MODULE": "portal.settings.test",
           "PYTHONPATH": str(ROOT)}  # fmt: skip
    command = [sys.executable, "-m", "portal.gateway", "--port", str(port), "--stop-seconds", "2"]
    with _running(Process(command, log, env)) as process:
        process.wait(f"http://127.0.0.1:{port}/ready", {})
        yield port, process


@contextmanager
def _running(process: Process) -> Iterator[Process]:
    try:
        yield process
    finally:
        process.stop()
