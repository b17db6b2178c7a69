"""A token that is bound to a workspace neither shows nor ends what reaches past it."""

import pytest

from portal.accounts.models import ApiToken, Membership
from portal.accounts.selectors import tokens_visible
from portal.accounts.services.tokens import token_revoke
from portal.accounts.tokens import secret_digest, token_authenticate
from portal.kernel.errors import NotFound


@pytest.fixture
def tokens(ann, workspace, other, token_for):
    """ann's tokens by their reach; she maintains both workspaces."""
    Membership.objects.create(user=ann, workspace=other, role="maintainer")
    reaches = {"all": (), "credit": (workspace,), "other": (other,), "both": (workspace, other)}
    return {name: token_for(ann, workspaces=places) for name, places in reaches.items()}


def row(secret: str) -> ApiToken:
    return ApiToken.objects.get(digest=secret_digest(secret))


def test_it_sees_only_tokens_of_its_own_reach(tokens):
    seen = tokens_visible(token_authenticate(tokens["credit"]))
    assert list(seen) == [row(tokens["credit"])]
    assert tokens_visible(token_authenticate(tokens["all"])).count() == 4


@pytest.mark.parametrize("wider", ["all", "other", "both"])
def test_it_ends_none_of_a_wider_reach(tokens, wider):
    with pytest.raises(NotFound):
        token_revoke(actor=token_authenticate(tokens["credit"]), token=row(tokens[wider]))
    assert row(tokens[wider]).revoked_at is None


def test_it_ends_itself(tokens):
    token_revoke(actor=token_authenticate(tokens["credit"]), token=row(tokens["credit"]))
    assert row(tokens["credit"]).revoked_at is not None


def test_a_person_ends_all_of_theirs(acting, ann, tokens):
    for secret in tokens.values():
        token_revoke(actor=acting(ann), token=row(secret))
    assert not ApiToken.objects.filter(revoked_at=None).exists()
