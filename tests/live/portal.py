"""The portal as it is deployed: gunicorn with its own configuration, on a database of its own."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from portal.embedded import processes
from portal.embedded.secret_files import model_signing_key_kept
from tests.live.databases import database_drop
from tests.live.processes import Server, free_port
from tests.live.wire import Wire
from tests.template import copy_make

ROOT = Path(__file__).resolve().parents[2]


class Portal:
    """A running portal with people in it (see `people.py`)."""

    def __init__(
        self, url: str, redis_url: str, folder: Path, *, settings: str = "portal.settings.test",
        keep_database: bool = False,
    ) -> None:  # fmt: skip
        self.url = url
        self.folder = folder
        self.keep_database = keep_database
        self.port = free_port()
        self.env = self._env(redis_url, settings)
        copy_make(url)
        self.tokens: dict[str, str] = json.loads(self.run("-m", "tests.live.people").splitlines()[-1])
        self.server = Server(
            [sys.executable, "-m", "gunicorn", "-c", "portal/gunicorn.py", "portal.wsgi:application"],
            port=self.port, log=folder / "portal.log", env=self.env, cwd=ROOT, health="/health",
        )  # fmt: skip
        self.server.wait_until_up()

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def token(self, person: str) -> str:
        return self.tokens[person]

    def wire(self, person: str) -> Wire:
        """A connection that sends a person's token."""
        return Wire(self.port, token=self.token(person))

    def run(self, *arguments: str) -> str:
        """The output of a Python program in the portal's environment."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{arguments} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def commands(self, *commands: Sequence[str]) -> list[str]:
        """What each of these management commands says, in turn."""
        said: list[str] = json.loads(
            self.run("-m", "tests.live.commands", json.dumps(commands)).splitlines()[-1]
        )
        return said

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """While this is open, a worker does the jobs that calls ask for, as `make run` has one."""
        command = (
            "-m celery -A portal worker -c 1 --without-gossip --without-mingle --without-heartbeat -l warning"
        )
        process = processes.start(
            [sys.executable, *command.split()], log=self.folder / "worker.log", env=self.env, cwd=ROOT
        )
        try:
            yield process
        finally:
            processes.signal_group(process.pid, signal.SIGKILL)
            process.wait(10)

    def close(self) -> None:
        self.server.stop()
        if not self.keep_database:
            database_drop(self.url)

    def _env(self, redis_url: str, settings: str) -> dict[str, str]:
        ours = ("MLFLOW_", "PYTEST_", "DJANGO_")
        env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return env | {
            "DATABASE_URL": self.url,
            "REDIS_URL": _own_broker(redis_url),
            "DATA_DIR": str(self.folder / "data"),
            "ARTIFACT_ROOT": str(self.folder / "artifacts"),
            "STATIC_ROOT": str(self.folder / "static"),
            "SECRET_KEY": "only-for-tests-" + "0" * 40,
            "MODEL_SIGNING_KEY_FILE": str(model_signing_key_kept(self.folder / "model_signing_key")),
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "PORTAL_URL": self.uri,
            "PORT": str(self.port),
            # Packages of trainings are downloaded once on this machine; repositories of tests are folders.
            "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(Path.home() / ".cache" / "uv")),
            "TRAINING_GIT_PROTOCOLS": "https,ssh,git,file",
            # Clusters that the tests of executors start there; nobody answers before.
            "RAY_ADDRESS": f"http://127.0.0.1:{free_port()}",
            "KUBERNETES_CONFIG": str(self.folder / "kubeconfig"),
            "KUBERNETES_IMAGE": "python:3.11",
            "EXECUTORS_PATIENCE_SECONDS": "4",
            "DJANGO_SETTINGS_MODULE": settings,
        }


def _own_broker(url: str) -> str:
    """A numbered database of the broker for this test process: no other one's worker hears of its jobs."""
    number = re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or "0"
    return re.sub(r"/\d+\Z", "", url.rstrip("/")) + f"/{1 + int(number) % 15}"
