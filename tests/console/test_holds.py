"""Legal holds at the console: operators place and release them, auditors see them."""

import pytest
from django.urls import reverse

from compliance.models import LegalHold
from portal.audit.models import AuditEvent
from registry.models import ModelVersion
from tests.web import governed

PLACE = reverse("console-hold-place")


@pytest.fixture
def version(workspace) -> ModelVersion:
    return governed.version_row(governed.model_row(workspace, "scorer"))


@pytest.fixture
def given(version) -> dict[str, str]:
    return {"kind": "modelversion", "key": str(version.pk), "reason": "Case 12"}


def test_an_operator_places_and_releases_a_hold(entered, olga, workspace, version, given):
    client = entered(olga)
    assert client.post(PLACE, given).status_code == 302
    hold = LegalHold.objects.get()
    assert (hold.workspace, hold.subject_id, hold.placed_by) == (workspace, version.pk.hex, olga)
    assert hold.subject_label == str(version)
    assert "on hold already" in client.post(PLACE, given, follow=True).content.decode()
    release = reverse("console-hold-release", args=[hold.pk])
    assert "Say why" in client.post(release, {"reason": ""}, follow=True).content.decode()
    client.post(release, {"reason": "closed"})
    hold.refresh_from_db()
    assert hold.released_by == olga
    assert "Case 12" in client.get(reverse("console-retention"), {"state": "released"}).content.decode()
    assert "Case 12" not in client.get(reverse("console-retention"), {"state": "holds"}).content.decode()
    done = AuditEvent.objects.filter(action__startswith="compliance.hold.", outcome="done")
    assert done.count() == 2


@pytest.mark.parametrize("kind", ["workspace", "auditevent", "experiment", "loggedmodel", "run", "nothing"])
def test_what_is_not_there_is_told_at_the_field(entered, olga, workspace, kind):
    answer = entered(olga).post(PLACE, {"kind": kind, "key": "no-such", "reason": "Case 12"})
    assert answer.status_code == 400
    assert answer.context["form"].errors
    assert LegalHold.objects.count() == 0


def test_a_workspace_and_an_event_are_held_by_name_and_id(entered, olga, workspace, version, given):
    client = entered(olga)
    client.post(PLACE, given)
    event = AuditEvent.objects.get(action="compliance.hold.place")
    client.post(PLACE, {"kind": "workspace", "key": workspace.name, "reason": "Case 13"})
    client.post(PLACE, {"kind": "auditevent", "key": str(event.uuid), "reason": "Case 14"})
    held = LegalHold.objects.order_by("placed_at").values_list("subject_type", "subject_id")
    assert list(held)[1:] == [("workspace", str(workspace.pk)), ("auditevent", event.uuid.hex)]


def test_an_auditor_sees_holds_and_places_none(entered, aude, ann, olga, given):
    entered(olga).post(PLACE, given)
    page = entered(aude).get(reverse("console-retention")).content.decode()
    assert "Case 12" in page
    assert "Place the hold" not in page
    entered(aude).post(PLACE, given | {"kind": "workspace", "key": "credit"})
    entered(aude).post(reverse("console-hold-release", args=[LegalHold.objects.get().pk]), {"reason": "x"})
    assert LegalHold.objects.get().released_at is None
    assert entered(ann).post(PLACE, given).status_code == 403
