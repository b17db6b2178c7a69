"""Policies are proposed by one person and published by another; what follows from that follows at once."""

import json

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from compliance.models import Policy, PolicyVersion
from compliance.services.policies import (
    policy_propose,
    policy_publish,
    policy_reject,
    policy_retire,
    publish_purpose,
)
from portal.accounts.actor import Actor
from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from tests.compliance import gated
from tests.compliance.proofs import proof_of
from tests.compliance.scenery import CHAMPION, policy_put

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposed(workspace, ann, acting):
    return policy_propose(actor=acting(ann), workspace=workspace, source=CHAMPION, reason="New rules.")


def publish(person, version, **given):
    """Put in force by a person who has just proved that it is they."""
    proof = given.pop("proof", proof_of(person, publish_purpose(version)))
    return policy_publish(actor=Actor.of_user(person), version=version, proof=proof, **given)


def outcomes(action):
    return list(AuditEvent.objects.filter(action=action).order_by("id").values_list("outcome", flat=True))


def test_a_second_person_puts_it_in_force(proposed, dia, acting):
    assert (proposed.state, proposed.number, proposed.policy.current) == ("proposed", 1, None)
    published = publish(dia, proposed)
    policy = Policy.objects.get()
    assert (published.state, policy.current, published.decided_by) == ("published", published, dia)
    assert outcomes("compliance.policy.publish") == ["done"]


def test_who_proposed_it_does_not_publish_it(proposed, ann, workspace, acting):
    ann.memberships.create(workspace=workspace, role="approver")
    with pytest.raises(PermissionDenied) as no:
        publish(ann, proposed)
    assert no.value.code == "excluded"
    proposed.refresh_from_db()
    assert (proposed.state, Policy.objects.get().current) == ("proposed", None)
    assert outcomes("compliance.policy.publish") == ["denied"]


def test_it_takes_a_fresh_proof_of_who_publishes(proposed, dia, ann):
    spent = proof_of(dia, publish_purpose(proposed))
    spent.spend(user_id=dia.pk, purpose=publish_purpose(proposed))
    for proof in (None, spent, proof_of(ann, publish_purpose(proposed)), proof_of(dia, "decide:1")):
        with pytest.raises(PermissionDenied) as no:
            publish(dia, proposed, proof=proof)
        assert no.value.code == "reauthentication_required"
    assert Policy.objects.get().current is None
    publish(dia, proposed)
    event = AuditEvent.objects.get(action="compliance.policy.publish", outcome="done")
    assert json.loads(bytes(event.detail.body))["changes"]["reauthenticated_at"][1]


def test_postgresql_refuses_it_too(proposed, ann):
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersion.objects.update(state="published", decided_by=ann)


def test_what_was_published_stays_as_it_is(proposed, dia, acting):
    publish(dia, proposed)
    for change in ({"source": "x"}, {"state": "proposed"}, {"digest": "0" * 64}):
        with pytest.raises(ProgrammingError), transaction.atomic():
            PolicyVersion.objects.update(**change)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM compliance_policyversion")


@pytest.mark.parametrize("name", ["bob", "cora", "ann", "olga", "aude"])
def test_only_an_approver_of_the_workspace_publishes_its_policies(proposed, name, request, acting):
    with pytest.raises(PermissionDenied):
        publish(request.getfixturevalue(name), proposed)
    assert Policy.objects.get().current is None


@pytest.mark.parametrize("name", ["bob", "cora", "dia", "olga", "aude"])
def test_only_a_maintainer_proposes_for_a_workspace(workspace, name, request, acting):
    with pytest.raises(PermissionDenied):
        policy_propose(actor=acting(request.getfixturevalue(name)), workspace=workspace, source=CHAMPION)
    assert not Policy.objects.exists()


def test_an_outsider_learns_nothing(workspace, cleo, acting):
    with pytest.raises(NotFound):
        policy_propose(actor=acting(cleo), workspace=workspace, source=CHAMPION)


def test_portal_wide_policies_are_two_operators(olga, ann, dia, acting):
    oleg = User.objects.create(username="oleg", is_operator=True)
    for person in (ann, dia):
        with pytest.raises(PermissionDenied):
            policy_propose(actor=acting(person), workspace=None, source=CHAMPION)
    version = policy_propose(actor=acting(olga), workspace=None, source=CHAMPION)
    for person in (olga, dia):
        with pytest.raises(PermissionDenied):
            publish(person, version)
    publish(oleg, version)
    assert Policy.objects.get().current == version


def test_a_service_account_decides_about_no_policy(proposed, robot, workspace, acting):
    robot.memberships.create(workspace=workspace, role="approver")
    with pytest.raises(PermissionDenied) as no:
        publish(robot, proposed)
    assert no.value.code == "not_a_person"


def test_a_rejected_version_never_holds(proposed, dia, acting, workspace, ann):
    with pytest.raises(InvalidInput):
        policy_reject(actor=acting(dia), version=proposed, reason="")
    policy_reject(actor=acting(dia), version=proposed, reason="AUC is the wrong measure.")
    with pytest.raises(Conflict):
        publish(dia, proposed)
    assert Policy.objects.get().current is None
    assert policy_propose(actor=acting(ann), workspace=workspace, source=CHAMPION).number == 2


def test_one_proposal_waits_at_a_time_and_no_change_is_refused(proposed, workspace, ann, dia, acting):
    with pytest.raises(Conflict) as no:
        policy_propose(actor=acting(ann), workspace=workspace, source=CHAMPION.replace("0.8", "0.9"))
    assert no.value.code == "proposal_pending"
    publish(dia, proposed)
    with pytest.raises(Conflict) as no:
        policy_propose(actor=acting(ann), workspace=workspace, source="# the same\n" + CHAMPION)
    assert no.value.code == "no_change"


def test_retiring_takes_a_second_person_too(proposed, ann, dia, acting):
    with pytest.raises(Conflict):
        policy_retire(actor=acting(ann), policy=proposed.policy, reason="Not in force yet.")
    publish(dia, proposed)
    ending = policy_retire(actor=acting(ann), policy=Policy.objects.get(), reason="Replaced by another.")
    assert Policy.objects.get().current == proposed
    with pytest.raises(PermissionDenied):
        publish(ann, ending)
    publish(dia, ending)
    assert Policy.objects.get().current is None


def test_a_new_version_ends_the_requests_that_stood_on_the_old_one(
    gated_act, workspace, asked, ann, dia, acting
):
    policy_put(workspace)
    policy_put(workspace, CHAMPION.replace("name: champion", "name: other").replace("[champion]", "[shadow]"))
    gated.subject_put(workspace.pk)
    request, untouched = asked(), asked(target="shadow")
    version = policy_propose(actor=acting(ann), workspace=workspace, source=CHAMPION.replace("0.8", "0.85"))
    request.refresh_from_db()
    assert request.state == "open"
    publish(dia, version)
    request.refresh_from_db()
    untouched.refresh_from_db()
    assert (request.state, untouched.state) == ("invalidated", "open")


def test_the_command_publishes_from_a_file_and_can_be_repeated(workspace, tmp_path, capsys):
    file = tmp_path / "policy.yaml"
    file.write_text(CHAMPION)
    for _ in range(2):
        call_command("policy_publish", str(file), workspace="credit")
    version = PolicyVersion.objects.get()
    assert Policy.objects.get().current == version
    assert AuditEvent.objects.filter(actor="system:commands.policy_publish").count() == 2
    assert "was in force already" in capsys.readouterr().out
