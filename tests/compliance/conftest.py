"""The gated act of the tests, declared for each test that asks for it."""

from collections.abc import Callable
from typing import Any

import pytest

from compliance.gates import GATED_ACTS
from compliance.models import ApprovalRequest
from compliance.services.decisions import approval_decide, purpose_of
from compliance.services.requests import approval_request_open
from portal.accounts.actor import Actor
from portal.accounts.models import Membership, User, Workspace
from portal.kernel import sql
from tests.compliance import gated
from tests.compliance.proofs import proof_of


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


@pytest.fixture
def decides() -> Callable[..., Any]:
    """`decides(dia, request)` approves as dia, who has just proved that it is she."""

    def decide(person: User, request: ApprovalRequest, verdict: str = "approve", **more: Any) -> Any:
        given = {"proof": proof_of(person, purpose_of(request)), "actor": Actor.of_user(person), **more}
        return approval_decide(request=request, verdict=verdict, **given)

    return decide


@pytest.fixture
def dora(workspace: Workspace) -> User:
    """A second approver."""
    return approver("dora", workspace)


def approver(username: str, workspace: Workspace) -> User:
    user = User.objects.create(username=username, email=f"{username}@example.org", password="!")
    Membership.objects.create(user=user, workspace=workspace, role="approver")
    return user
