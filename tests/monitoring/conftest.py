"""An endpoint that serves, with training data that is known and a log of what it was asked."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db import transaction

from deployments.models import Endpoint, Revision
from deployments.split import split_move
from experiments.models import DataAsset, Dataset, DatasetProfile, DatasetVersion, Run, RunInput
from monitoring.models import Monitor
from monitoring.services.monitors import monitor_create
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from registry.models import ModelVersion
from tests.api.conftest import api, own_throttle
from tests.deployments.conftest import endpoint_of, versions
from tests.experiments.conftest import caller, new_run, run
from tests.monitoring.records import records_write
from tests.registry.conftest import store, version_of

__all__ = [
    "api",
    "caller",
    "endpoint_of",
    "new_run",
    "own_throttle",
    "run",
    "store",
    "version_of",
    "versions",
]
PROFILE: dict[str, Any] = {
    "rows": 1000,
    "columns": [
        {"name": "age", "type": "int64", "missing": 0, "unique": 40, "min": 20.0, "max": 60.0, "mean": 40.0,
         "std": 11.5, "histogram": {"edges": [20.0, 30.0, 40.0, 50.0, 60.0], "counts": [250, 250, 250, 250]}},
        {"name": "city", "type": "string", "missing": 0, "unique": 2, "others": 0,
         "top": [{"value": "Bonn", "count": 500}, {"value": "Kiel", "count": 500}]},
        {"name": "label", "type": "int64", "missing": 0, "unique": 2, "min": 0.0, "max": 1.0, "mean": 0.5, "std": 0.5,
         "histogram": {"edges": [0.0, 0.5, 1.0], "counts": [500, 500]}},
    ],
}  # fmt: skip


@pytest.fixture
def scores(endpoint_of: Callable[..., Endpoint], versions: list[Any], run: Run, cora: Any) -> Endpoint:
    """An endpoint with two revisions, of which the second has all traffic; their run read a dataset with a profile."""
    endpoint, moment = endpoint_of(), now()
    for number, version in enumerate(versions, 1):
        Revision.objects.create(
            endpoint=endpoint, number=number, version=version, digest=version.digest, made_by="user:1",
            settings={"resources": {"replicas": 2, "cpus": 1, "memory_mb": 2048}}, created_at=moment,
            observed_state="ready", ready_at=moment - dt.timedelta(hours=2),
        )  # fmt: skip
    for number in (1, 2):
        with transaction.atomic():
            split_move(
                Actor.of_user(cora), Endpoint.objects.get(pk=endpoint.pk), {number: 100}, reason="test"
            )
    ModelVersion.objects.filter(pk=versions[1].pk).update(run=run)
    _trained_on(endpoint, run)
    return Endpoint.objects.get(pk=endpoint.pk)


def _trained_on(endpoint: Endpoint, run: Run) -> None:
    asset = DataAsset.objects.create(workspace=endpoint.workspace, name="applicants", created_at=now())
    made = DatasetVersion.objects.create(
        workspace=endpoint.workspace,
        asset=asset,
        number=1,
        digest="ab" * 32,
        source_uri="s3://x",
        created_at=now(),
    )
    DatasetProfile.objects.create(version=made, workspace=endpoint.workspace, body=PROFILE, made_at=now())
    read = Dataset.objects.create(
        workspace=endpoint.workspace, experiment=run.experiment, name="applicants", digest=made.logged_digest,
        source_type="portal", source="{}",
    )  # fmt: skip
    RunInput.objects.create(run=run, dataset=read, context="training")


@pytest.fixture
def logged(scores: Endpoint) -> Callable[..., list[str]]:
    """`logged(rows, said)` writes a request of one row for each, as a gateway does; their ids."""

    def write(
        rows: Iterable[dict[str, Any]],
        said: Callable[[dict[str, Any]], Any] = lambda row: 1,
        at: dt.datetime | None = None,
        revision: Any = None,
    ) -> list[str]:
        return records_write(scores, rows, said, at or now() - dt.timedelta(minutes=1), revision)

    return write


@pytest.fixture
def monitor_of(scores: Endpoint, cora: Any) -> Callable[..., Monitor]:
    """`monitor_of("data_drift", settings)` is a monitor of cora's."""

    def make(kind: str, settings: dict[str, Any] | None = None, **more: Any) -> Monitor:
        given = {"name": kind.replace("_", " "), "every_seconds": 60, **more}
        return monitor_create(
            actor=Actor.of_user(cora), endpoint=scores, kind=kind, settings=settings or {}, **given
        )

    return make
