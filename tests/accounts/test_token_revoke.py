"""token_revoke, and who sees which token."""

import pytest

from portal.accounts.models import ApiToken, Membership
from portal.accounts.selectors import tokens_visible
from portal.accounts.services.tokens import token_revoke
from portal.accounts.tokens import token_authenticate
from portal.kernel.errors import NotFound, PermissionDenied, Unauthenticated
from tests.audit.events import recorded

REVOKE = "accounts.token.revoke"


def test_revoking_counts_from_the_next_call(acting, bob, token_for):
    secret = token_for(bob)
    token_authenticate(secret)
    token_revoke(actor=acting(bob), token=ApiToken.objects.get(), reason="lost laptop")
    with pytest.raises(Unauthenticated):
        token_authenticate(secret)
    assert recorded() == [(REVOKE, "done")]


def test_repeating_keeps_the_first_time(acting, bob, token_for):
    token_for(bob)
    token = ApiToken.objects.get()
    first = token_revoke(actor=acting(bob), token=token).revoked_at
    assert token_revoke(actor=acting(bob), token=token).revoked_at == first


@pytest.mark.parametrize("who", ["ann", "cleo"])
def test_others_do_not_see_it(request, acting, who, bob, token_for):
    token_for(bob)
    actor = acting(request.getfixturevalue(who))
    token = ApiToken.objects.get()
    with pytest.raises(NotFound):
        token_revoke(actor=actor, token=token)
    token.refresh_from_db()
    assert token.revoked_at is None
    assert token not in tokens_visible(actor)
    assert recorded() == [(REVOKE, "denied")]


def test_an_auditor_sees_it_and_changes_nothing(acting, aude, bob, token_for):
    token_for(bob)
    with pytest.raises(PermissionDenied):
        token_revoke(actor=acting(aude), token=ApiToken.objects.get())
    assert tokens_visible(acting(aude)).count() == 1


def test_a_read_token_revokes_nothing(bob, token_for):
    actor = token_authenticate(token_for(bob, scope="read"))
    with pytest.raises(PermissionDenied):
        token_revoke(actor=actor, token=ApiToken.objects.get())


def test_an_operator_revokes_any(acting, olga, bob, token_for):
    token_for(bob)
    assert token_revoke(actor=acting(olga), token=ApiToken.objects.get()).revoked_at


@pytest.mark.parametrize("is_bound", [True, False])
def test_a_maintainer_revokes_the_tokens_of_their_service_account(
    acting, ann, robot, workspace, token_for, is_bound
):
    token_for(robot, workspaces=(workspace,) if is_bound else ())
    token = ApiToken.objects.get()
    assert token in tokens_visible(acting(ann))
    assert token_revoke(actor=acting(ann), token=token).revoked_at


@pytest.mark.parametrize("is_bound", [True, False])
def test_but_not_one_that_reaches_elsewhere(acting, ann, robot, workspace, other, token_for, is_bound):
    Membership.objects.create(user=robot, workspace=other, role="viewer")
    token_for(robot, workspaces=(workspace, other) if is_bound else ())
    token = ApiToken.objects.get()
    assert token not in tokens_visible(acting(ann))
    with pytest.raises(NotFound):
        token_revoke(actor=acting(ann), token=token)
