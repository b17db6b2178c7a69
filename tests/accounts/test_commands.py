"""The management commands that scripts use."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from portal.accounts.models import ApiToken, Membership, User, Workspace
from portal.accounts.tokens import token_authenticate
from portal.kernel.errors import Unauthenticated
from tests.audit.events import latest, recorded


def run(*words):
    """What a command prints on standard output."""
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue().strip()


def run_json(*words):
    return json.loads(run(*words, "--json"))


def test_workspace_create_is_idempotent(db):
    assert run("workspace_create", "fraud") == "Workspace fraud was made."
    assert run_json("workspace_create", "fraud")["created"] is False
    assert Workspace.objects.count() == 1
    assert recorded() == [("accounts.workspace.create", "done")]
    assert latest().actor == "system:commands.workspace_create"


def test_user_create_reads_the_password_from_a_file(db, tmp_path):
    secret = tmp_path / "password"
    secret.write_text("ocean-lantern-field-9\n")
    made = run_json(
        "user_create", "eve", "--email", "eve@example.org", "--password-file", str(secret), "--operator"
    )
    user = User.objects.get(pk=made["id"])
    assert user.check_password("ocean-lantern-field-9")
    assert user.is_operator


def test_user_create_reads_the_password_from_standard_input(db, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("ocean-lantern-field-9\n"))
    run("user_create", "eve", "--email", "eve@example.org", "--password-stdin")
    assert User.objects.get(username="eve").check_password("ocean-lantern-field-9")


def test_user_create_again_changes_nothing(ann):
    before = User.objects.values().get(username="ann")
    assert run_json("user_create", "ann", "--email", "else@example.org", "--operator")["created"] is False
    assert User.objects.values().get(username="ann") == before


def test_member_add_is_idempotent(workspace, cleo):
    assert run("member_add", "credit", "cleo", "viewer") == "cleo is now viewer of credit."
    assert run_json("member_add", "credit", "cleo", "viewer")["created"] is False
    assert Membership.objects.filter(workspace=workspace, user=cleo).count() == 1


def test_token_issue_prints_the_secret_and_nothing_else(ann, workspace):
    secret = run("token_issue", "ann", "--workspace", "credit", "--scope", "read", "--ttl", "7d")
    actor = token_authenticate(secret)
    assert actor.workspace_ids == [workspace.pk]
    assert not actor.can_write


def test_token_issue_with_a_name_replaces(ann):
    first = run_json("token_issue", "ann", "--name", "training")
    second = run_json("token_issue", "ann", "--name", "training")
    assert second["replaced"] == 1
    assert token_authenticate(second["token"]).can_write
    with pytest.raises(Unauthenticated):
        token_authenticate(first["token"])


def test_token_issue_without_a_name_adds(ann):
    for _ in range(2):
        token_authenticate(run("token_issue", "ann"))
    assert ApiToken.objects.filter(revoked_at=None).count() == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("workspace_create", "Bad Name"), "lower-case letters"),
        (("user_create", "eve"), "e-mail address"),
        (
            ("user_create", "eve", "--email", "e@e.org", "--password-file", "/nowhere/at/all"),
            "cannot be read",
        ),
        (("member_add", "nowhere", "ann", "viewer"), "no workspace nowhere"),
        (("member_add", "credit", "nobody", "viewer"), "no user nobody"),
        (("member_add", "credit", "ann", "owner"), "owner is not a role"),
        (("token_issue", "nobody"), "no user nobody"),
        (("token_issue", "ann", "--ttl", "400d"), "1 to 365 days"),
        (("token_issue", "ann", "--ttl", "soon"), "not a number of days"),
        (("token_issue", "ann", "--workspace", "other"), "not a member of other"),
    ],
)
def test_a_failure_is_one_clear_line(ann, other, words, said):
    with pytest.raises(CommandError, match=said) as caught:
        run(*words)
    assert "\n" not in str(caught.value)
    assert caught.value.returncode == 1
