"""token_issue."""

import hashlib
from datetime import timedelta

import pytest

from portal.accounts.models import ApiToken, Membership
from portal.accounts.services.tokens import token_issue
from portal.accounts.tokens import token_authenticate
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, PermissionDenied
from tests.audit.events import detail_of, latest, recorded

ISSUE = "accounts.token.issue"


def test_everyone_issues_their_own(acting, bob, workspace):
    issued = token_issue(actor=acting(bob), user=bob, name="laptop", scope="read", workspaces=[workspace])
    assert issued.secret.startswith("mlp_")
    assert bytes(issued.token.digest) == hashlib.sha256(issued.secret.encode()).digest()
    assert token_authenticate(issued.secret).roles == {workspace.pk: frozenset({"viewer"})}


def test_the_event_is_about_the_token_and_holds_no_secret(acting, bob):
    issued = token_issue(actor=acting(bob), user=bob, name="laptop", scope="read")
    event = latest()
    assert (event.action, event.outcome, event.object_type) == (ISSUE, "done", "apitoken")
    assert event.object_id == issued.token.pk.hex
    stored = bytes(event.payload) + bytes(event.detail.body)
    assert issued.secret.encode() not in stored
    assert bytes(issued.token.digest).hex().encode() not in stored
    assert detail_of(event)["changes"]["scope"] == [None, "read"]


def test_ninety_days_unless_said_otherwise(acting, bob):
    issued = token_issue(actor=acting(bob), user=bob, name="laptop", scope="read")
    assert abs(issued.token.expires_at - now() - timedelta(days=90)) < timedelta(minutes=5)


@pytest.mark.parametrize("who", ["ann", "olga"])
def test_nobody_issues_for_another_person(request, acting, who, bob):
    actor = acting(request.getfixturevalue(who))
    with pytest.raises(PermissionDenied):
        token_issue(actor=actor, user=bob, name="mine", scope="write")
    assert not ApiToken.objects.exists()
    assert recorded() == [(ISSUE, "denied")]


def test_a_token_cannot_make_tokens(bob, token_for):
    actor = token_authenticate(token_for(bob))
    with pytest.raises(PermissionDenied, match="cannot issue"):
        token_issue(actor=actor, user=bob, name="more", scope="write")
    assert ApiToken.objects.count() == 1


def test_maintainers_issue_for_service_accounts_inside_what_they_maintain(acting, ann, robot, workspace):
    issued = token_issue(actor=acting(ann), user=robot, name="ci", scope="write", workspaces=[workspace])
    assert token_authenticate(issued.secret).roles == {workspace.pk: frozenset({"contributor"})}


def test_but_not_beyond(acting, ann, robot, workspace, other):
    Membership.objects.create(user=robot, workspace=other, role="contributor")
    for workspaces in ([], [other], [workspace, other]):
        with pytest.raises(PermissionDenied):
            token_issue(actor=acting(ann), user=robot, name="ci", scope="write", workspaces=workspaces)
    assert not ApiToken.objects.exists()


def test_members_do_not_issue_for_service_accounts(acting, cora, robot, workspace):
    with pytest.raises(PermissionDenied):
        token_issue(actor=acting(cora), user=robot, name="ci", scope="write", workspaces=[workspace])


def test_operators_issue_for_service_accounts(acting, olga, robot):
    token_issue(actor=acting(olga), user=robot, name="ci", scope="write")
    assert recorded() == [(ISSUE, "done")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"ttl_days": 0},
        {"ttl_days": 366},
        {"scope": "admin"},
        {"name": " "},
        {"name": "a" * 101},
        {"name": "a\nb"},
    ],
)
def test_values_have_bounds(acting, bob, wrong):
    with pytest.raises(InvalidInput):
        token_issue(actor=acting(bob), user=bob, **{"name": "ok", "scope": "read", **wrong})
    assert not ApiToken.objects.exists()


def test_only_workspaces_of_the_user(acting, bob, other):
    with pytest.raises(InvalidInput, match="not a member of other"):
        token_issue(actor=acting(bob), user=bob, name="ok", scope="read", workspaces=[other])
    assert not ApiToken.objects.exists()


def test_none_for_the_deactivated(acting, olga, robot):
    robot.is_active = False
    robot.save()
    with pytest.raises(Conflict):
        token_issue(actor=acting(olga), user=robot, name="ci", scope="read")
    assert recorded() == [(ISSUE, "refused")]
