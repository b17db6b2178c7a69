"""The members page asks the same operations, and a refusal there is recorded like any other."""

from portal.accounts.models import Membership
from tests.audit.events import recorded

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def test_a_viewer_is_refused_and_learns_no_names(client, bob, cleo, workspace):
    client.force_login(bob, backend=BACKEND)
    for name in ("cleo", "nobody"):
        client.post("/workspaces/credit/members/add", {"user": name, "role": "viewer"})
    assert not Membership.objects.filter(workspace=workspace, user=cleo).exists()
    assert recorded() == [("accounts.membership.add", "denied")] * 2


def test_an_outsider_finds_no_such_page(client, cleo, workspace):
    client.force_login(cleo, backend=BACKEND)
    assert client.get("/workspaces/credit/members").status_code == 404
    assert client.get("/workspaces/nowhere/members").status_code == 404
