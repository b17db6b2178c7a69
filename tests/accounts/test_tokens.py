"""What a token may do: never more than its user, its scope, its workspaces and its time allow."""

import pytest

from portal import access
from portal.accounts.models import ApiToken
from portal.accounts.tokens import token_authenticate
from portal.kernel.errors import Unauthenticated


@pytest.mark.parametrize("secret", ["", "mlp_", "mlp_" + "A" * 43, "nonsense", "\x00", "\ud800", "ü" * 5000])
def test_an_unknown_secret_is_nobody(db, secret):
    with pytest.raises(Unauthenticated):
        token_authenticate(secret)


def test_an_expired_token_is_nobody(ann, token_for):
    with pytest.raises(Unauthenticated):
        token_authenticate(token_for(ann, days=-1))


def test_the_secret_is_not_stored(ann, token_for):
    secret = token_for(ann)
    stored = [str(value) for value in ApiToken.objects.values_list().get()]
    assert not [value for value in stored if secret in value]


def test_read_scope_does_not_write(ann, workspace, token_for):
    actor = token_authenticate(token_for(ann, scope="read"))
    assert access.allows(actor, "experiments.run.read", workspace)
    writes = [name for name, action in access.ACTIONS.items() if action.is_write]
    assert [name for name in writes if access.allows(actor, name, workspace)] == []


def test_a_bound_token_sees_its_workspace_only(ann, cleo, workspace, other, token_for):
    ann.memberships.create(workspace=other, role="viewer")
    actor = token_authenticate(token_for(ann, workspaces=(other,)))
    assert actor.workspace_ids == [other.pk]
    assert not access.sees(actor, workspace)
    assert not access.allows(actor, "experiments.run.create", other)


def test_a_lost_membership_is_lost_to_the_token(ann, workspace, token_for):
    secret = token_for(ann, workspaces=(workspace,))
    ann.memberships.all().delete()
    assert token_authenticate(secret).roles == {}


def test_a_bound_token_of_an_operator_is_no_operator(olga, workspace, other, token_for):
    actor = token_authenticate(token_for(olga, workspaces=(workspace,)))
    assert not actor.is_operator
    assert actor.workspace_ids == [workspace.pk]
    assert not access.allows(actor, "accounts.user.create")
    assert not access.allows(actor, "experiments.run.create", workspace)


def test_an_auditor_reads_everything_and_writes_nothing(aude, workspace, token_for):
    aude.memberships.create(workspace=workspace, role="maintainer")
    for workspaces in ((), (workspace,)):
        actor = token_authenticate(token_for(aude, workspaces=workspaces))
        assert access.allows(actor, "experiments.run.read", workspace)
        assert not access.allows(actor, "experiments.run.create", workspace)
        assert not access.allows(actor, "accounts.membership.add", workspace)


def test_use_is_remembered(ann, token_for):
    token_authenticate(token_for(ann), address="192.0.2.7")
    token = ApiToken.objects.get()
    assert token.last_used_at is not None
    assert token.last_used_address == "192.0.2.7"
