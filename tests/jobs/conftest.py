"""Job kinds for tests, and the live servers of the process tests."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from jobs.registry import JOB_KINDS
from portal.kernel import sql
from tests.jobs.commands import shell, step
from tests.jobs.live import Live, database
from tests.template import template_ready

__all__ = ["shell", "step"]

_BEFORE = dict(JOB_KINDS)
from tests.jobs.faults import handlers  # noqa: E402 - declares kinds, which only these tests shall see

_FAULTS = {name: kind for name, kind in JOB_KINDS.items() if name not in _BEFORE}
for _name in _FAULTS:
    del JOB_KINDS[_name]


@pytest.fixture(autouse=True)
def fault_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, kind in _FAULTS.items():
        monkeypatch.setitem(JOB_KINDS, name, kind)


@pytest.fixture
def effect_table(db: None) -> None:
    """Where the effects of fault kinds are counted; gone with the transaction of the test."""
    sql.execute(handlers.EFFECT_TABLE)


@pytest.fixture(scope="package")
def live_servers(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    """A database of their own, a broker, and two sweepers. These never rest, so they end with the folder."""
    name = f"{connection.settings_dict['NAME']}_jobs_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}"
    live = Live(tmp_path_factory.mktemp("jobs"), name)
    with django_db_blocker.unblock():
        with database("postgres"):
            sql.execute(f'DROP DATABASE IF EXISTS "{live.name}" WITH (FORCE)')
            sql.execute(
                f'CREATE DATABASE "{live.name}" TEMPLATE {template_ready(os.environ["DATABASE_URL"])}'
            )
        with database(live.name):
            sql.execute(handlers.EFFECT_TABLE)
    live.broker_start()
    live.sweeper_start()
    live.sweeper_start()
    yield live
    live.stop()
    with django_db_blocker.unblock(), database("postgres"):
        sql.execute(f'DROP DATABASE IF EXISTS "{live.name}" WITH (FORCE)')


@pytest.fixture
def live(live_servers: Live, django_db_blocker: Any, settings: Any, tmp_path: Path) -> Iterator[Live]:
    """The live servers, with this process committing into their database."""
    settings.REDIS_URL = live_servers.broker.url
    settings.ARTIFACT_ROOT = str(live_servers.folder / "artifacts")
    with django_db_blocker.unblock(), database(live_servers.name):
        yield live_servers
