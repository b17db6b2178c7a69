"""PostgreSQL and Valkey for a benchmark on a machine that has none: durable, as in production."""

from collections.abc import Iterator
from contextlib import contextmanager

from portal.embedded.ports import port_free
from portal.embedded.postgres import Postgres
from tests.servers import PASSWORD, TestServers

# What the reference measurements had: the working set in memory, every commit on disk.
_SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "4GB"}


class _Servers(TestServers):
    def postgres(self) -> str:
        server = Postgres(
            self.folder / "postgres",
            self.folder / "postgres.log",
            port_free(),
            PASSWORD,
            _SETTINGS,
            is_superuser=True,
        )
        return self._start(server, server.url())


@contextmanager
def addresses(database: str | None, redis: str | None) -> Iterator[tuple[str, str]]:
    """The addresses to use: those given, else of servers that live as long as the block."""
    servers = _Servers()
    try:
        yield database or servers.postgres(), redis or servers.valkey()
    finally:
        servers.stop()
