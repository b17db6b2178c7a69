"""The signed log over the API: what everybody may ask, what readers of an event may, and what leaves the portal."""

import base64
import io
import json
import zipfile
from uuid import uuid4

import pytest

from compliance.models import LegalHold
from portal.accounts.models import Workspace
from portal.accounts.services.workspaces import workspace_update
from portal.audit.merkle import consistency_holds, inclusion_holds, leaf_hash
from portal.audit.models import AuditDetail, AuditEvent
from portal.audit.notes import note_holds
from tests.audit.events import detail_of, latest, recorded


@pytest.fixture
def api(client, token_for):
    """`api(user, path)` asks the API as that user."""

    def call(user, path, *, method="get", **more):
        headers = {"Authorization": f"Bearer {token_for(user)}"}
        return getattr(client, method)(
            f"/api/v1/audit/{path}", headers=headers, content_type="application/json", **more
        )

    return call


@pytest.fixture
def event(acting, ann, workspace, happen, sequencer):
    """An event of the workspace `credit` among others, all in the log."""
    happen(4)
    workspace_update(actor=acting(ann), workspace=workspace, description="Cards")
    found = latest()
    happen(5)
    sequencer.run()
    return found


def test_the_head_of_the_log(api, event, cleo, signer):
    said = api(cleo, "log").json()
    assert (said["origin"], said["size"], said["verifiers"]) == (signer.name, 10, [signer.verifier])
    assert note_holds(said["latest"]["note"], said["verifiers"][0])
    assert said["oldest_waiting_seconds"] == 0
    assert said["witnesses"] == []


def test_an_empty_log(api, cleo):
    said = api(cleo, "log").json()
    assert (said["origin"], said["size"], said["latest"]) == ("", 0, None)


def test_the_age_of_what_waits_is_told(api, event, happen, cleo):
    happen(1)
    assert 0 < api(cleo, "log").json()["oldest_waiting_seconds"] < 60


def test_checkpoints_page_and_are_found_by_size(api, event, cleo):
    first = api(cleo, "log/checkpoints?limit=1").json()
    assert [each["size"] for each in first["items"]] == [10]
    rest = api(cleo, f"log/checkpoints?cursor={first['next_cursor']}").json()
    assert [each["size"] for each in rest["items"]] == [7]
    assert api(cleo, "log/checkpoints/7").json() == rest["items"][0]
    for size in (8, 0, 10**30):
        assert api(cleo, f"log/checkpoints/{size}").status_code == 404


def test_who_reads_an_event_gets_its_proof(api, event, bob, cleo):
    said = api(bob, f"events/{event.uuid}/inclusion").json()
    root = base64.b64decode(said["checkpoint"]["root_hash"])
    path = [base64.b64decode(each) for each in said["path"]]
    assert said["index"] == 4
    assert inclusion_holds(4, 10, leaf_hash(bytes(event.payload)), path, root)
    assert api(bob, f"events/{event.uuid}/inclusion?size=7").json()["checkpoint"]["size"] == 7
    assert api(bob, f"events/{event.uuid}/inclusion?size=8").status_code == 404
    assert api(cleo, f"events/{event.uuid}/inclusion").status_code == 404
    assert api(cleo, f"events/{event.uuid}/receipt").status_code == 404
    assert api(bob, f"events/{uuid4()}/inclusion").status_code == 404


def test_an_event_without_a_place_is_a_conflict(api, event, happen, bob):
    happen(1)
    refused = api(bob, f"events/{latest().uuid}/receipt")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_in_log_yet")


def test_a_checkpoint_that_is_too_old_is_a_conflict(api, happen, sequencer, bob):
    happen(10)
    sequencer.run()
    refused = api(bob, f"events/{latest().uuid}/inclusion?size=7")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_in_checkpoint")


def test_consistency_between_any_two_sizes(api, event, cleo):
    for old in range(1, 11):
        said = api(cleo, f"log/consistency?old={old}&new=10").json()
        roots = base64.b64decode(said["old_root"]), base64.b64decode(said["new_root"])
        assert consistency_holds(old, 10, *roots, [base64.b64decode(each) for each in said["path"]])


@pytest.mark.parametrize(
    ("query", "status"),
    [("old=0&new=3", 400), ("old=4&new=3", 400), ("old=1&new=11", 404), ("old=1", 400), ("old=x&new=2", 400)],
)
def test_a_consistency_that_cannot_be(api, event, cleo, query, status):
    assert api(cleo, f"log/consistency?{query}").status_code == status


def test_strangers_read_nothing(client, event):
    for path in ("log", "log/checkpoints", f"events/{event.uuid}/receipt", "log/bundle"):
        assert client.get(f"/api/v1/audit/{path}").status_code == 401


@pytest.mark.django_db(transaction=True)
def test_the_bundle_is_for_auditors_and_operators_and_leaves_an_event(api, event, aude, olga, ann):
    for user in (aude, olga):
        answer = api(user, "log/bundle")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="audit-10.zip"'
        archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
        assert archive.testzip() is None
        assert json.loads(archive.read("manifest.json"))["size"] == 10
        assert len(archive.read("events/000000000000.ndjson").splitlines()) == 10
    assert api(ann, "log/bundle").status_code == 403
    assert recorded(action="audit.log.export") == [
        ("audit.log.export", "done"), ("audit.log.export", "done"), ("audit.log.export", "denied"),
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_an_operator_erases_words_and_leaves_a_tombstone(api, event, olga):
    path = f"events/{event.uuid}/erasures"
    answer = api(olga, path, method="post", data={"reason": "request 12 of a former member"})
    assert answer.status_code == 204
    assert not AuditDetail.objects.filter(event=event).exists()
    stone = latest()
    assert (stone.action, stone.outcome) == ("audit.detail.erase", "done")
    assert json.loads(bytes(stone.payload))["object"] == f"eventdetail:{event.uuid.hex}"
    assert detail_of(stone)["reason"] == "request 12 of a former member"
    again = api(olga, path, method="post", data={"reason": "again"})
    assert (again.status_code, again.json()["code"]) == (409, "already_erased")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("person", ["ann", "aude", "bob"])
def test_others_erase_nothing(api, event, request, person):
    user = request.getfixturevalue(person)
    assert api(user, f"events/{event.uuid}/erasures", method="post", data={"reason": "x"}).status_code == 403
    assert AuditDetail.objects.filter(event=event).exists()
    assert recorded(action="audit.detail.erase") == [("audit.detail.erase", "denied")]


@pytest.mark.django_db(transaction=True)
def test_a_hold_on_the_object_or_its_workspace_keeps_the_words(api, event, olga, workspace):
    hold = LegalHold.objects.create(
        workspace=workspace, subject_type="workspace", subject_id=str(workspace.pk), subject_label="credit",
        reason="case 7", placed_by=olga,
    )  # fmt: skip
    refused = api(olga, f"events/{event.uuid}/erasures", method="post", data={"reason": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "legal_hold")
    assert AuditDetail.objects.filter(event=event).exists()
    assert recorded(action="audit.detail.erase") == [("audit.detail.erase", "refused")]
    hold.subject_id = str(Workspace.objects.create(name="elsewhere").pk)
    hold.save()
    assert api(olga, f"events/{event.uuid}/erasures", method="post", data={"reason": "x"}).status_code == 204


@pytest.mark.django_db(transaction=True)
def test_a_reason_must_be_given(api, event, olga):
    assert api(olga, f"events/{event.uuid}/erasures", method="post", data={"reason": "  "}).status_code == 400
    assert AuditDetail.objects.count() == AuditEvent.objects.count()
