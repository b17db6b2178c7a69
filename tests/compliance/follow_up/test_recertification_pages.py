"""The pages of re-certifications, as approvers and others see them."""

import datetime as dt

import pytest

from compliance.models import Approval, Recertification
from portal.kernel.clock import now
from tests.compliance import gated
from tests.compliance.scenery import policy_put
from tests.conftest import PASSWORD

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def row(gated_act, workspace, asked, decides, dia):
    policy_put(workspace)
    gated.subject_put(workspace.pk)
    decides(dia, asked())
    return Recertification.objects.create(
        workspace=workspace, approval=Approval.objects.get(), subject_type="gated", subject_id="v1",
        subject_label="fraud v1", trigger="evidence", detail="Evidence about it has failed.",
        due_at=now() - dt.timedelta(days=1),
    )  # fmt: skip


@pytest.fixture
def seen(client):
    def look(user, path):
        client.force_login(user, backend=BACKEND)
        return client.get(path)

    return look


def test_an_approver_renews_on_the_page(client, seen, row, dia, bob, cleo):
    path = f"/recertifications/{row.pk}"
    listed = seen(dia, "/recertifications?view=overdue").content.decode()
    assert path in listed
    assert "overdue" in listed
    assert path in seen(dia, "/inbox").content.decode()
    assert "Renew or revoke" in seen(dia, path).content.decode()
    shown = seen(bob, path).content.decode()
    assert "Evidence about it has failed." in shown
    assert "Renew or revoke" not in shown
    assert seen(cleo, path).status_code == 404
    client.force_login(dia, backend=BACKEND)
    wish = {"outcome": "renewed", "statement": "Looked at the scan."}
    assert "Prove that it is you" in client.post(f"{path}/complete", wish, follow=True).content.decode()
    done = client.post(f"{path}/complete", wish | {"secret": PASSWORD}, follow=True)
    assert "The approval is renewed." in done.content.decode()
    row.refresh_from_db()
    assert (row.outcome, row.completed_by) == ("renewed", dia)


def test_others_are_refused_on_the_page(client, row, bob):
    client.force_login(bob, backend=BACKEND)
    done = client.post(
        f"/recertifications/{row.pk}/complete",
        {"outcome": "revoked", "statement": "x", "secret": PASSWORD},
        follow=True,
    )
    assert "is refused" in done.content.decode()
    row.refresh_from_db()
    assert row.completed_at is None
    assert gated.points_to() == "v1"
