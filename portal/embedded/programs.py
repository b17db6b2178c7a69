"""The portal's own processes as services: web, events, gateway, workers, scheduler, sequencer, serving node."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from portal.embedded import processes
from portal.embedded.data_dir import DataDir
from portal.embedded.ports import LOOPBACK
from portal.embedded.secret_files import model_signing_key_kept
from portal.embedded.servers import answers_http, port_kept
from portal.embedded.supervisor import Service

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Programs:
    """What is started, with which environment."""

    data: DataDir
    port: int
    database_url: str
    redis_url: str
    env: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.data.secret("secret_key")
        self.events_port = port_kept(self.data.root / "events.port")
        self.gateway_port = port_kept(self.data.root / "gateway.port")
        ours = {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "DATA_DIR": str(self.data.root),
            "PORT": str(self.port),
            "BIND": f"{LOOPBACK}:{self.port}",
            "WEB_GRACEFUL_SECONDS": "1",
            "PYTHONUNBUFFERED": "1",
        }
        defaults = {
            "DJANGO_SETTINGS_MODULE": "portal.settings.dev",
            "PORTAL_URL": self.url,
            "EVENTS_URL": f"http://{LOOPBACK}:{self.events_port}",
            "SERVING_URL": f"http://{LOOPBACK}:{self.gateway_port}",
            "ARTIFACT_ROOT": str(self.data.root / "artifacts"),
        }
        signing_key = model_signing_key_kept(self.data.secret_path("model_signing_key"))
        defaults["MODEL_SIGNING_KEY_FILE"] = str(signing_key)
        if "SECRET_KEY" not in os.environ:
            defaults["SECRET_KEY_FILE"] = str(self.data.secret_path("secret_key"))
        self.env = {**defaults, **os.environ, **ours}

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def services(self) -> list[Service]:
        """In the order of their start; only those whose program is there."""
        found = [self._service("web", "gunicorn", "-c", "portal/gunicorn.py", "portal.wsgi:application")]
        found[0].is_ready = lambda: answers_http(self.port, "/health")
        if (ROOT / "portal" / "asgi.py").exists():
            address = ["--host", LOOPBACK, "--port", str(self.events_port)]
            quiet = ["--no-access-log", "--timeout-graceful-shutdown", "1"]
            found.append(self._service("events", "uvicorn", "portal.asgi:application", *address, *quiet))
        if (ROOT / "portal" / "gateway.py").exists():
            address = ["--host", LOOPBACK, "--port", str(self.gateway_port), "--stop-seconds", "1"]
            found.append(self._service("gateway", "portal.gateway", *address))
        if (ROOT / "portal" / "celery.py").exists():
            found.append(self._worker("worker", queues="*", slots=2))
            # The portal's own short work never waits for what people run.
            found.append(self._worker("worker-system", queues="system", slots=1))
        if any(ROOT.glob("*/management/commands/scheduler.py")):
            found.append(self._start("scheduler", [sys.executable, "manage.py", "scheduler"]))
        found.append(self._start("sequencer", [sys.executable, "manage.py", "audit_sequencer"]))
        found.append(self._start("serving-node", [sys.executable, "manage.py", "serving_node"]))
        return found

    def _worker(self, name: str, *, queues: str, slots: int) -> Service:
        lean = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--hostname", f"{name}@%h"]
        command = [
            "celery",
            "-A",
            "portal.celery",
            "worker",
            "-l",
            "INFO",
            "--concurrency",
            str(slots),
            *lean,
        ]
        return self._start(name, [sys.executable, "-m", *command], JOB_QUEUES=queues, JOB_GRACE_SECONDS="5")

    def _service(self, name: str, module: str, *arguments: str) -> Service:
        return self._start(name, [sys.executable, "-m", module, *arguments])

    def _start(self, name: str, command: Sequence[str], **env: str) -> Service:
        log = self.data.log(name)

        def launch() -> subprocess.Popen[bytes]:
            return processes.start(command, log=log, env={**self.env, **env}, cwd=ROOT)

        return Service(name, launch, log)


def client_environment(env: Mapping[str, str], *, url: str, token: str) -> dict[str, str]:
    """What a training script gets: the address and a token, and nothing of the portal's own."""
    secrets = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_", "OIDC_", "MLFLOW_", "AWS_")
    kept = {name: value for name, value in env.items() if not name.startswith(secrets)}
    return {**kept, "MLFLOW_TRACKING_URI": url, "MLFLOW_TRACKING_TOKEN": token}
