"""One stock server, filled once, that the tests of a process read from; and workers that import for real."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from tests.jobs.live import Live
from tests.transfer.stock import SqliteStock, fill


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStock]:
    server = SqliteStock(tmp_path_factory.mktemp("stock"))
    try:
        server.ready()
        server.made = fill(server.uri, server.folder / "files")  # type: ignore[attr-defined]
        yield server
    finally:
        server.close()


@pytest.fixture
def made(stock: SqliteStock) -> SimpleNamespace:
    """The ids of what the server holds."""
    return stock.made  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def live(
    transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Live]:
    """A broker and a sweeper, and workers that a test starts, on the database of the tests."""
    folder = tmp_path / "live"
    folder.mkdir()
    monkeypatch.setenv("DATA_DIR", str(folder / "data"))
    monkeypatch.setenv("JOBS_SECRETS_KEY_FILE", str(folder / "secrets.key"))
    (folder / "secrets.key").write_bytes(Fernet.generate_key())
    live = Live(folder, connection.settings_dict["NAME"])
    settings.JOBS_SECRETS_KEY_FILE = str(folder / "secrets.key")
    settings.REDIS_URL, settings.ARTIFACT_ROOT = live.broker.url, str(folder / "artifacts")
    live.broker_start()
    live.sweeper_start()
    yield live
    live.stop()
