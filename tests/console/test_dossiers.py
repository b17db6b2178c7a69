"""Dossiers of decisions, the posture page, access and retention."""

import datetime as dt
import io
import json
import zipfile
from dataclasses import replace

import pytest
from django.urls import reverse
from pypdf import PdfReader

from compliance.models import Decision, GateEvaluation, LegalHold, Policy, PolicyVersion
from compliance.policies.document import document_digest
from compliance.policies.evaluation import PolicyText, digest_of, evaluate, normal
from portal.accounts.models import AuditorGrant
from portal.accounts.services.memberships import membership_add
from portal.audit.models import AuditEvent
from portal.audit.record import record
from portal.console.dossiers import dossier_of, replay
from portal.console.grants import rights_held
from portal.console.posture import measured
from portal.kernel.clock import now
from tests.web import governed

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(workspace, cora):
    return governed.version_row(governed.model_row(workspace, owner=cora))


@pytest.fixture
def asked(version, cora, dia, acting, workspace):
    governed.evidence_row(version)
    request = governed.request_row(version, cora, state="approved", closed_at=now())
    Decision.objects.create(
        request=request, workspace=workspace, round=1, person=dia, role="approver", verdict="approve",
        reason="looks right", subject_digest=request.subject_digest, evidence_digest=request.evidence_digest,
        reauthenticated_at=now(), decided_at=now(),
    )  # fmt: skip
    governed.assignment_row(version, approval=governed.approval_row(request, used_at=now()))
    record(acting(cora), "compliance.request.create", "done", request)
    return request


def test_a_dossier_tells_who_decided_what_on_which_evidence(entered, aude, asked, placed):
    placed()
    page = entered(aude).get(reverse("console-dossier", args=[asked.pk])).content.decode()
    for said in (
        "dia",
        "looks right",
        "cora",
        "Nothing was found in 2 files.",
        "compliance.request.create",
        "checkpoint 1",
    ):
        assert said in page
    noted = AuditEvent.objects.get(action="console.dossier.read")
    assert (noted.actor, noted.object_id) == (f"user:{aude.pk}", asked.pk.hex)


def test_a_dossier_is_kept_as_a_file(entered, aude, asked, placed):
    placed()
    client = entered(aude)
    address = lambda kind: reverse("console-dossier-file", args=[asked.pk, kind])  # noqa: E731
    said = json.loads(client.get(address("json")).content)
    assert said["decisions"][0]["person"] == "dia"
    assert said["decisions"][0]["is_about_these_digests"] is True
    assert said["moves"][0]["what"] == "alias champion of scorer"
    assert "looks right" in "".join(
        each.extract_text() for each in PdfReader(io.BytesIO(client.get(address("pdf")).content)).pages
    )
    archive = zipfile.ZipFile(io.BytesIO(client.get(address("zip")).content))
    receipts = [name for name in archive.namelist() if name.startswith("receipts/")]
    assert len(receipts) == 1
    assert json.loads(archive.read(receipts[0]))["index"] == 0
    assert client.get(address("exe")).status_code == 400


def test_the_move_is_among_the_events_of_its_decision(acting, aude, asked, version, dia):
    record(acting(dia), asked.act, "done", version.model)
    record(replace(acting(dia), request_id="another"), asked.act, "done", version.model)
    told = [row["action"] for row in dossier_of(acting(aude), asked)["events"]]
    assert told == ["compliance.request.create", asked.act]


def test_evidence_that_was_altered_is_told(acting, aude, asked):
    found = dossier_of(acting(aude), asked)
    assert [row["digest_holds"] for row in found["evidence"]] == [False]  # the digest of the row is made up


def test_a_replay_that_differs_says_where(asked):
    said = replay(asked.evaluation)
    assert said["is_same"] is False
    assert any("then, not asked now" in each for each in said["problems"])


def test_a_replay_of_what_was_really_asked_is_the_same(version, workspace, cora, dia):
    document = {
        "name": "real", "rules": [{"id": "auc", "title": "Good enough", "require": "facts.metrics.auc >= 0.9"}],
        "approvals": [{"role": "approver", "quorum": 1}],
    }  # fmt: skip
    policy = Policy.objects.create(workspace=workspace, name="real")
    text = PolicyVersion.objects.create(
        policy=policy, workspace=workspace, number=1, source="…", document=document, digest=document_digest(document),
        state="published", proposed_by=cora, decided_by=dia, decided_at=now(),
    )  # fmt: skip
    facts = normal({"metrics": {"auc": 0.93}, "selectors": {"risk_tier": "high"}})
    answer = evaluate(
        facts=facts, risk_tier="high", policies=[PolicyText("real", text.digest, document)], waivers=[]
    )
    seen = GateEvaluation.objects.create(
        workspace=workspace, act="registry.alias.move", subject_type="modelversion", subject_id=version.pk.hex,
        subject_label=str(version), facts=facts, facts_digest=digest_of(facts), checks=list(answer.checks),
        approvals_needed=list(answer.needed), passed=answer.passed, actor=f"user:{cora.pk}", evaluated_at=now(),
    )  # fmt: skip
    seen.policy_versions.set([text])
    assert replay(seen) == {"is_same": True, "problems": []}


def test_requests_of_other_workspaces_are_not_there(entered, asked, other, olga, cleo):
    AuditorGrant.objects.create(
        user=cleo, workspace=other, reason="x", starts_at=now() - dt.timedelta(hours=1),
        ends_at=now() + dt.timedelta(days=1), granted_by=olga,
    )  # fmt: skip
    client = entered(cleo)
    assert client.get(reverse("console-dossier", args=[asked.pk])).status_code == 404
    assert client.get(reverse("console-dossiers")).context["rows"] == []
    b"".join(client.get(reverse("console-access-export"), {"format": "csv"}).streaming_content)
    noted = AuditEvent.objects.get(action="console.record.export")
    assert (noted.actor, noted.workspace_id) == (f"user:{cleo.pk}", other.pk)


def labels(actor, key):
    return [item.why for item in measured(actor, key).items]


def test_what_is_live_unapproved_is_counted(acting, aude, version, cora, dia, workspace):
    actor = acting(aude)
    governed.assignment_row(version)
    assert labels(actor, "unapproved") == []  # nothing protects it
    governed.policy_row(workspace, "champions", ["x"], proposer=cora, decider=dia)
    governed.system_row(workspace, cora, version.model)  # which makes the model one of high risk
    assert labels(actor, "unapproved") == ["A policy protects it, and it has no approval."]


def test_an_approval_in_force_is_no_finding(acting, aude, asked, version, cora, dia, workspace):
    governed.policy_row(workspace, "champions", ["x"], proposer=cora, decider=dia)
    governed.system_row(workspace, cora, version.model)  # which makes the model one of high risk
    assert labels(acting(aude), "unapproved") == []
    asked.approval.state, asked.approval.ended_at = "revoked", now()
    asked.approval.save()
    assert labels(acting(aude), "unapproved") == ["A policy protects it, and its approval is revoked."]


def test_what_is_live_unscanned_or_unsigned_is_counted(acting, aude, version):
    actor = acting(aude)
    assert labels(actor, "unscanned") == []  # not live
    governed.assignment_row(version)
    assert labels(actor, "unscanned") == ["Scan: nothing recorded."]
    governed.evidence_row(version)
    assert labels(actor, "unscanned") == []
    assert labels(actor, "unsigned") == ["Signature: nothing recorded."]
    governed.evidence_row(version, "artifact_scan", "fail")
    assert labels(actor, "unscanned") == ["Scan: fail."]
    assert labels(actor, "unknown-lineage") == ["It names no run."]


def test_what_is_overdue_is_counted(entered, acting, aude, version, cora, dia):
    governed.finding_row(version, due_at=now() - dt.timedelta(days=1))
    governed.finding_row(version)
    governed.waiver_row(version, cora, dia)
    actor = acting(aude)
    assert len(labels(actor, "findings")) == 1
    type(governed.waiver_row(version, cora, dia)).objects.update(expires_at=now() + dt.timedelta(days=3))
    assert len(labels(actor, "waivers")) == 2
    assert entered(aude).get(reverse("console-posture", args=["findings"])).status_code == 200
    assert entered(aude).get(reverse("console-posture", args=["nothing"])).status_code == 404
    text = b"".join(
        entered(aude)
        .get(reverse("console-posture-export", args=["findings"]), {"format": "csv"})
        .streaming_content
    )
    assert text.count(b"\r\n") == 2


def test_access_says_who_gave_what_and_what_clashes(acting, aude, ann, dia, workspace):
    membership_add(actor=acting(ann), workspace=workspace, user=dia, role="maintainer")
    found = {(each.person, each.role): each for each in rights_held(acting(aude))}
    assert found["dia", "maintainer"].granted_by == "ann"
    assert found["dia", "maintainer"].event == str(
        AuditEvent.objects.get(action="accounts.membership.add").uuid
    )
    assert "makes and approves" in found["dia", "maintainer"].flags[0]
    assert found["dia", "approver"].granted_by == ""
    assert found["ann", "maintainer"].flags == ()
    assert found["aude", "auditor"].workspace == ""


def test_operators_let_people_audit_and_auditors_do_not(entered, aude, olga, workspace, cleo):
    until = (now() + dt.timedelta(days=10)).strftime("%Y-%m-%dT%H:%M")
    given = {"username": "cleo", "workspace": "credit", "ends_at": until, "reason": "yearly"}
    assert entered(aude).post(reverse("console-grant-give"), given).status_code == 403
    assert not AuditorGrant.objects.exists()
    client = entered(olga)
    assert client.post(reverse("console-grant-give"), given | {"ends_at": "soon"}).status_code == 400
    assert client.post(reverse("console-grant-give"), given | {"workspace": "nowhere"}).status_code == 400
    assert client.post(reverse("console-grant-give"), given).status_code == 302
    grant = AuditorGrant.objects.get()
    assert (grant.user, grant.workspace, grant.granted_by) == (cleo, workspace, olga)
    assert AuditEvent.objects.filter(action="accounts.auditor_grant.give", outcome="done").count() == 1
    client.post(reverse("console-grant-revoke", args=[grant.pk]))
    grant.refresh_from_db()
    assert grant.revoked_by == olga


def test_exports_of_lists(entered, aude, asked, ann, workspace, version):
    LegalHold.objects.create(
        workspace=workspace, subject_type="modelversion", subject_id=version.pk.hex, subject_label="scorer v1",
        reason="court", placed_by=ann,
    )  # fmt: skip
    client = entered(aude)
    for name, said in (
        ("dossiers", b"champion of scorer"),
        ("access", b"maintainer"),
        ("retention", b"court"),
    ):
        for kind in ("csv", "json"):
            answer = client.get(reverse(f"console-{name}-export"), {"format": kind})
            assert said in b"".join(answer.streaming_content)
        assert client.get(reverse(f"console-{name}-export"), {"format": "pdf"}).content.startswith(b"%PDF")
    assert AuditEvent.objects.filter(action="console.record.export").count() == 9
