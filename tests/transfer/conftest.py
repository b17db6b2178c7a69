"""One stock server, filled once, that the tests of a process read from."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

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
