"""The client as a person uses it: an address and a token in the environment, nothing else."""

from collections.abc import Callable, Iterator

import mlflow
import pytest
from mlflow.tracking import fluent

from tests.live.portal import Portal

Login = Callable[..., None]


@pytest.fixture
def portal(portal_server: Portal) -> Portal:
    return portal_server


@pytest.fixture
def login(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> Iterator[Login]:
    """Makes the client act for a person; whatever a test leaves open or switched on is undone after it."""
    for name, value in {
        "HTTP_REQUEST_MAX_RETRIES": "1",
        "HTTP_REQUEST_TIMEOUT": "60",
        "DISABLE_TELEMETRY": "true",
    }.items():
        monkeypatch.setenv(f"MLFLOW_{name}", value)

    def act_as(person: str, workspace: str | None = None) -> None:
        monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", portal.token(person))
        mlflow.set_tracking_uri(portal.uri)
        mlflow.set_workspace(workspace)

    yield act_as
    while mlflow.active_run():
        mlflow.end_run()
    mlflow.autolog(disable=True, silent=True)
    mlflow.set_workspace(None)
    fluent._active_experiment_id = None


@pytest.fixture
def ann(login: Login, request: pytest.FixtureRequest) -> str:
    """Ann, in an experiment named after the test; its name."""
    login("ann")
    name = f"client/{request.node.name}"
    mlflow.set_experiment(name)
    return name
