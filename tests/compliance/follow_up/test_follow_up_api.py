"""Findings, re-certifications and the inbox over /api/v1/; and what the outbox clears away."""

import datetime as dt

import pytest

from compliance import clearing
from compliance.models import Approval, Delivery, LegalHold, Notice, Recertification
from jobs.queue import enqueue
from portal.accounts.actor import Actor
from portal.audit.models import AuditEvent
from portal.kernel.clock import now
from tests.api.conftest import ApiClient
from tests.compliance import gated
from tests.compliance.scenery import policy_put
from tests.conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("fresh_cache")
WISH = {
    "workspace": "credit", "key": "bias", "subject_type": "modelversion", "subject_id": "v1",
    "subject_label": "fraud v1",
    "title": "Bias by region", "severity": "high", "due_days": 14, "owner": "cora",
}  # fmt: skip


@pytest.fixture
def api(token_for):
    return lambda user: ApiClient(token_for(user))


def test_a_finding_from_report_to_closure(api, ann, bob, cora, cleo):
    made = api(bob).post("findings", WISH)
    assert made.status_code == 201, made.content
    assert (made.json()["owner"], made.json()["source"]) == ("cora", "reported by bob")
    path = f"findings/{made.json()['id']}"
    assert api(bob).post("findings", WISH).status_code == 409
    assert api(cleo).get(path).status_code == 404
    assert api(cleo).get("findings").json()["items"] == []
    assert api(ann).post(f"{path}/assignments", {"owner": "cleo"}).status_code == 404
    assert api(ann).post(f"{path}/assignments", {"owner": "bob"}).json()["owner"] == "bob"
    due = (now() + dt.timedelta(days=30)).isoformat()
    assert api(bob).post(f"{path}/reschedules", {"due_at": due, "reason": "x"}).status_code == 403
    assert api(ann).post(f"{path}/reschedules", {"due_at": due, "reason": "x"}).status_code == 201
    assert [each["key"] for each in api(bob).get("findings", {"view": "mine"}).json()["items"]] == ["bias"]
    assert api(cora).post(f"{path}/closures", {"closure": "mended"}).status_code == 403
    closed = api(bob).post(f"{path}/closures", {"closure": "run 17"}).json()
    assert (closed["is_open"], closed["closed_by"]) == (False, "bob")
    assert api(bob).get("findings", {"view": "open"}).json()["items"] == []
    assert api(bob).get("findings", {"view": "closed", "severity": "high"}).json()["items"]


def test_what_auditors_read_is_noted_and_what_members_read_is_not(api, bob, cora, aude):
    made = api(bob).post("findings", WISH).json()
    for person in (bob, aude):
        api(person).get("findings", {"severity": "high"})
        api(person).get(f"findings/{made['id']}")
        api(person).get("recertifications", {"view": "due"})
    noted = AuditEvent.objects.exclude(action="compliance.finding.open").order_by("id")
    assert [(each.action, each.actor) for each in noted] == [
        (action, f"user:{aude.pk}")
        for action in (
            "compliance.finding.list",
            "compliance.finding.read",
            "compliance.recertification.list",
        )
    ]
    assert noted[1].object_id == made["id"].replace("-", "")


def test_a_recertification_waits_in_the_inbox_until_it_is_done(
    api, gated_act, workspace, asked, decides, dia, cora, bob
):
    policy_put(workspace)
    gated.subject_put(workspace.pk)
    decides(dia, asked())
    approval = Approval.objects.get()
    row = Recertification.objects.create(
        workspace=workspace, approval=approval, subject_type="gated", subject_id="v1", subject_label="fraud v1",
        trigger="evidence", due_at=now() + dt.timedelta(days=3),
    )  # fmt: skip
    inbox = api(dia).get("inbox").json()
    assert [(item["kind"], item["asked"]) for item in inbox["items"]] == [
        ("recertification", "Renew or revoke it")
    ]
    assert api(cora).get("inbox").json()["count"] == api(bob).get("inbox").json()["count"] == 0
    [listed] = api(bob).get("recertifications", {"view": "due", "workspace": "credit"}).json()["items"]
    assert (listed["id"], listed["request"]) == (str(row.pk), str(approval.request_id))
    path = f"recertifications/{row.pk}"
    wish = {"outcome": "renewed", "statement": "Looked at the failing scan."}
    refused = api(dia).post(f"{path}/completions", wish)
    assert (refused.status_code, refused.json()["code"]) == (403, "reauthentication_required")
    wish["password"] = PASSWORD
    assert api(bob).post(f"{path}/completions", wish).status_code == 403
    assert api(dia).post(f"{path}/completions", wish).json()["completed_by"] == "dia"
    assert api(dia).get(path).json()["outcome"] == "renewed"
    assert api(dia).get("inbox").json()["count"] == 0


def test_the_outbox_keeps_what_waits_or_is_held(tell, hook, deliver, workspace, ann, settings):
    hook()
    sent, waiting = tell(), tell()
    Delivery.objects.filter(notice=sent).update(state="sent")
    Notice.objects.update(created_at=now() - dt.timedelta(days=400))
    young = tell()
    hold = LegalHold.objects.create(
        workspace=workspace, subject_type="workspace", subject_id=str(workspace.pk), subject_label="credit",
        reason="x", placed_by=ann,
    )  # fmt: skip

    def clear():
        enqueue(clearing.KIND, key="test", args={}, actor=Actor.system("test", actions=[]), workspace_id=None)
        deliver(clearing.KIND)
        return set(Notice.objects.values_list("pk", flat=True))

    assert clear() == {sent.pk, waiting.pk, young.pk}
    hold.delete()
    settings.RETENTION_DAYS = {"outbox": 500}
    assert clear() == {sent.pk, waiting.pk, young.pk}
    settings.RETENTION_DAYS = {}
    assert clear() == {waiting.pk, young.pk}
