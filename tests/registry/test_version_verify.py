"""registry.version.verify: a byte that differs refuses the version, opens a finding and takes back what it was."""

from pathlib import Path

import pytest

from compliance.models import Approval, ApprovalRequest, Finding
from experiments.artifacts.locations import store_path
from jobs.models import JobRun
from jobs.runner import run_job
from portal.accounts.actor import Actor
from portal.kernel.errors import Conflict, PermissionDenied
from registry.services.verifications import VERIFY_JOB, version_verify
from tests.audit.events import recorded
from tests.compliance.scenery import policy_put
from tests.registry.registering import POLICY, approved, intervals, send
from tests.registry.test_alias_move import put

pytestmark = pytest.mark.slow  # each builds versions with files and requests about them
VERIFY = "registry.version.verify"


def verified(version, user):
    run = version_verify(actor=Actor.of_user(user), version=version)
    assert run.kind == VERIFY_JOB
    run_job(run.pk)
    return JobRun.objects.get(pk=run.pk)


def tampered(version, store):
    path = Path(store, store_path(version.artifact_location), "data/model.pkl")
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])


def test_what_is_as_it_was_passes(fraud, ann):
    run = verified(fraud[0], ann)
    assert (run.state, run.result["changed"]) == ("done", [])
    assert not Finding.objects.exists()


def test_one_changed_bit_ends_everything_in_one_commit(caller, fraud, workspace, ann, store):
    policy_put(workspace, POLICY)
    put(caller("cora"), 1)
    approval = approved(ApprovalRequest.objects.get())
    put(caller("cora"), 1)
    assert intervals() == [(1, True, approval.pk.hex)]
    send(
        caller("cora"),
        "POST",
        "model-versions/transition-stage",
        name="fraud",
        version="1",
        stage="Production",
    )
    assert ApprovalRequest.objects.filter(state="open").count() == 1
    tampered(fraud[0], store)
    run = verified(fraud[0], ann)
    assert run.result["changed"] == ["data/model.pkl"]
    finding = Finding.objects.get()
    assert (finding.severity, finding.subject_id, finding.is_open) == ("critical", fraud[0].pk.hex, True)
    assert Approval.objects.get().state == "revoked"
    assert intervals() == [(1, False, approval.pk.hex)]
    assert not ApprovalRequest.objects.filter(state="open").exists()
    verified(fraud[0], ann)
    assert Finding.objects.count() == 1


def test_a_download_by_name_looks_at_the_files(caller, fraud, store):
    client = caller("bob")
    reply = client.get("model-versions/get-download-uri", name="fraud", version="1")
    assert reply.json == {"artifact_uri": fraud[0].artifact_location}
    tampered(fraud[0], store)
    for _ in range(2):
        reply = client.get("model-versions/get-download-uri", name="fraud", version="1")
        assert (reply.status, reply.error_code) == (409, "RESOURCE_CONFLICT")
    assert Finding.objects.count() == 1
    assert client.get("model-versions/get-download-uri", name="fraud", version="2").status == 200


def test_denied_for_viewers_and_refused_for_prompts(fraud, bob, ann):
    with pytest.raises(PermissionDenied):
        version_verify(actor=Actor.of_user(bob), version=fraud[0])
    assert recorded()[-1] == (VERIFY, "denied")
    fraud[0].status = "FAILED_REGISTRATION"
    fraud[0].save(update_fields=["status"])
    with pytest.raises(Conflict):
        version_verify(actor=Actor.of_user(ann), version=fraud[0])
