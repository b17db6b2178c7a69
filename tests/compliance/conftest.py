"""The gated act of the tests, declared for each test that asks for it."""

from collections.abc import Callable
from typing import Any

import pytest

from compliance.gates import GATED_ACTS
from compliance.models import ApprovalRequest
from compliance.services.requests import approval_request_open
from portal.accounts.actor import Actor
from portal.accounts.models import User, Workspace
from portal.kernel import sql
from tests.compliance import gated


@pytest.fixture
def gated_act(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The act with its tables, inside the transaction of the test."""
    monkeypatch.setitem(GATED_ACTS, gated.ACT, gated.GATED)
    sql.execute(gated.TABLES.split(";")[0])
    sql.execute(gated.TABLES.split(";")[1])


@pytest.fixture
def asked(gated_act: None, workspace: Workspace, cora: User) -> Callable[..., ApprovalRequest]:
    """Opens a request as cora, who contributes."""

    def ask(*, actor: Actor | None = None, subject: str = "v1", target: str = "champion", **more: Any) -> Any:
        return approval_request_open(
            actor=actor or Actor.of_user(cora), workspace=workspace, act=gated.ACT, subject_id=subject,
            params={"target": target}, **more,
        )  # fmt: skip

    return ask
