"""Fixtures of the live portal; `conftest.py` makes them known to all tests below it."""

import os
from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.kept import environments_share
from tests.live.portal import Portal


def _base_url() -> str:
    database = settings.DATABASES["default"]
    return f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"


@pytest.fixture(scope="session")
def live_url() -> str:
    """The start of the address of databases that belong to this test process alone."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return f"{_base_url()}/{settings.DATABASES['default']['NAME']}_{worker}"


@pytest.fixture(scope="session")
def portal_server(live_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One portal for all live tests of a process."""
    folder = tmp_path_factory.mktemp("portal")
    environments_share(folder / "data" / "jobs")
    portal = Portal(f"{live_url}_live", settings.REDIS_URL, folder)
    yield portal
    portal.close()
