"""What the gate does by itself: an approved move is applied, a revoked one is taken back, in one transaction."""

import pytest
from django.db import transaction

from compliance.gates import GATED_ACTS
from compliance.models import ApprovalRequest
from compliance.services.gate import lent
from portal.accounts.actor import Actor
from registry.models import ModelVersion
from tests.audit.events import recorded
from tests.compliance.scenery import policy_put
from tests.registry.registering import POLICY, approved, intervals, send
from tests.registry.test_alias_move import put

pytestmark = pytest.mark.slow  # each builds versions with files and requests about them
MOVE, STAGE = "registry.alias.move", "registry.stage.move"


def asked(caller, version, dia, act=MOVE):
    """An approved request for a version, applied as the decision of dia."""
    if act == MOVE:
        put(caller("cora"), version)
    else:
        send(caller("cora"), "POST", "model-versions/transition-stage", name="fraud", version=str(version),
             stage="Production", archive_existing_versions=True)  # fmt: skip
    request = ApprovalRequest.objects.get(state="open", act=act)
    approval = approved(request)
    actor = lent(Actor.of_user(dia), act)
    with transaction.atomic():
        proposal = GATED_ACTS[act].propose(request.subject_id, request.params)
        GATED_ACTS[act].apply(actor=actor, proposal=proposal, approval=approval, reason="fine")
    approval.refresh_from_db()
    return approval


def revoked(approval, dia, act=MOVE):
    approval.state, approval.ended_at = "revoked", approval.effective_at
    approval.save()
    with transaction.atomic():
        GATED_ACTS[act].revert(actor=lent(Actor.of_user(dia), act), approval=approval, reason="drift")


def test_apply_moves_and_uses_up(caller, fraud, workspace, dia):
    policy_put(workspace, POLICY)
    approval = asked(caller, 1, dia)
    assert intervals() == [(1, True, approval.pk.hex)]
    assert approval.used_at is not None
    assert (MOVE, "done") in recorded()


def test_revert_goes_back_to_what_still_stands(caller, fraud, workspace, dia):
    policy_put(workspace, POLICY)
    first = asked(caller, 1, dia)
    second = asked(caller, 2, dia)
    first.refresh_from_db()
    assert first.state == "superseded"
    revoked(second, dia)
    first.refresh_from_db()
    assert first.state == "effective"
    assert intervals() == [
        (1, False, first.pk.hex), (2, False, second.pk.hex), (1, True, first.pk.hex),
    ]  # fmt: skip


def test_revert_without_anything_before_removes_the_alias(caller, fraud, workspace, dia):
    put(caller("cora"), 1)  # before the policy, so nobody has approved it
    policy_put(workspace, POLICY)
    approval = asked(caller, 2, dia)
    revoked(approval, dia)
    assert intervals() == [(1, False, ""), (2, False, approval.pk.hex)]


def test_reverting_what_moved_on_changes_nothing(caller, fraud, workspace, dia):
    policy_put(workspace, POLICY)
    first = asked(caller, 1, dia)
    second = asked(caller, 2, dia)
    before = intervals()
    revoked(first, dia)
    assert intervals() == before
    assert before[-1] == (2, True, second.pk.hex)


def test_stages_are_applied_and_taken_back(caller, fraud, workspace, dia):
    policy_put(workspace, POLICY)
    first = asked(caller, 1, dia, STAGE)
    second = asked(caller, 2, dia, STAGE)

    def stages():
        return list(ModelVersion.objects.order_by("version").values_list("current_stage", flat=True))

    assert stages() == ["Archived", "Production"]
    revoked(second, dia, STAGE)
    assert stages() == ["Production", "None"]
    assert intervals("Production")[-1] == (1, True, first.pk.hex)
