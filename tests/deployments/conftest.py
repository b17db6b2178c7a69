"""Endpoints and versions for the tests of deployments."""

from collections.abc import Callable
from typing import Any

import pytest

from deployments.models import Endpoint
from deployments.services.endpoints import endpoint_create
from portal.accounts.actor import Actor
from portal.accounts.models import User, Workspace
from registry.models import ModelVersion
from tests.registry.conftest import store, version_of

__all__ = ["store", "version_of"]


@pytest.fixture
def endpoint_of(workspace: Workspace, cora: User) -> Callable[..., Endpoint]:
    """`endpoint_of("scores", "dev")` is an endpoint that cora made."""

    def make(name: str = "scores", environment: str = "dev", **more: Any) -> Endpoint:
        actor = Actor.of_user(cora)
        return endpoint_create(actor=actor, workspace=workspace, name=name, environment=environment, **more)

    return make


@pytest.fixture
def versions(version_of: Callable[..., ModelVersion]) -> list[ModelVersion]:
    """Two READY versions of `fraud` with files of their own."""
    return [version_of({"MLmodel": b"flavors: {}\n", "data": bytes([n])}, number=n) for n in (1, 2)]
