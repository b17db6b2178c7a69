"""Every state of a request and of an approval with every act: what goes on, what is refused and changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from compliance.models import Approval, ApprovalRequest
from compliance.models.approvals import APPROVAL_STATES, PENDING_STATES, REQUEST_STATES
from compliance.services.approvals import approval_lapse, approval_use
from compliance.services.break_glass import break_glass_confirm, confirm_purpose
from compliance.services.expiry import approval_expire, request_expire
from compliance.services.gate import consequence
from compliance.services.invalidation import request_invalidate
from compliance.services.requests import approval_request_submit, approval_request_withdraw
from compliance.services.revocations import approval_revoke
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import Conflict
from tests.compliance import gated
from tests.compliance.proofs import proof_of
from tests.compliance.scenery import policy_put

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
PAST = "2020-01-01T00:00Z"
CLOCK = Actor.system("test", actions=["compliance.request.expire", "compliance.approval.lapse"])

# From which state an act leads where. What is not listed is refused, or leaves the request as it is.
MOVES = {
    "submit": {"draft": "open", "changes_requested": "open"},
    "approve": {"open": "approved"},
    "reject": {"open": "rejected"},
    "ask_changes": {"open": "changes_requested"},
    "withdraw": dict.fromkeys(PENDING_STATES, "withdrawn"),
    "expire": dict.fromkeys(PENDING_STATES, "expired"),
    "invalidate": dict.fromkeys(PENDING_STATES, "invalidated"),
}
SILENT = {"expire", "invalidate"}  # what comes by itself passes over what has ended


@pytest.fixture
def request_in(gated_act, workspace, asked):
    policy_put(workspace)
    gated.subject_put(workspace.pk)

    def make(state):
        request = asked()
        closed = None if state in PENDING_STATES else now()
        ApprovalRequest.objects.filter(pk=request.pk).update(state=state, closed_at=closed)
        request.refresh_from_db()
        return request

    return make


@pytest.fixture
def acts(decides, acting, cora, dia) -> dict[str, Callable[[ApprovalRequest], Any]]:
    def expire(request):
        ApprovalRequest.objects.update(expires_at=PAST)
        request_expire(actor=CLOCK, request=request)

    return {
        "submit": lambda request: approval_request_submit(actor=acting(cora), request=request),
        "approve": lambda request: decides(dia, request),
        "reject": lambda request: decides(dia, request, "reject", reason="No."),
        "ask_changes": lambda request: decides(dia, request, "ask_changes", reason="The card."),
        "withdraw": lambda request: approval_request_withdraw(actor=acting(cora), request=request),
        "expire": expire,
        "invalidate": lambda request: request_invalidate(request=request, actor_request_id="", reason="x"),
    }


@pytest.mark.parametrize("state", REQUEST_STATES)
@pytest.mark.parametrize("act", MOVES)
def test_every_act_in_every_state(request_in, acts, state, act):
    request = request_in(state)
    expected = MOVES[act].get(state)
    if expected is None and act not in SILENT:
        with pytest.raises(Conflict) as refused:
            acts[act](request)
        assert refused.value.code == "invalid_state"
    else:
        acts[act](request)
    request.refresh_from_db()
    assert request.state == (expected or state)
    assert (request.closed_at is None) == (request.state in PENDING_STATES)
    assert Approval.objects.exists() == (act == "approve" and expected == "approved")


def test_a_new_round_begins_with_a_clean_slate(gated_act, workspace, asked, decides, acting, cora, dia, dora):
    policy_put(workspace)
    gated.subject_put(workspace.pk, tier="high")
    request = asked()
    decides(dia, request)
    decides(dora, request, "ask_changes", reason="Fill in the card.")
    gated.subject_put(workspace.pk, tier="high", facts={**gated.CLEAN, "card": {"number": 2, "sections": {}}})
    again = approval_request_submit(actor=acting(cora), request=request)
    assert (again.state, again.round) == ("open", 2)
    assert again.evidence_digest != request.evidence_digest
    decides(dora, again)
    assert gated.points_to() is None
    decides(dia, again)
    assert gated.points_to() == "v1"


APPROVAL_MOVES = {
    "use": {"effective": "effective"},
    "revoke": {"effective": "revoked"},
    "lapse": {"effective": "lapsed"},
    "expire": {"effective": "lapsed"},
    "confirm": {"effective": "effective"},
}


@pytest.mark.parametrize("state", APPROVAL_STATES)
@pytest.mark.parametrize("act", APPROVAL_MOVES)
def test_every_act_on_every_approval(
    gated_act, workspace, asked, decides, acting, ann, dia, dora, state, act
):
    policy_put(workspace)
    gated.subject_put(workspace.pk)
    decides(dia, asked(apply_on_approval=False))
    ended_at = None if state == "effective" else now()
    Approval.objects.update(
        state=state,
        ended_at=ended_at,
        expires_at=PAST,
        confirm_by="2999-01-01T00:00Z" if act == "confirm" else None,
    )
    approval = Approval.objects.get()

    def do():
        with transaction.atomic():
            if act == "use":
                approval_use(actor=consequence(CLOCK, "compliance.approval.use"), approval=approval)
            else:
                approval_lapse(actor=CLOCK, approval=approval, reason="x")

    work = {
        "use": do, "lapse": do, "expire": lambda: approval_expire(actor=CLOCK, approval=approval),
        "revoke": lambda: approval_revoke(actor=acting(ann), approval=approval, reason="x"),
        "confirm": lambda: break_glass_confirm(
            actor=acting(dora), approval=approval, verdict="approve", proof=proof_of(dora, confirm_purpose(approval))
        ),
    }  # fmt: skip
    expected = APPROVAL_MOVES[act].get(state, state)
    if act in ("use", "revoke", "confirm") and state != "effective":
        with pytest.raises(Conflict):
            work[act]()
    else:
        work[act]()
    approval.refresh_from_db()
    assert approval.state == expected
    assert (approval.ended_at is None) == (expected == "effective")


def test_a_clock_that_goes_back_breaks_no_order(
    gated_act, workspace, asked, decides, acting, ann, dia, monkeypatch
):
    policy_put(workspace)
    gated.subject_put(workspace.pk)
    request = asked()
    then = now()
    earlier = then.replace(year=then.year - 1)
    for name in (
        "requests",
        "decisions",
        "approvals",
        "gate",
        "expiry",
        "revocations",
        "break_glass",
        "invalidation",
    ):
        module = __import__(f"compliance.services.{name}", fromlist=["now"])
        if hasattr(module, "now"):
            monkeypatch.setattr(module, "now", lambda: earlier)
    decision = decides(dia, request)
    approval = Approval.objects.get()
    approval_revoke(actor=acting(ann), approval=approval, reason="A defect.")
    request.refresh_from_db()
    approval.refresh_from_db()
    times: list[Any] = [request.created_at, approval.effective_at, approval.used_at, approval.ended_at]
    assert times == sorted(times)
    times = [request.opened_at, decision.decided_at]
    assert times == sorted(times)
    assert request.closed_at is not None
    assert request.created_at <= request.closed_at


def test_what_has_expired_does_not_come_back_when_the_clock_does(gated_act, workspace, asked, acts):
    policy_put(workspace)
    gated.subject_put(workspace.pk)
    request = asked()
    acts["expire"](request)
    ApprovalRequest.objects.update(expires_at="2999-01-01T00:00Z")
    with pytest.raises(Conflict):
        acts["approve"](request)
