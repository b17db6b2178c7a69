"""Servers and versions for tests with real processes: a database, a broker, a scheduler and a worker of their own."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from experiments.models import Experiment
from portal.accounts.models import Membership, User, Workspace
from portal.kernel import sql
from registry.models import ModelVersion
from tests.deployments.living import Serving
from tests.deployments.models import sklearn_save
from tests.jobs.live import database
from tests.registry.versions import version_make
from tests.template import template_ready
from tests.training.ray_cluster import CACHE


@pytest.fixture(scope="module")
def serving_environment() -> dict[str, str]:
    """Variables that a module's servers get besides the usual ones."""
    return {}


@pytest.fixture(scope="module")
def serving_servers(
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
    serving_environment: dict[str, str],
) -> Iterator[Serving]:
    """A database, a broker, a scheduler and a worker; who wants a node starts it. Environments are kept."""
    name = f"{connection.settings_dict['NAME']}_serving_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}"
    serving = Serving(tmp_path_factory.mktemp("serving"), name, extra=serving_environment)
    jobs = serving.folder / "jobs"
    jobs.mkdir()
    (CACHE / "environments").mkdir(parents=True, exist_ok=True)
    (jobs / "environments").symlink_to(CACHE / "environments")
    with django_db_blocker.unblock(), database("postgres"):
        sql.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        sql.execute(f'CREATE DATABASE "{name}" TEMPLATE {template_ready(os.environ["DATABASE_URL"])}')
    serving.broker_start()
    mine = {
        "REDIS_URL": serving.broker.url, "ARTIFACT_ROOT": str(serving.folder / "artifacts"), "JOBS_DIR": str(jobs),
    }  # fmt: skip
    with override_settings(**mine):
        serving.sweeper_start()
        serving.worker_start()
        yield serving
        serving.stop()
    with django_db_blocker.unblock(), database("postgres"):
        sql.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def serving(serving_servers: Serving, django_db_blocker: Any) -> Iterator[Serving]:
    with django_db_blocker.unblock(), database(serving_servers.name):
        yield serving_servers


@pytest.fixture
def cora(serving: Serving) -> User:
    workspace, _ = Workspace.objects.get_or_create(name="credit")
    user, _ = User.objects.get_or_create(username="cora")
    Membership.objects.get_or_create(user=user, workspace=workspace, defaults={"role": "maintainer"})
    return user


@pytest.fixture(scope="module")
def model_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = sklearn_save(tmp_path_factory.mktemp("model") / "model")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def version_of(serving: Serving, cora: User, model_files: dict[str, bytes]) -> Any:
    """`version_of(extra=b"…")` is a READY version of `fraud` whose model answers; `extra` makes its files others."""

    def make(extra: bytes = b"", **changed: bytes) -> ModelVersion:
        experiment, _ = Experiment.objects.get_or_create(
            workspace=Workspace.objects.get(name="credit"), name="scoring",
            defaults={"artifact_location": "mlflow-artifacts:/credit/scoring", "lifecycle_stage": "active",
                      "creation_time": 1, "last_update_time": 1},
        )  # fmt: skip
        number = ModelVersion.objects.count() + 1
        return version_make(
            experiment, {**model_files, "note.txt": extra or bytes([number]), **changed}, number=number
        )

    return make
