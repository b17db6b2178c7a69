"""Both servers, started once for all sequences."""

from collections.abc import Iterator

import pytest

from tests.live.portal import Portal
from tests.live.stock import Stock


@pytest.fixture(scope="session")
def stock(live_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stock]:
    """The stock server; a database of its own, emptied."""
    server = Stock(f"{live_url}_stock", tmp_path_factory.mktemp("stock"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def portal(portal_server: Portal) -> Portal:
    return portal_server
