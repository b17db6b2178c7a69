"""A PostgreSQL whose disk is really full: a small file system of its own, with jobs in flight and people who ask.

Data files that cannot grow answer 53100; a log that cannot grow takes the server down. Both end as if nothing had been
once there is room again.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client
from psycopg.errors import DiskFull

from jobs import bell
from jobs.models import JobRun
from portal.accounts.models import ApiToken, Membership, User, Workspace
from portal.accounts.tokens import secret_make
from portal.kernel.clock import now
from tests.jobs.fault_servers import FaultServers, ask
from tests.jobs.live import effects, ended, processes_of, running, until
from tests.jobs.small_disk import SmallDisk
from training.models import Pipeline

pytestmark = pytest.mark.slow
SMALL = {"max_wal_size": "32MB", "min_wal_size": "32MB", "shared_buffers": "16MB"}
PIPELINE = {
    "experiment": "nightly",
    "steps": {"a": {"job": {"code": {"bundled": "parabola"}, "command": "python train.py"}}},
}


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDisk]:
    folder = tmp_path_factory.mktemp("full")
    for each in (folder, folder.parent, folder.parent.parent):
        each.chmod(0o711)
    with SmallDisk.mounted(folder / "disk", "250m") as disk:
        yield disk


@pytest.fixture(scope="module")
def servers(disk: SmallDisk, django_db_blocker: Any) -> Iterator[FaultServers]:
    made = FaultServers(disk.path, **SMALL)
    try:
        made.postgres_start()
        made.broker_start()
        with django_db_blocker.unblock():
            made.tables_make()
        made.sweeper_start()
        made.worker_start()
        yield made
    finally:
        made.stop()


@pytest.fixture
def faults(servers: FaultServers, django_db_blocker: Any, settings: Any) -> Iterator[FaultServers]:
    settings.REDIS_URL = servers.broker.url
    bell._silence.end()
    with django_db_blocker.unblock(), servers.connected():
        yield servers


@pytest.fixture
def client(faults: FaultServers) -> Client:
    """A contributor with a token, made while there is room."""
    workspace = Workspace.objects.create(name="credit")
    user = User.objects.create(username="cora", name="Cora")
    Membership.objects.create(user=user, workspace=workspace, role="contributor")
    secret = secret_make()
    ApiToken.objects.create(
        user=user, name="test", scope="write", prefix=secret.prefix, digest=secret.digest,
        expires_at=now() + timedelta(days=1),
    )  # fmt: skip
    return Client(headers={"Authorization": f"Bearer {secret.plain}"}, raise_request_exception=False)


def save(client: Client) -> Any:
    given = {"workspace": "credit", "name": "nightly", "document": PIPELINE}
    return client.post("/api/v1/pipelines", given, content_type="application/json")


def in_flight() -> list[JobRun]:
    """Jobs that run, and one that waits for a process of the worker."""
    runs = [
        ask("faults.slow", seconds=4),
        ask("faults.command", script="sleep 3; echo ran", later="echo ran"),
    ]
    for run in runs:
        running(run)
    return [*runs, ask("faults.slow", seconds=0)]


def each_ended_once(runs: list[JobRun]) -> None:
    for run in runs:
        assert (ended(run).state, len(effects(run))) == ("done", 1)
        assert processes_of(run) == []


def test_a_disk_without_room_refuses_what_is_new_in_words_and_loses_nothing(
    faults: FaultServers, disk: SmallDisk, client: Client
) -> None:
    runs = in_flight()
    disk.fill()
    with psycopg.connect(faults.postgres.url(), autocommit=True) as own, pytest.raises(DiskFull) as full:
        own.execute("CREATE TABLE growing AS SELECT repeat('x', 500) FROM generate_series(1, 100000)")
    assert full.value.sqlstate == "53100"
    answer = save(client)
    assert (answer.status_code, answer.json()["code"]) == (503, "database_full"), answer.content
    assert "no room left on its disk, so nothing was changed" in answer.json()["detail"]
    assert client.get("/api/v1/pipelines").json()["items"] == []
    disk.free()
    each_ended_once(runs)
    assert save(client).status_code == 201
    assert Pipeline.objects.count() == 1


def test_a_log_of_the_database_without_room_stops_it_and_costs_no_job(
    faults: FaultServers, disk: SmallDisk
) -> None:
    runs = in_flight()
    disk.fill()
    statement = "SELECT pg_logical_emit_message(false, 'full', repeat('x', 1000000))"
    with psycopg.connect(faults.postgres.url(), autocommit=True) as own:
        with pytest.raises(psycopg.OperationalError):  # noqa: PT012 - how many it takes is the server's affair
            for _ in range(200):
                own.execute(statement)
        assert own.closed, "the server went down"
    disk.free()
    connection.close()
    faults.postgres_again()
    each_ended_once(runs)
    later = ask("faults.slow", seconds=0)
    until(later, lambda found: found.state == "done")
