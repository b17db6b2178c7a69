"""A sweep of cora's in the workspace `credit`."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.accounts.actor import Actor
from portal.accounts.models import User, Workspace
from tests.training.sweeps.play import settle, sweep_spec
from training.models import Sweep
from training.services.sweeps import sweep_start


@pytest.fixture
def started(workspace: Workspace, cora: User) -> Callable[..., Sweep]:
    """`started(sampler=…)` begins a sweep, and its first trials."""

    def start(**given: Any) -> Sweep:
        sweep = sweep_start(actor=Actor.of_user(cora), workspace=workspace, spec=sweep_spec(**given))
        settle()
        return Sweep.objects.get(pk=sweep.pk)

    return start
