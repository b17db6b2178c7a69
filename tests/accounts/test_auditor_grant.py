"""Auditing for a time: everywhere or in one workspace, at once and until it ends by itself."""

import datetime as dt
from typing import Any

import pytest

from portal import access
from portal.accounts.actor import Actor
from portal.accounts.models import AuditorGrant, Membership
from portal.accounts.services.auditor_grants import auditor_grant_give, auditor_grant_revoke
from portal.accounts.tokens import token_authenticate
from portal.audit.models import AuditEvent
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, PermissionDenied
from portal.operations import read_logged
from tests.audit.events import detail_of, latest, recorded

GIVE, REVOKE = "accounts.auditor_grant.give", "accounts.auditor_grant.revoke"
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def give(acting, olga):
    def make(user, **given):
        fields: dict[str, Any] = {"ends_at": now() + HOUR, "reason": "yearly audit"} | given
        return auditor_grant_give(actor=acting(olga), user=user, **fields)

    return make


def shift(grant, **times):
    AuditorGrant.objects.filter(pk=grant.pk).update(**times)


def test_everywhere_means_reading_as_an_auditor_does(give, cleo, workspace, other):
    assert not Actor.of_user(cleo).is_auditor
    give(cleo)
    actor = Actor.of_user(cleo)
    assert actor.is_auditor
    assert access.allows(actor, "experiments.run.read", workspace)
    assert not access.allows(actor, "accounts.workspace.update", other)
    assert recorded() == [(GIVE, "done")]
    assert detail_of(latest())["changes"]["reason"] == [None, "yearly audit"]


def test_one_workspace_means_a_viewer_there(give, cleo, workspace, other):
    give(cleo, workspace=workspace)
    actor = Actor.of_user(cleo)
    assert not actor.is_auditor
    assert actor.roles[workspace.pk] == {"viewer"}
    assert actor.audits(workspace.pk)
    assert not actor.audits(other.pk)
    assert access.allows(actor, "accounts.workspace.update", other)
    assert not access.allows(actor, "experiments.run.create", workspace)
    assert latest().workspace_id == workspace.pk


def test_a_token_follows_at_once(give, cleo, workspace, token_for, acting, olga):
    secret = token_for(cleo)
    assert not token_authenticate(secret).is_auditor
    grant = give(cleo)
    actor = token_authenticate(secret)
    assert (actor.is_auditor, actor.can_write) == (True, False)
    auditor_grant_revoke(actor=acting(olga), grant=grant)
    assert not token_authenticate(secret).is_auditor
    give(cleo, workspace=workspace)
    actor = token_authenticate(secret)
    assert actor.audits(workspace.pk)
    assert actor.roles[workspace.pk] == {"viewer"}


def test_a_bound_token_sees_no_further(give, cleo, workspace, other, token_for):
    secret = token_for(cleo, workspaces=(other,))
    give(cleo, workspace=workspace)
    assert workspace.pk not in token_authenticate(secret).roles
    give(cleo)
    assert not token_authenticate(secret).is_auditor


@pytest.mark.parametrize(("begins", "ends"), [(-2, -1), (1, 2)])
def test_it_holds_only_in_its_time(give, cleo, workspace, token_for, begins, ends):
    secret = token_for(cleo)
    for grant in (give(cleo), give(cleo, workspace=workspace)):
        shift(grant, starts_at=now() + begins * HOUR, ends_at=now() + ends * HOUR)
    for actor in (Actor.of_user(cleo), token_authenticate(secret)):
        assert not actor.is_auditor
        assert not actor.audits(workspace.pk)


def test_a_session_sees_it_with_its_next_request(client, give, cleo, workspace, acting, olga):
    client.force_login(cleo, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/api/v1/workspaces/credit").status_code == 404
    grant = give(cleo, workspace=workspace)
    assert client.get("/api/v1/workspaces/credit").status_code == 200
    auditor_grant_revoke(actor=acting(olga), grant=grant)
    assert client.get("/api/v1/workspaces/credit").status_code == 404


def test_nobody_lets_themselves_audit(give, olga):
    with pytest.raises(PermissionDenied):
        give(olga)
    assert recorded() == [(GIVE, "denied")]


@pytest.mark.parametrize("who", ["ann", "dia", "aude", "cleo"])
def test_only_operators_give(request, acting, who, bob):
    actor = acting(request.getfixturevalue(who))
    with pytest.raises(PermissionDenied):
        auditor_grant_give(actor=actor, user=bob, ends_at=now() + HOUR, reason="x")
    assert not AuditorGrant.objects.exists()


def test_nobody_audits_their_own_work(give, ann, robot, aude, workspace, other):
    for user in (ann, robot):
        with pytest.raises(Conflict):
            give(user, workspace=workspace)
    with pytest.raises(Conflict):
        give(aude)
    give(ann, workspace=other)


@pytest.mark.parametrize(
    "given",
    [
        {"ends_at": now() - HOUR},
        {"ends_at": now() + dt.timedelta(days=200)},
        {"reason": " "},
        {"reason": "\x00"},
    ],
)
def test_bad_wishes(give, bob, given):
    with pytest.raises(InvalidInput):
        give(bob, **given)


def test_it_ends_once(give, bob, acting, olga):
    grant = give(bob)
    auditor_grant_revoke(actor=acting(olga), grant=grant, reason="done")
    with pytest.raises(Conflict):
        auditor_grant_revoke(actor=acting(olga), grant=grant)
    assert recorded()[-2:] == [(REVOKE, "done"), (REVOKE, "refused")]


def test_reads_of_auditors_leave_events(give, aude, bob, cleo, workspace, other):
    give(cleo, workspace=workspace)
    before = len(recorded())
    for user, target in ((aude, workspace), (cleo, workspace), (bob, workspace), (cleo, other)):
        actor = Actor.of_user(user)
        read_logged(
            actor=actor, action="compliance.evidence.read", target=target, detail="kind=artifact_scan"
        )
    assert recorded()[before:] == [("compliance.evidence.read", "done")] * 2
    assert detail_of(latest())["detail"] == "kind=artifact_scan"


def test_over_the_api(client, olga, bob, workspace, token_for):
    Membership.objects.filter(user=bob).delete()
    headers = {"Authorization": f"Bearer {token_for(olga)}"}
    wish = {
        "username": "bob",
        "workspace": "credit",
        "ends_at": (now() + HOUR).isoformat(),
        "reason": "audit",
    }
    made = client.post("/api/v1/auditor-grants", wish, content_type="application/json", headers=headers)
    assert made.status_code == 201
    assert (made.json()["workspace"], made.json()["granted_by"]) == ("credit", "olga")
    mine = client.get("/api/v1/auditor-grants", headers={"Authorization": f"Bearer {token_for(bob)}"}).json()
    assert [each["username"] for each in mine["items"]] == ["bob"]
    path = f"/api/v1/auditor-grants/{made.json()['id']}/revocations"
    denied = client.post(
        path, {}, content_type="application/json", headers={"Authorization": f"Bearer {token_for(bob)}"}
    )
    assert denied.status_code == 403
    assert client.post(path, {}, content_type="application/json", headers=headers).status_code == 201


def test_what_auditors_look_up_is_on_record(client, give, aude, bob, cleo, workspace, token_for):
    def look(user, path):
        return client.get(path, headers={"Authorization": f"Bearer {token_for(user)}"})

    give(cleo, workspace=workspace)
    for user in (aude, bob, cleo):
        assert look(user, "/api/v1/audit/events?workspace=credit&outcome=done").status_code == 200
    reads = AuditEvent.objects.filter(action="audit.event.list").order_by("id")
    assert [event.actor for event in reads] == [f"user:{aude.pk}", f"user:{cleo.pk}"]
    assert detail_of(reads[0])["detail"] == f"outcome=done, workspace_id={workspace.pk}"
    assert reads[1].workspace_id == workspace.pk
    client.force_login(aude, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(f"/audit/workspace/{workspace.pk}").status_code == 200
    assert detail_of(latest())["detail"] == f"trail of workspace:{workspace.pk}"
