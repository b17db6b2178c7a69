"""The embedded data servers as services of the supervisor, on ports that stay the same from start to start."""

import signal
import urllib.error
import urllib.request
from pathlib import Path

from portal.embedded.data_dir import DataDir
from portal.embedded.ports import LOOPBACK, port_free, port_is_taken
from portal.embedded.postgres import Postgres
from portal.embedded.secret_files import secret_write
from portal.embedded.supervisor import Service
from portal.embedded.valkey import Valkey

ADMIN_URL = "postgres_admin_url"


def postgres_service(data: DataDir) -> tuple[str, Service]:
    """The address of PostgreSQL, and the service; its data directory is made or recovered here."""
    port_file = data.root / "postgres.port"
    server = Postgres(
        data.root / "postgres", data.log("postgres"), 0, data.secret("postgres"),
        admin_password=data.secret("postgres_admin"),
    )  # fmt: skip
    server.prepare()
    server.port = port_kept(port_file)
    secret_write(data.secret_path(ADMIN_URL), server.admin_url())

    def is_ready() -> bool:
        if not server.is_ready():
            return False
        server.admin_settle()
        return True

    service = Service(
        "postgres", server.start, server.log, is_ready, is_server=True,
        stop_signal=signal.SIGINT, force_signal=signal.SIGQUIT,
    )  # fmt: skip
    return server.url(), service


def valkey_service(data: DataDir) -> tuple[str, Service]:
    """The address of Valkey, and the service."""
    port = port_kept(data.root / "valkey.port")
    server = Valkey(data.root / "valkey", data.log("valkey"), port, data.secret("valkey"))
    server.prepare()
    return server.url, Service("valkey", server.start, server.log, server.is_ready, is_server=True)


def port_kept(path: Path) -> int:
    """The port of the last start where it is still free, otherwise another one."""
    try:
        port = int(path.read_text())
    except (OSError, ValueError):
        port = port_free()
    if port_is_taken(port):
        port = port_free()
    path.write_text(f"{port}\n")
    return port


def answers_http(port: int, path: str) -> bool:
    """Whether a web server on this machine answers 200."""
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}{path}", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
