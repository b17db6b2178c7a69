"""Waivers: asked for by one, granted by another, for one rule and these files, until a date."""

from datetime import timedelta

import pytest

from compliance.models import Waiver
from compliance.services.waivers import waiver_decide, waiver_end, waiver_purpose, waiver_request
from portal.audit.models import AuditEvent
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from tests.compliance import gated
from tests.compliance.proofs import proof_of
from tests.compliance.scenery import CHAMPION, policy_put

pytestmark = pytest.mark.django_db
DIRTY = {**gated.CLEAN, "evidence": {"artifact_scan": {"outcome": "fail", "digest": "e" * 64}}}


@pytest.fixture
def wanted(gated_act, workspace, cora, acting):
    policy_put(workspace)
    gated.subject_put(workspace.pk, facts=DIRTY)

    def ask(
        *, actor=None, rule="scan-clean", policy="champion", days=10, reason="The finding is a false alarm."
    ):
        return waiver_request(
            actor=acting(actor or cora), workspace=workspace, act=gated.ACT, subject_id="v1",
            params={"target": "champion"}, policy_name=policy, rule=rule, reason=reason,
            expires_at=now() + timedelta(days=days),
        )  # fmt: skip

    return ask


@pytest.fixture
def grants(acting):
    def go(person, waiver, *, yes=True, reason=""):
        proof = proof_of(person, waiver_purpose(waiver))
        return waiver_decide(actor=acting(person), waiver=waiver, grants=yes, proof=proof, reason=reason)

    return go


def test_a_granted_waiver_counts_for_its_rule(wanted, grants, asked, dia):
    assert asked().state == "draft"
    grants(dia, wanted())
    request = asked()
    assert request.state == "open"
    check = next(each for each in request.evaluation.checks if each["rule"] == "scan-clean")
    assert (check["outcome"], check["waiver"]) == ("waived", str(Waiver.objects.get().pk))
    assert request.evaluation.waivers == [str(Waiver.objects.get().pk)]


def test_it_counts_for_these_files_only(wanted, grants, asked, dia, workspace):
    grants(dia, wanted())
    gated.subject_put(workspace.pk, facts=DIRTY, digest="f" * 64)
    assert asked().state == "draft"


def test_it_counts_until_its_date_or_its_end(wanted, grants, asked, dia, acting):
    grants(dia, wanted())
    Waiver.objects.update(expires_at="2020-01-01T00:00Z")
    assert asked().state == "draft"
    Waiver.objects.update(expires_at=now() + timedelta(days=1))
    waiver_end(actor=acting(dia), waiver=Waiver.objects.get(), reason="Fixed.")
    assert asked().state == "draft"


def test_an_ungranted_or_refused_one_does_not_count(wanted, grants, asked, dia):
    waiver = wanted()
    assert asked().state == "draft"
    with pytest.raises(InvalidInput):
        grants(dia, waiver, yes=False)
    grants(dia, waiver, yes=False, reason="It is no false alarm.")
    assert asked().state == "draft"


def test_who_is_excluded_does_not_grant(wanted, grants, workspace, cora, dia):
    cora.memberships.create(workspace=workspace, role="approver")
    waiver = wanted()
    with pytest.raises(PermissionDenied):
        grants(cora, waiver)
    gated.subject_put(workspace.pk, facts=DIRTY, authors=(dia.pk,), digest="a" * 64)
    with pytest.raises(PermissionDenied):
        grants(dia, wanted())
    assert set(Waiver.objects.values_list("state", flat=True)) == {"requested"}
    assert set(
        AuditEvent.objects.filter(action="compliance.waiver.decide").values_list("outcome", flat=True)
    ) == {"denied"}


@pytest.mark.parametrize("name", ["ann", "bob", "olga", "aude"])
def test_only_approvers_grant(wanted, grants, name, request):
    with pytest.raises(PermissionDenied):
        grants(request.getfixturevalue(name), wanted())


def test_only_waivable_rules_that_fail_are_asked_for(wanted, workspace):
    with pytest.raises(NotFound):
        wanted(rule="nothing")
    with pytest.raises(Conflict) as no:
        wanted(rule="auc")
    assert no.value.code == "not_waivable"
    gated.subject_put(workspace.pk)
    with pytest.raises(Conflict) as no:
        wanted()
    assert no.value.code == "not_needed"


def test_asking_twice_time_and_reason(wanted):
    for bad in ({"days": 91}, {"days": -1}, {"reason": " "}):
        with pytest.raises(InvalidInput):
            wanted(**bad)
    wanted()
    with pytest.raises(Conflict) as no:
        wanted()
    assert no.value.code == "already_exists"


def test_viewers_do_not_ask(wanted, bob):
    with pytest.raises(PermissionDenied):
        wanted(actor=bob)


def test_a_rule_that_is_not_waivable_is_not_waived_by_a_row(wanted, grants, asked, dia, workspace):
    grants(dia, wanted())
    policy_put(workspace, CHAMPION.replace("    waivable: true\n", ""))
    assert asked().state == "draft"
