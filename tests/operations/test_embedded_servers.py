"""The embedded PostgreSQL and Valkey: what they promise, and how they recover."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from portal.embedded import processes
from portal.embedded.data_dir import DataDir
from portal.embedded.errors import StartRefused
from portal.embedded.ports import port_free
from portal.embedded.postgres import NOT_DURABLE, Postgres
from portal.embedded.valkey import Valkey

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a-password-of-the-tests"
PREPARE = f"""
import pathlib, sys
from portal.embedded.postgres import Postgres
folder = pathlib.Path(sys.argv[1])
Postgres(folder / "postgres", folder / "postgres.log", 1, {PASSWORD!r}).prepare()
"""


class Servers:
    """Starts servers in a folder and ends what is left of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[bytes]] = []

    def postgres(self) -> Postgres:
        return Postgres(
            self.folder / "postgres", self.folder / "postgres.log", port_free(), PASSWORD, NOT_DURABLE
        )

    def run(self, server: Postgres | Valkey) -> subprocess.Popen[bytes]:
        process = server.start()
        self.started.append(process)
        assert processes.wait_until(server.is_ready, seconds=60), processes.tail(server.log)
        return process

    def end(self, process: subprocess.Popen[bytes], number: int = signal.SIGINT) -> None:
        process.send_signal(number)
        process.wait(30)


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    made = Servers(tmp_path)
    yield made
    for process in made.started:
        if process.poll() is None:
            made.end(process)


def value(server: Postgres, query: str) -> object:
    with psycopg.connect(server.url()) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[arg-type]
        return row[0] if row else None


def test_postgres_keeps_its_data_and_asks_for_the_password(servers: Servers) -> None:
    server = servers.postgres()
    server.prepare()
    process = servers.run(server)
    assert (
        value(server, "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'portal'")
        == "bC.UTF-8"
    )
    assert value(server, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert value(server, "SHOW listen_addresses") == "127.0.0.1"
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url().replace(PASSWORD, "wrong"))
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    servers.end(process)

    again = servers.postgres()
    again.prepare()
    servers.run(again)
    assert value(again, "SELECT number FROM kept") == 7


def test_a_crash_during_initdb_is_recovered(servers: Servers) -> None:
    half = servers.folder / "postgres.new"
    (half / "base").mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    server = servers.postgres()
    server.prepare()
    servers.run(server)
    assert not half.exists()


def test_a_start_that_is_killed_during_initdb_is_recovered(servers: Servers) -> None:
    starter = subprocess.Popen([sys.executable, "-c", PREPARE, str(servers.folder)], cwd=ROOT)
    assert processes.wait_until(lambda: any(servers.folder.glob("postgres.new*/base")), seconds=60)
    starter.kill()
    starter.wait()
    assert not (servers.folder / "postgres").exists()
    server = servers.postgres()
    server.prepare()
    servers.run(server)
    assert value(server, "SELECT 7") == 7


def test_files_of_somebody_else_are_left_alone(servers: Servers) -> None:
    foreign = servers.folder / "postgres" / "thesis.tex"
    foreign.parent.mkdir()
    foreign.write_text("years of work")
    with pytest.raises(StartRefused, match="holds files but no PostgreSQL data"):
        servers.postgres().prepare()
    assert foreign.read_text() == "years of work"


def test_a_server_whose_supervisor_died_is_stopped_first(servers: Servers) -> None:
    first = servers.postgres()
    first.prepare()
    left_behind = servers.run(first)
    second = servers.postgres()
    second.prepare()
    assert left_behind.wait(30) == 0
    servers.run(second)


def test_a_stale_pid_file_that_names_another_program_harms_nobody(servers: Servers) -> None:
    server = servers.postgres()
    server.prepare()
    (server.folder / "postmaster.pid").write_text(f"{os.getpid()}\n")
    server.stop_stale()  # would end this very process
    assert os.getpid()


def test_no_password_file_of_initdb_stays(servers: Servers) -> None:
    servers.postgres().prepare()
    found = subprocess.run(
        ["grep", "-rlF", PASSWORD, str(servers.folder)], capture_output=True, text=True, check=False
    )
    assert found.stdout == ""


def test_valkey_keeps_its_data_and_asks_for_the_password(servers: Servers) -> None:
    def server() -> Valkey:
        made = Valkey(servers.folder / "valkey", servers.folder / "valkey.log", port_free(), PASSWORD)
        made.prepare()
        return made

    first = server()
    process = servers.run(first)
    with redis.Redis.from_url(first.url) as client:
        client.set("kept", "7")
    with (
        redis.Redis.from_url(first.url.replace(PASSWORD, "wrong")) as stranger,
        pytest.raises(redis.RedisError),
    ):
        stranger.get("kept")
    assert PASSWORD not in processes.Identity(process.pid, "").command
    servers.end(process, signal.SIGKILL)
    second = server()
    servers.run(second)
    with redis.Redis.from_url(second.url) as client:
        assert client.get("kept") == b"7"


def test_secrets_are_random_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    data = DataDir(tmp_path / "data")
    secret = data.secret("postgres")
    path = data.secret_path("postgres")
    assert data.secret("postgres") == secret
    assert secret != DataDir(tmp_path / "other").secret("postgres")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_superuser_of_older_data_gets_a_password_of_its_own(servers: Servers) -> None:
    server = servers.postgres()
    server.prepare()
    servers.run(server)
    psycopg.connect(server.admin_url()).close()  # as it was: the one of the portal
    server.admin_password = "another-password-of-the-tests"
    for _ in range(2):
        server.admin_settle()
        psycopg.connect(server.admin_url()).close()
        psycopg.connect(server.url()).close()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.admin_url().replace(server.admin_password, PASSWORD))
