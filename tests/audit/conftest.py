"""A log to try things on: a signer, a sequencer, and events."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.accounts.actor import Actor
from portal.audit.notes import Signer
from portal.audit.record import record
from portal.audit.sequencer import Sequencer

ORIGIN = "log.example/audit"
SEED = bytes(range(32))


@pytest.fixture
def signer() -> Signer:
    return Signer(ORIGIN, SEED)


@pytest.fixture
def sequencer(signer: Signer) -> Sequencer:
    return Sequencer(signer, batch=7)


@pytest.fixture
def happen(workspace: Any) -> Callable[[int], None]:
    """`happen(n)` records n events."""

    def many(count: int) -> None:
        actor = Actor.system("tests", actions=[], request_id="test")
        for number in range(count):
            record(actor, "accounts.workspace.update", "done", workspace, reason=f"number {number}")

    return many
