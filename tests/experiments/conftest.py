"""Callers of the tracking protocol, by the names of the people, and a run to work on."""

from collections.abc import Callable

import pytest

from experiments.artifacts.locations import run_location
from experiments.models import Experiment, Run
from portal.accounts.models import User
from portal.kernel.ids import uuid7
from tests.experiments.tracking import Client


@pytest.fixture
def caller(request: pytest.FixtureRequest, token_for: Callable[..., str]) -> Callable[..., Client]:
    """The client of a person; `ann-reads` is ann with a token that may only read."""
    known: dict[str, Client] = {}

    def make(name: str) -> Client:
        if name not in known:
            username, _, reads = name.partition("-")
            user: User = request.getfixturevalue(username)
            known[name] = Client(token_for(user, scope="read" if reads else "write"))
        return known[name]

    return make


@pytest.fixture
def new_run(experiment: Experiment) -> Callable[..., Run]:
    """Makes a run directly."""

    def make(**fields: object) -> Run:
        run_id = uuid7()
        values: dict[str, object] = {
            "name": "first", "status": "RUNNING", "start_time": 1_000,
            "artifact_uri": run_location(experiment.workspace_id, experiment.pk, run_id), **fields,
        }  # fmt: skip
        return Run.objects.create(id=run_id, experiment=experiment, workspace=experiment.workspace, **values)

    return make


@pytest.fixture
def run(new_run: Callable[..., Run]) -> Run:
    return new_run()
