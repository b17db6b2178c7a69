"""Evidence that the portal records, and the newest of a kind."""

import datetime as dt
import hashlib
from typing import Any

import pytest
import rfc8785
from django.db import DatabaseError, transaction

from compliance.models import Evidence
from compliance.selectors.evidence import evidence_list, evidence_newest
from compliance.services import evidence as service
from compliance.services.evidence import evidence_record
from portal.accounts.actor import Actor
from portal.kernel.errors import InvalidInput, PermissionDenied, TooLarge
from tests.audit.events import detail_of, latest, recorded

FILES, OTHER_FILES = "a" * 64, "b" * 64
SCANNER = Actor.system("registry.scan_version", actions=["compliance.evidence.record"])


def record(workspace, *, actor=SCANNER, **given):
    fields = {
        "workspace_id": workspace.pk, "subject_type": "modelversion", "subject_id": "7", "subject_label": "fraud v7",
        "subject_digest": FILES, "kind": "artifact_scan", "outcome": "pass", "summary": "3 files are clean.",
        "body": {"files": 3}, "source": "modelscan 0.8.8",
    }  # fmt: skip
    with transaction.atomic():
        return evidence_record(actor=actor, **(fields | given))


def test_it_is_kept_with_its_digest_and_an_event(workspace):
    made = record(workspace)
    said: Any = {
        "kind": "artifact_scan",
        "outcome": "pass",
        "summary": "3 files are clean.",
        "body": {"files": 3},
    }
    assert made.digest == hashlib.sha256(rfc8785.dumps(said)).hexdigest()
    assert (made.actor, made.workspace_id, made.expires_at) == (
        "system:registry.scan_version", workspace.pk, None
    )  # fmt: skip
    assert recorded() == [("compliance.evidence.record", "done")]
    assert (latest().object_type, latest().workspace_id) == ("evidence", workspace.pk)
    assert detail_of(latest())["changes"]["statement"] == [None, made.digest]
    assert "files" not in detail_of(latest())["changes"]


def test_who_may_not_record_leaves_none(workspace, acting, bob):
    with pytest.raises(PermissionDenied):
        record(workspace, actor=acting(bob))
    with pytest.raises(PermissionDenied):
        record(workspace, actor=Actor.system("other", actions=["jobs.job.finish"]))
    assert not Evidence.objects.exists()


def test_the_same_look_again_has_the_same_digest(workspace):
    first, second = record(workspace), record(workspace, source="modelscan 0.8.9")
    assert first.digest == second.digest
    assert record(workspace, outcome="fail").digest != first.digest
    assert record(workspace, summary="4 files are clean.").digest != first.digest


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"kind": "hearsay"}, InvalidInput),
        ({"outcome": "maybe"}, InvalidInput),
        ({"body": {"size": float("nan")}}, InvalidInput),
        ({"body": {"size": 2**60}}, InvalidInput),
        ({"body": {"text": "a\x00b"}}, InvalidInput),
        ({"body": {"text": "\ud800"}}, InvalidInput),
        ({"summary": "a\x00b"}, InvalidInput),
        ({"body": {"text": "x" * (1024 * 1024)}}, TooLarge),
    ],
)
def test_what_cannot_be_kept_is_refused(workspace, given, error):
    with pytest.raises(error):
        record(workspace, **given)
    assert not Evidence.objects.exists()


def test_a_backslash_is_no_nul(workspace):
    assert record(workspace, body={"text": "\\u0000"}).body == {"text": "\\u0000"}


def test_the_newest_of_each_kind_about_these_files_counts(workspace):
    record(workspace, outcome="fail")
    newest = record(workspace)
    signed = record(workspace, kind="signature")
    record(workspace, subject_digest=OTHER_FILES, outcome="fail")
    record(workspace, subject_id="8", outcome="fail")
    found = evidence_newest(subject_type="modelversion", subject_id="7", subject_digest=FILES)
    assert found == {"artifact_scan": newest, "signature": signed}
    one = evidence_newest(subject_type="modelversion", subject_id="7", subject_digest=FILES, kind="signature")
    assert one == {"signature": signed}


def test_a_clock_set_back_does_not_bring_old_evidence_to_the_front(workspace, monkeypatch):
    first = record(workspace)
    monkeypatch.setattr(service, "now", lambda: first.recorded_at - dt.timedelta(hours=1))
    monkeypatch.setattr("portal.kernel.ids.time.time_ns", lambda: 1_000_000)
    second = record(workspace, outcome="fail")
    assert second.recorded_at >= first.recorded_at
    found = evidence_newest(subject_type="modelversion", subject_id="7", subject_digest=FILES)
    assert found["artifact_scan"].pk == second.pk


def test_nothing_recorded_is_changed_or_deleted(workspace):
    made = record(workspace)
    with pytest.raises(DatabaseError), transaction.atomic():
        Evidence.objects.filter(pk=made.pk).update(outcome="fail")
    with pytest.raises(DatabaseError), transaction.atomic():
        Evidence.objects.filter(pk=made.pk).delete()


def test_only_those_inside_and_auditors_read(workspace, acting, bob, cleo, aude):
    made = record(workspace)
    about = {"subject_type": "modelversion", "subject_id": "7"}
    assert list(evidence_list(acting(bob), **about)) == [made]
    assert list(evidence_list(acting(aude), **about, kind="artifact_scan")) == [made]
    assert list(evidence_list(acting(aude), **about, kind="signature")) == []
    assert list(evidence_list(acting(cleo), **about)) == []
