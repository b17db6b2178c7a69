"""What deploying does to the rows: the gate inside, traffic as intervals, revocation in the same commit."""

import datetime as dt

import pytest
from django.db import Error, transaction

from compliance.gates import GATED_ACTS
from compliance.models import ApprovalRequest
from compliance.services.gate import lent
from deployments import split
from deployments.deploying import deploy_or_request
from deployments.models import Revision, Rollout, Traffic
from deployments.proposals import DEPLOY
from deployments.services.endpoints import endpoint_create, endpoint_delete, endpoint_stop
from deployments.services.revisions import revision_deploy, revision_rollback
from deployments.split import is_used, split_move, split_now, toward
from jobs.models import JobRun
from portal.accounts.actor import Actor
from portal.console.posture import measured
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, PolicyViolation
from registry.lineage.graph import NodeKey, lineage_of
from registry.selectors.point_in_time import PLACEMENTS
from registry.services.models import model_delete
from registry.services.versions import version_delete
from tests.audit.events import recorded
from tests.compliance.scenery import policy_put
from tests.registry.registering import approved

POLICY = """
name: prod-needs-one
applies_to: {models: ["fraud*"], environments: [prod]}
rules:
  - {id: ready, title: The files were read, require: facts.version.status == "READY"}
approvals:
  - {role: approver, quorum: 1}
"""


def deploy(person, endpoint, version, **rollout):
    actor = Actor.of_user(person)
    return deploy_or_request(actor=actor, endpoint=endpoint, version=version, rollout=rollout, reason="new")


def decided(person, request):
    """The approved deployment of a request, applied as the decision of a person."""
    approval, actor = approved(request), lent(Actor.of_user(person), DEPLOY)
    with transaction.atomic():
        proposal = GATED_ACTS[DEPLOY].propose(request.subject_id, request.params)
        GATED_ACTS[DEPLOY].apply(actor=actor, proposal=proposal, approval=approval, reason="fine")
    approval.refresh_from_db()
    return approval


def revoked(person, approval):
    approval.state, approval.ended_at = "revoked", approval.effective_at
    approval.save()
    with transaction.atomic():
        GATED_ACTS[DEPLOY].revert(
            actor=lent(Actor.of_user(person), DEPLOY), approval=approval, reason="drift"
        )


def serve(endpoint, *revisions, percents=(100,)):
    """As if the target had said that these run and the job had moved traffic."""
    numbers = [each.number for each in revisions]
    Revision.objects.filter(endpoint=endpoint, number__in=numbers).update(observed_state="ready")
    endpoint.refresh_from_db()
    split_move(Actor.system("test", actions=[]), endpoint, dict(zip(numbers, percents, strict=True)))


def test_a_free_environment_takes_what_is_ready(endpoint_of, versions, cora):
    endpoint = endpoint_of()
    made = deploy(cora, endpoint, versions[0], strategy="canary")
    assert (made.number, made.digest, made.approval) == (1, versions[0].digest, None)
    assert Rollout.objects.get().steps[0] == {"percent": 5, "seconds": 300}
    assert JobRun.objects.get(kind="deployments.reconcile").key == endpoint.pk.hex
    assert recorded()[-1] == (DEPLOY, "done")
    assert deploy(cora, endpoint, versions[1]).number == 2
    assert [each.state for each in Rollout.objects.order_by("id")] == ["aborted", "waiting"]


def test_a_protected_environment_asks_for_an_approval_and_takes_it(
    endpoint_of, versions, workspace, cora, dia
):
    policy_put(workspace, POLICY)
    endpoint = endpoint_of("scores", "prod")
    with pytest.raises(PolicyViolation, match="/approvals/") as no:
        deploy(cora, endpoint, versions[0], strategy="canary")
    assert no.value.code == "approval_required"
    assert not Revision.objects.exists()
    approval = decided(dia, ApprovalRequest.objects.get(state="open"))
    made = Revision.objects.get()
    assert (made.approval, made.digest) == (approval, versions[0].digest)
    assert approval.used_at is not None
    assert Rollout.objects.get().strategy == "canary"
    with pytest.raises(PolicyViolation):  # each deployment is approved: the first approval is used up
        deploy(cora, endpoint, versions[0])


def test_rules_see_where_a_version_has_served(endpoint_of, versions, workspace, cora, monkeypatch):
    rule = "{id: tried, title: It served in staging, require: facts.deployments.hours.staging > 1.0}"
    policy_put(
        workspace,
        f"name: staging-first\napplies_to: {{environments: [prod]}}\nrules:\n  - {rule}\napprovals: []\n",
    )
    prod, staging = endpoint_of("scores", "prod"), endpoint_of("trial", "staging")
    with pytest.raises(PolicyViolation, match="It served in staging") as no:
        deploy(cora, prod, versions[0])
    assert no.value.code == "policy_failed"
    monkeypatch.setattr(split, "now", lambda: now() - dt.timedelta(hours=2))
    serve(staging, deploy(cora, staging, versions[0]))
    assert deploy(cora, prod, versions[0]).number == 1


def test_an_approval_is_for_one_version_at_one_endpoint(endpoint_of, versions, workspace, cora, dia):
    policy_put(workspace, POLICY)
    one, two = endpoint_of("one", "prod"), endpoint_of("two", "prod")
    with pytest.raises(PolicyViolation):
        deploy(cora, one, versions[0])
    approved(ApprovalRequest.objects.get(state="open"))
    for endpoint, version in ((two, versions[0]), (one, versions[1])):
        with pytest.raises(PolicyViolation):
            deploy(cora, endpoint, version)
    assert deploy(cora, one, versions[0]).approval is not None


def test_revoking_takes_the_traffic_back_in_the_same_commit(endpoint_of, versions, workspace, cora, dia):
    policy_put(workspace, POLICY)
    endpoint, approvals = endpoint_of("scores", "prod"), []
    for version in versions:
        with pytest.raises(PolicyViolation):
            deploy(cora, endpoint, version)
        approvals.append(decided(dia, ApprovalRequest.objects.get(state="open")))
    first, second = Revision.objects.order_by("number")
    serve(endpoint, first)
    serve(endpoint, second)
    revoked(dia, approvals[1])
    assert split_now(endpoint) == {1: 100}
    second.refresh_from_db()
    assert second.desired_state == "stopped"
    revoked(dia, approvals[0])
    assert split_now(endpoint) == {}
    history = Traffic.objects.order_by("valid_from", "id").values_list("revision__number", "valid_to")
    assert [number for number, end in history if end] == [1, 2, 1]


def test_going_back_needs_an_approval_that_stands(endpoint_of, versions, workspace, cora, dia):
    endpoint = endpoint_of("scores", "prod")
    first = deploy(cora, endpoint, versions[0])
    serve(endpoint, first)
    second = deploy(cora, endpoint, versions[1])
    serve(endpoint, first, second, percents=(40, 60))
    back = {"actor": Actor.of_user(cora), "model": versions[0].model, "endpoint": endpoint, "reason": "slow"}
    revision_rollback(**back, revision=first)
    assert split_now(endpoint) == {1: 100}
    serve(endpoint, second)
    policy_put(workspace, POLICY)
    with pytest.raises(PolicyViolation):
        revision_rollback(**back, revision=first)
    assert split_now(endpoint) == {2: 100}


def test_posture_counts_what_serves_unapproved(endpoint_of, versions, workspace, cora, aude):
    endpoint = endpoint_of("scores", "prod")
    serve(endpoint, deploy(cora, endpoint, versions[0]))
    auditor = Actor.of_user(aude)
    assert measured(auditor, "unapproved-deployments").items == []
    policy_put(workspace, POLICY)
    found = measured(auditor, "unapproved-deployments").items
    assert [(each.label, each.why) for each in found] == [
        ("scores sends 100 % to fraud v1", "A policy protects prod, and it has no approval.")
    ]
    assert [each.label for each in measured(auditor, "unsigned").items] == ["fraud v1"]


def test_what_served_last_stands_by_for_a_while(endpoint_of, versions, workspace, cora, settings):
    endpoint = endpoint_of()
    made = [deploy(cora, endpoint, version) for version in versions]
    Rollout.objects.update(state="completed", ended_at=now())
    serve(endpoint, made[0])
    serve(endpoint, made[1])
    assert [is_used(each) for each in made] == [False, True]
    settings.SERVING_STANDBY_SECONDS = 900
    assert [is_used(each) for each in made] == [True, True]
    Rollout.objects.filter(revision=made[0]).update(state="rolled_back")
    assert [is_used(each) for each in made] == [False, True]


def test_who_may_not(endpoint_of, versions, workspace, other, bob, cleo, cora, ann):
    endpoint = endpoint_of()
    with pytest.raises(PermissionDenied):
        deploy(bob, endpoint, versions[0])
    with pytest.raises(NotFound):
        deploy(cleo, endpoint, versions[0])
    theirs = endpoint_create(actor=Actor.of_user(cleo), workspace=other, name="theirs", environment="dev")
    with pytest.raises(NotFound):
        deploy(cora, theirs, versions[0])
    with pytest.raises(Conflict, match="exists already"):
        endpoint_create(actor=Actor.of_user(cleo), workspace=other, name="scores", environment="dev")
    with pytest.raises(PermissionDenied):
        endpoint_delete(actor=Actor.of_user(cora), endpoint=endpoint)


@pytest.mark.parametrize(
    "rollout",
    [
        {"strategy": "hope"}, {"steps": [{"percent": 50}, {"percent": 20}], "strategy": "canary"}, {"steps": []},
        {"strategy": "canary", "steps": [{"percent": 50}]}, {"guards": {"max_error_rate": 2}}, {"x": 1}, [1],
    ],
)  # fmt: skip
def test_bad_rollouts(endpoint_of, versions, cora, rollout):
    with pytest.raises(InvalidInput):
        revision_deploy(
            actor=Actor.of_user(cora), model=versions[0].model, version=versions[0], endpoint=endpoint_of(),
            rollout=rollout,
        )  # fmt: skip
    assert not Revision.objects.exists()


def test_postgresql_keeps_what_served(endpoint_of, versions, cora):
    endpoint = endpoint_of()
    made = deploy(cora, endpoint, versions[0])
    serve(endpoint, made)
    for change in ({"digest": "0" * 64}, {"number": 7}, {"version": versions[1].pk}):
        with pytest.raises(Error), transaction.atomic():
            Revision.objects.filter(pk=made.pk).update(**change)
    with pytest.raises(Error), transaction.atomic():
        Traffic.objects.update(percent=50)
    with pytest.raises(Error), transaction.atomic():
        Traffic.objects.all()._raw_delete("default")


def test_lineage_and_the_past_know_what_serves(endpoint_of, versions, cora):
    endpoint = endpoint_of("scores", "staging")
    serve(endpoint, deploy(cora, endpoint, versions[0]))
    graph = lineage_of(Actor.of_user(cora), NodeKey("version", versions[0].pk))
    assert {node.label for node in graph.nodes if node.is_live} == {"scores r1"}
    at = Traffic.objects.get().valid_from
    found = [place for find in PLACEMENTS for place in find(versions[0], at)]
    assert [(each.environment, each.since, each.until) for each in found] == [("staging", at, None)]
    assert not [place for find in PLACEMENTS for place in find(versions[0], at - dt.timedelta(seconds=1))]


def test_what_is_deployed_is_not_deleted(endpoint_of, versions, cora, ann):
    endpoint = endpoint_of()
    deploy(cora, endpoint, versions[0])
    with pytest.raises(Conflict, match="deployed at scores") as no:
        version_delete(actor=Actor.of_user(ann), model=versions[0].model, version=versions[0])
    assert no.value.code == "in_use"
    with pytest.raises(Conflict, match="deployed at scores"):
        model_delete(actor=Actor.of_user(ann), model=versions[0].model)
    version_delete(actor=Actor.of_user(ann), model=versions[1].model, version=versions[1])
    endpoint_delete(actor=Actor.of_user(ann), endpoint=endpoint)
    version_delete(actor=Actor.of_user(ann), model=versions[0].model, version=versions[0])


def test_the_kill_switch_is_one_commit_that_gateways_hear(endpoint_of, versions, dia):
    endpoint = endpoint_of()
    before = endpoint.route_revision
    stopped = endpoint_stop(actor=Actor.of_user(dia), endpoint=endpoint, reason="wrong answers")
    assert (stopped.is_stopped, stopped.stop_reason, stopped.route_revision) == (
        True,
        "wrong answers",
        before + 1,
    )
    again = endpoint_stop(actor=Actor.of_user(dia), endpoint=endpoint, reason="once more")
    assert again.stop_reason == "wrong answers"


def test_shares_add_up():
    assert toward({}, 1, 5) == {1: 100}
    assert toward({1: 100}, 2, 5) == {1: 95, 2: 5}
    assert toward({1: 33, 2: 33, 3: 34}, 4, 10) == {1: 29, 2: 29, 3: 32, 4: 10}
    assert toward({1: 90, 2: 10}, 2, 100) == {2: 100}
