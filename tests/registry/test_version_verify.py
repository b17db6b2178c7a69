"""registry.version.verify: a byte that differs refuses the version, opens a finding and takes back what it was."""

import os
from pathlib import Path

import pytest
from django.core.cache import cache

from compliance.models import Approval, ApprovalRequest, Finding
from experiments.artifacts import checked
from experiments.artifacts.locations import store_path
from experiments.artifacts.store import artifact_store
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


def sent(client, version, **headers):
    place = f"{store_path(version.artifact_location)}/data/model.pkl"
    return client.send("GET", f"/api/2.0/mlflow-artifacts/artifacts/{place}", **headers)


def test_the_proxy_refuses_a_changed_file_before_its_first_byte(caller, fraud, store):
    client = caller("bob")
    whole = sent(client, fraud[0])
    assert (whole.status, len(whole.body) > 0) == (200, True)
    tampered(fraud[0], store)
    for headers in ({}, {"HTTP_RANGE": "bytes=1-3"}):
        reply = sent(client, fraud[0], **headers)
        assert (reply.status, reply.error_code) == (409, "RESOURCE_CONFLICT")
    assert Finding.objects.get().subject_id == fraud[0].pk.hex
    assert sent(client, fraud[1]).status == 200


def test_a_long_file_breaks_off_before_its_last_bytes(caller, fraud, store, monkeypatch):
    monkeypatch.setattr(checked, "FIRST_BYTES", 0)
    client = caller("bob")
    assert sent(client, fraud[0]).status == 200
    tampered(fraud[0], store)
    with pytest.raises(Conflict):
        sent(client, fraud[0])
    assert Finding.objects.count() == 1


def test_a_file_that_came_later_is_none_of_the_version(caller, fraud, store):
    place = store_path(fraud[0].artifact_location)
    Path(store, place, "data/extra.bin").write_bytes(b"more")
    reply = caller("bob").send("GET", f"/api/2.0/mlflow-artifacts/artifacts/{place}/data/extra.bin")
    assert reply.status == 409


def test_a_file_is_hashed_again_only_when_something_happened_to_it(fraud, store, monkeypatch):
    path = f"{store_path(fraud[0].artifact_location)}/data/model.pkl"
    file, read = Path(store, path), []
    hashed = checked.file_measured
    monkeypatch.setattr(checked, "file_measured", lambda *given: read.append(path) or hashed(*given))
    monkeypatch.setattr(checked, "_SETTLED_SECONDS", -1)
    first = checked.digest_now(path)
    assert (checked.digest_now(path), len(read)) == (first, 1)
    before = file.stat()
    tampered(fraud[0], store)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert checked.digest_now(path) != first
    cache.set(checked._key(path, artifact_store().fingerprint(path).text), "forged:words")
    assert (checked.digest_now(path) != first, len(read)) == (True, 3)


def test_what_just_changed_is_not_kept(fraud, store):
    path = f"{store_path(fraud[0].artifact_location)}/data/model.pkl"
    Path(store, path).write_bytes(b"new")
    checked.digest_now(path)
    assert cache.get(checked._key(path, artifact_store().fingerprint(path).text)) is None
