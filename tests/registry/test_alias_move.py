"""registry.alias.move: intervals that join without a hole, and no way round the gate."""

import datetime as dt
import threading

import pytest
from django.db import connection

from compliance.models import Approval, ApprovalRequest, GateEvaluation
from experiments.models import Run
from portal.accounts.models import User
from registry import intervals as registry_intervals
from registry.models import Assignment
from tests.audit.events import detail_of, latest, recorded
from tests.compliance.scenery import policy_put
from tests.experiments.tracking import READERS, denied, invalid, like_unknown
from tests.registry.registering import POLICY, approved, digested, intervals, model_new, send, version_new

MOVE = "registry.alias.move"


def put(client, version, alias="champion", name="fraud"):
    return client.post("registered-models/alias", name=name, alias=alias, version=str(version))


def meant(client, alias="champion"):
    reply = client.get("registered-models/alias", name="fraud", alias=alias)
    return reply.json["model_version"]["version"] if reply.status == 200 else None


def test_a_move_ends_one_interval_and_begins_the_next_at_one_moment(caller, fraud):
    client = caller("cora")
    assert put(client, 1).json == {}
    assert put(client, 2).status == 200
    assert meant(client) == "2"
    first, second = Assignment.objects.order_by("id")
    assert (first.valid_to, second.valid_to) == (second.valid_from, None)
    assert second.moved_by == f"user:{User.objects.get(username='cora').pk}"
    assert recorded()[-2:] == [(MOVE, "done"), (MOVE, "done")]
    assert detail_of(latest())["changes"]["alias.champion"] == [1, 2]
    shown = client.get("registered-models/get", name="fraud").json["registered_model"]
    assert shown["aliases"] == [{"alias": "champion", "version": "2"}]
    assert client.get("model-versions/get", name="fraud", version="2").json["model_version"]["aliases"] == [
        "champion"
    ]


def test_the_same_again_changes_nothing(caller, fraud):
    put(caller("cora"), 1)
    assert put(caller("cora"), 1).status == 200
    assert intervals() == [(1, True, "")]


def test_a_clock_that_goes_backwards_makes_no_hole(caller, fraud, monkeypatch):
    put(caller("cora"), 1)
    begun = Assignment.objects.get().valid_from
    monkeypatch.setattr(registry_intervals, "now", lambda: begun - dt.timedelta(hours=1))
    put(caller("cora"), 2)
    send(caller("cora"), "DELETE", "registered-models/alias", name="fraud", alias="champion")
    put(caller("cora"), 1)
    rows = list(Assignment.objects.order_by("id").values_list("valid_from", "valid_to"))
    assert rows == [(begun, begun), (begun, begun), (begun, None)]


@pytest.mark.parametrize("person", READERS)
def test_denied(caller, fraud, person):
    denied(lambda: put(caller(person), 1), MOVE)


def test_outsiders_see_none(caller, fraud, cleo):
    like_unknown(lambda name: put(caller("cleo"), 1, name=name), "fraud", "nobody")


@pytest.mark.parametrize(
    ("alias", "version"),
    [
        ("", "1"),
        ("a b", "1"),
        ("latest", "1"),
        ("v1", "1"),
        ("x" * 256, "1"),
        ("a/b", "1"),
        ("champion", "x"),
    ],
)
def test_invalid(caller, fraud, alias, version):
    client = caller("cora")
    invalid(lambda: put(client, version, alias))


@pytest.mark.parametrize("version", ["3", "0", "-1", "99999999999999999999"])
def test_an_unknown_version(caller, fraud, version):
    client = caller("cora")
    invalid(lambda: put(client, version), "RESOURCE_DOES_NOT_EXIST", 404)


def test_a_protected_alias_opens_a_request_and_says_where(caller, fraud, workspace, settings):
    policy_put(workspace, POLICY)
    reply = put(caller("cora"), 2)
    request = ApprovalRequest.objects.get()
    assert (reply.status, reply.error_code) == (403, "PERMISSION_DENIED")
    assert f"{settings.PORTAL_URL}/approvals/{request.pk.hex}" in reply.json["message"]
    assert (request.state, request.act, request.subject_id) == ("open", MOVE, fraud[1].pk.hex)
    assert request.subject_digest == fraud[1].digest
    assert intervals() == []
    assert recorded()[-2:] == [(MOVE, "refused"), ("compliance.request.create", "done")]
    assert put(caller("cora"), 2).status == 403
    assert ApprovalRequest.objects.count() == 1


def test_the_author_and_the_requester_are_excluded(caller, fraud, workspace, run, ann):
    Run.objects.update(created_by=ann)
    policy_put(workspace, POLICY)
    put(caller("cora"), 2)
    cora = User.objects.get(username="cora")
    assert sorted(ApprovalRequest.objects.get().excluded) == sorted([cora.pk, ann.pk])


def test_an_approval_for_exactly_these_files_lets_it_move_and_is_used_up(caller, fraud, workspace):
    policy_put(workspace, POLICY)
    put(caller("cora"), 2)
    approval = approved(ApprovalRequest.objects.get())
    assert put(caller("cora"), 1).status == 403
    assert put(caller("cora"), 2).status == 200
    assert intervals() == [(2, True, approval.pk.hex)]
    approval.refresh_from_db()
    assert approval.used_at is not None
    assert GateEvaluation.objects.filter(act=MOVE, passed=True).exists()


def test_neither_twin_nor_role_skips_the_gate(caller, fraud, workspace):
    policy_put(workspace, POLICY)
    body = b'{"name": "fraud", "alias": "champion", "version": "1"}'
    for person in ("ann", "cora"):
        for twin in ("api", "ajax-api"):
            reply = caller(person).send("POST", f"/{twin}/2.0/mlflow/registered-models/alias", body)
            assert reply.status == 403
    assert intervals() == []


def test_a_failing_rule_without_approvals_refuses(caller, fraud, workspace):
    policy_put(workspace, POLICY.replace('"READY"', '"NEVER"').split("approvals:")[0])
    reply = put(caller("cora"), 1)
    assert (reply.status, "1 rules do not hold" in reply.json["message"]) == (403, True)
    assert not ApprovalRequest.objects.exists()


def test_what_failed_to_move_can_move_when_the_policy_is_gone(caller, fraud, workspace):
    version = policy_put(workspace, POLICY)
    assert put(caller("cora"), 1).status == 403
    version.policy.current = None
    version.policy.save()
    assert put(caller("cora"), 1).status == 200


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_clients_race_for_one_alias(caller, fraud):
    clients = [caller("ann"), caller("cora")]
    start = threading.Barrier(2)
    replies: list[int] = []

    def race(number):
        start.wait()
        replies.extend(put(clients[number], 1 + (number + turn) % 2).status for turn in range(10))
        connection.close()

    threads = [threading.Thread(target=race, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(replies) == {200}
    rows = list(Assignment.objects.order_by("valid_from", "id"))
    assert [row.valid_to for row in rows[:-1]] == [row.valid_from for row in rows[1:]]
    assert rows[-1].valid_to is None


def test_a_copy_does_not_take_the_approval_along(caller, fraud, workspace):
    policy_put(workspace, POLICY)
    put(caller("cora"), 2)
    approved(ApprovalRequest.objects.get())
    model_new(caller("cora"), "fraud-2")
    copy = digested(version_new(caller("cora"), "models:/fraud/2", name="fraud-2"))
    assert copy.digest == fraud[1].digest
    assert put(caller("cora"), 1, name="fraud-2").status == 403
    assert Approval.objects.get().used_at is None
