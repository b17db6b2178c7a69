"""What a policy protects is neither removed, deleted, renamed nor untagged past the gate."""

import pytest

from compliance.models import Approval, ApprovalRequest
from registry.models import ModelVersion, RegisteredModel
from tests.audit.events import recorded
from tests.compliance.scenery import policy_put
from tests.experiments.tracking import READERS, denied
from tests.registry.registering import POLICY, approved, files_put, intervals, model_new, send, version_new
from tests.registry.test_alias_move import put

pytestmark = pytest.mark.slow  # each builds versions with files and requests about them
CHAMPION = {"name": "fraud", "alias": "champion"}
TAGGED = POLICY.replace('models: ["fraud*"]', "tags: {tier: high}")


@pytest.fixture
def protected(caller, fraud, workspace):
    """Version 1 is the approved champion."""
    policy_put(workspace, POLICY)
    put(caller("cora"), 1)
    approved(ApprovalRequest.objects.get())
    put(caller("cora"), 1)
    return caller("ann")


@pytest.mark.parametrize(
    ("method", "path", "fields", "action"),
    [
        ("DELETE", "registered-models/alias", CHAMPION, "registry.alias.remove"),
        ("DELETE", "model-versions/delete", {"name": "fraud", "version": "1"}, "registry.version.delete"),
        ("DELETE", "registered-models/delete", {"name": "fraud"}, "registry.model.delete"),
        ("POST", "registered-models/rename", {"name": "fraud", "new_name": "other"}, "registry.model.rename"),
    ],
)
def test_it_stays(protected, method, path, fields, action):
    before = intervals()
    reply = send(protected, method, path, **fields)
    assert (reply.status, reply.error_code) == (403, "PERMISSION_DENIED")
    assert "polic" in reply.json["message"]
    assert recorded()[-1] == (action, "refused")
    assert intervals() == before
    assert RegisteredModel.objects.get().name == "fraud"
    assert not ModelVersion.objects.filter(deleted_at__isnull=False).exists()


def test_a_version_whose_files_nobody_has_read_yet_moves_no_protected_alias(caller, new_run, workspace):
    policy_put(workspace, POLICY)
    client = caller("cora")
    model_new(client)
    version_new(client, files_put(new_run()))
    reply = put(client, 1)
    assert (reply.status, reply.error_code) == (409, "RESOURCE_CONFLICT")
    assert recorded()[-1] == ("registry.alias.move", "refused")
    assert (intervals(), ApprovalRequest.objects.count()) == ([], 0)
    assert put(client, 1, "shadow").status == 200


def test_what_is_not_protected_goes(protected, fraud):
    put(protected, 2, "shadow")
    assert send(protected, "DELETE", "registered-models/alias", name="fraud", alias="shadow").status == 200
    assert send(protected, "DELETE", "registered-models/alias", name="fraud", alias="shadow").status == 200
    put(protected, 2, "shadow")
    assert send(protected, "DELETE", "model-versions/delete", name="fraud", version="2").status == 200
    assert intervals("shadow") == [(2, False, ""), (2, False, "")]
    assert (
        send(protected, "POST", "registered-models/rename", name="fraud", new_name="fraud-eu").status == 200
    )


def test_a_name_under_which_an_alias_would_be_unapproved(caller, fraud, workspace):
    put(caller("cora"), 1)
    policy_put(workspace, POLICY.replace("fraud*", "risk*"))
    reply = send(caller("ann"), "POST", "registered-models/rename", name="fraud", new_name="risk")
    assert (reply.status, "nobody has approved version 1" in reply.json["message"]) == (403, True)


def test_a_tag_by_which_a_policy_applies_stays(caller, fraud, workspace):
    client = caller("ann")
    assert client.post("registered-models/set-tag", name="fraud", key="tier", value="high").status == 200
    policy_put(workspace, TAGGED)
    assert put(client, 1).status == 403
    assert client.post("registered-models/set-tag", name="fraud", key="tier", value="low").status == 403
    assert send(client, "DELETE", "registered-models/delete-tag", name="fraud", key="tier").status == 403
    assert client.post("registered-models/set-tag", name="fraud", key="team", value="risk").status == 200
    assert put(client, 1).status == 403


def test_a_version_deleted_while_under_approval_invalidates_the_request(caller, fraud, workspace):
    policy_put(workspace, POLICY)
    for number in (1, 2):
        put(caller("cora"), number)
    approval = approved(ApprovalRequest.objects.get(subject_id=fraud[1].pk.hex))
    for version in ("1", "2"):
        assert (
            send(caller("ann"), "DELETE", "model-versions/delete", name="fraud", version=version).status
            == 200
        )
    request = ApprovalRequest.objects.get(subject_id=fraud[0].pk.hex)
    assert (request.state, "deleted" in request.close_reason) == ("invalidated", True)
    approval.refresh_from_db()
    assert approval.state == "lapsed"


def test_deleting_a_model_ends_all_of_it(caller, fraud, workspace):
    put(caller("cora"), 1)
    policy_put(workspace, POLICY.replace("champion]", "other]"))
    put(caller("cora"), 2, "other")
    assert send(caller("ann"), "DELETE", "registered-models/delete", name="fraud").status == 200
    assert intervals() == [(1, False, "")]
    assert ApprovalRequest.objects.get().state == "invalidated"
    assert caller("ann").get("model-versions/get", name="fraud", version="1").status == 404
    assert caller("ann").get("registered-models/get", name="fraud").status == 404


@pytest.mark.parametrize("person", ["cora", *READERS])
def test_who_may_not_delete(caller, fraud, person):
    fields = {"name": "fraud"}
    denied(
        lambda: send(caller(person), "DELETE", "registered-models/delete", **fields), "registry.model.delete"
    )


def test_stages_are_moved_and_archived(caller, fraud):
    client = caller("cora")

    def move(version, stage, archive=False):
        return send(client, "POST", "model-versions/transition-stage", name="fraud", version=version, stage=stage,
                    archive_existing_versions=archive)  # fmt: skip

    assert move("1", "production").json["model_version"]["current_stage"] == "Production"
    assert move("2", "Production", archive=True).status == 200
    stages = ModelVersion.objects.order_by("version").values_list("current_stage", flat=True)
    assert list(stages) == ["Archived", "Production"]
    assert intervals("Production") == [(1, False, ""), (2, True, "")]
    assert move("2", "None").json["model_version"]["current_stage"] == "None"
    assert move("1", "None", archive=True).status == 400
    assert move("1", "Elsewhere").status == 400
    assert recorded()[-3] == ("registry.stage.move", "done")


def test_a_protected_stage(caller, fraud, workspace):
    policy_put(workspace, POLICY)
    client = caller("cora")
    fields = {"name": "fraud", "version": "1", "stage": "Production"}
    reply = send(client, "POST", "model-versions/transition-stage", **fields)
    assert (reply.status, "/approvals/" in reply.json["message"]) == (403, True)
    approved(ApprovalRequest.objects.get())
    archiving = {**fields, "archive_existing_versions": True}
    assert send(client, "POST", "model-versions/transition-stage", **archiving).status == 403
    assert send(client, "POST", "model-versions/transition-stage", **fields).status == 200
    assert Approval.objects.get().used_at is not None
    for stage in ("None", "Archived", "Staging"):
        reply = send(client, "POST", "model-versions/transition-stage", **{**fields, "stage": stage})
        assert (reply.status, "protected by a policy" in reply.json["message"]) == (403, True)
