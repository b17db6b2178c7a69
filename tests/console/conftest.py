"""People at the console, and a log whose events have their places."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.audit.notes import Signer
from portal.audit.sequencer import Sequencer


@pytest.fixture
def entered() -> Callable[[User], Client]:
    """A client that is signed in as a person."""

    def enter(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return enter


@pytest.fixture
def placed() -> Callable[[], Any]:
    """Gives every event its place and signs a checkpoint."""
    return Sequencer(Signer("log.example/audit", bytes(range(32)))).run
