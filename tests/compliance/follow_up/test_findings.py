"""Findings: opened once for each defect, owned, dated, and closed by whoever is not its author."""

import datetime as dt

import pytest
from django.db import transaction

from compliance.models import Finding, Notice
from compliance.services import findings as service
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from tests.audit.events import recorded
from tests.compliance import gated
from tests.compliance.scenery import policy_put

SCANNER = Actor.system("registry.verify", actions=["compliance.finding.open"])
DAY = dt.timedelta(days=1)


def open_one(workspace, *, actor=SCANNER, **given):
    fields = {
        "workspace_id": workspace.pk, "key": "bytes-changed:7", "subject_type": "modelversion", "subject_id": "v1",
        "subject_label": "fraud v7", "title": "A byte changed", "description": "model.pkl", "severity": "high",
        "source": "registry.verify", "due_days": 7,
    }  # fmt: skip
    with transaction.atomic():
        return service.finding_open(actor=actor, **(fields | given))


def test_it_is_opened_once_for_a_defect(workspace, ann):
    made = open_one(workspace)
    assert (made.severity, made.opened_by, made.owner) == ("high", "system:registry.verify", None)
    assert made.due_at - now() > 6.9 * DAY
    assert open_one(workspace).pk == made.pk
    assert open_one(workspace, key="another").pk != made.pk
    assert recorded() == [(service.OPEN, "done")] * 2
    assert Notice.objects.filter(topic="finding.opened").count() == 2
    assert Notice.objects.all()[0].to_users == [ann.pk]


def test_a_closed_one_is_opened_anew(workspace, acting, ann):
    made = open_one(workspace)
    service.finding_close(actor=acting(ann), finding=made, closure="registered again")
    assert open_one(workspace).pk != made.pk


@pytest.mark.parametrize("given", [{"severity": "dire"}, {"due_days": 400}, {"title": " "}, {"key": ""}])
def test_bad_defects(workspace, given):
    with pytest.raises(InvalidInput):
        open_one(workspace, **given)
    assert not Finding.objects.exists()


def test_any_member_reports_and_outsiders_do_not(workspace, acting, bob, cleo, aude):
    defect = service.Defect(
        workspace.pk, "k", "modelversion", "v1", "fraud v1", "Biased", "", "medium", "by bob", 30
    )
    made = service.finding_report(actor=acting(bob), defect=defect)
    assert made.opened_by == f"user:{bob.pk}"
    with pytest.raises(Conflict):
        service.finding_report(actor=acting(bob), defect=defect)
    with pytest.raises(NotFound):
        service.finding_report(actor=acting(cleo), defect=defect)
    with pytest.raises(PermissionDenied):
        service.finding_report(actor=acting(aude), defect=defect)


def test_a_maintainer_assigns_to_members_only(workspace, acting, ann, bob, cleo, cora):
    made = open_one(workspace)
    done = service.finding_assign(actor=acting(ann), finding=made, owner=bob)
    assert done.owner == bob
    assert Notice.objects.filter(topic="finding.assigned").get().to_users == [bob.pk]
    with pytest.raises(InvalidInput):
        service.finding_assign(actor=acting(ann), finding=made, owner=cleo)
    with pytest.raises(PermissionDenied):
        service.finding_assign(actor=acting(cora), finding=made, owner=cora)


def test_a_maintainer_moves_the_date_for_a_reason(workspace, acting, ann, bob):
    made = open_one(workspace)
    done = service.finding_reschedule(
        actor=acting(ann), finding=made, due_at=now() + 30 * DAY, reason="vendor"
    )
    assert done.due_at - now() > 29 * DAY
    for due_at, reason in ((now() - DAY, "x"), (now() + 400 * DAY, "x"), (now() + DAY, " ")):
        with pytest.raises(InvalidInput):
            service.finding_reschedule(actor=acting(ann), finding=made, due_at=due_at, reason=reason)
    with pytest.raises(PermissionDenied):
        service.finding_reschedule(actor=acting(bob), finding=made, due_at=now() + DAY, reason="x")


def test_its_owner_or_a_maintainer_closes_it(workspace, acting, ann, bob, dia):
    made = open_one(workspace, owner_id=bob.pk)
    with pytest.raises(PermissionDenied):
        service.finding_close(actor=acting(dia), finding=made, closure="looks fine")
    with pytest.raises(InvalidInput):
        service.finding_close(actor=acting(bob), finding=made, closure=" ")
    done = service.finding_close(actor=acting(bob), finding=made, closure="run 17 shows it")
    assert (done.is_open, done.closed_by, done.closure) == (False, bob, "run 17 shows it")
    with pytest.raises(Conflict):
        service.finding_close(actor=acting(ann), finding=made, closure="again")
    assert recorded(action="compliance.finding.close") == [
        ("compliance.finding.close", "denied"), ("compliance.finding.close", "done"),
        ("compliance.finding.close", "refused"),
    ]  # fmt: skip


def test_who_made_the_subject_does_not_close_it(gated_act, workspace, acting, asked, ann):
    policy_put(workspace)
    gated.subject_put(workspace.pk)
    request = asked()
    request.excluded = [ann.pk]
    request.save()
    made = open_one(workspace, subject_type=request.subject_type, subject_id=request.subject_id)
    with pytest.raises(PermissionDenied) as no:
        service.finding_close(actor=acting(ann), finding=made, closure="I looked myself")
    assert no.value.code == "excluded"
    assert Finding.objects.get().is_open
