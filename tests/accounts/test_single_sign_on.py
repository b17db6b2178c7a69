"""Single sign-on from the first redirect to the grants, against a real provider on a local port."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from portal.accounts.models import Membership, User
from portal.settings.oidc import group_roles, provider_of
from tests.accounts.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider
from tests.audit.events import recorded

START = "/accounts/oidc/sso/login/"
MAPPING = """{
  "credit-devs": {"credit": "contributor"}, "credit-leads": {"credit": ["maintainer", "approver"]},
  "platform": "operator", "inspection": "auditor"
}"""

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("fresh_cache", "workspace")]


@pytest.fixture
def idp(settings):
    provider = IdentityProvider()
    settings.SOCIALACCOUNT_PROVIDERS = provider_of(
        provider.issuer, client_id=CLIENT_ID, secret=CLIENT_SECRET, name="Test",
        scopes=["openid", "profile", "email"], is_email_trusted=False,
    )  # fmt: skip
    settings.OIDC_GROUP_ROLES = group_roles(MAPPING)
    yield provider
    provider.stop()


def eve(*groups, **claims):
    person = {"sub": "e-1", "preferred_username": "eve", "name": "Eve E", "email": "eve@example.org",
              "email_verified": True, "groups": list(groups)}  # fmt: skip
    return {**person, **claims}


def sign_in(client, idp, person):
    """Follow the redirects as a browser would; the last answer of the portal."""
    idp.person = person
    away = client.get(START)
    assert away.status_code == 302
    back = httpx.get(away.headers["Location"]).headers["Location"]
    where = urlsplit(back)
    return client.get(f"{where.path}?{where.query}")


def who(client):
    answer = client.get("/api/v1/me")
    return answer.json() if answer.status_code == 200 else None


def roles_of(username):
    return set(Membership.objects.filter(user__username=username).values_list("workspace__name", "role"))


def test_a_newcomer_gets_an_account_and_the_roles_of_their_groups(client, idp):
    assert sign_in(client, idp, eve("credit-devs", "unrelated")).status_code == 302
    assert who(client)["workspaces"] == {"credit": ["contributor"]}
    user = User.objects.get(username="eve")
    assert (user.email, user.name, user.has_usable_password()) == ("eve@example.org", "Eve E", False)
    assert recorded() == [
        ("accounts.user.create", "done"), ("accounts.membership.add", "done"), ("accounts.session.start", "done"),
    ]  # fmt: skip


def test_the_request_is_code_flow_with_pkce_and_state(client, idp):
    sign_in(client, idp, eve("credit-devs"))
    asked = idp.requests[0]
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) >= 16
    assert "openid" in asked["scope"].split()


def test_grants_follow_the_groups_at_every_sign_in(client, idp):
    sign_in(client, idp, eve("credit-devs"))
    sign_in(client, idp, eve("credit-leads"))
    assert roles_of("eve") == {("credit", "maintainer"), ("credit", "approver")}
    sign_in(client, idp, eve("inspection"))
    assert roles_of("eve") == set()
    assert who(client)["is_auditor"] is True
    assert User.objects.filter(username__startswith="eve").count() == 1
    assert ("accounts.membership.remove", "done") in recorded()
    assert ("accounts.user.update", "done") in recorded()


def test_leaving_all_groups_takes_everything_away(client, idp):
    sign_in(client, idp, eve("platform", "credit-leads"))
    assert who(client)["is_operator"] is True
    sign_in(client, idp, eve())
    assert who(client)["is_operator"] is False
    assert roles_of("eve") == set()


def test_a_grant_made_by_hand_stays(client, idp, other):
    sign_in(client, idp, eve("credit-devs"))
    Membership.objects.create(user=User.objects.get(username="eve"), workspace=other, role="viewer")
    sign_in(client, idp, eve("credit-leads"))
    assert ("other", "viewer") in roles_of("eve")


def test_nobody_is_operator_and_auditor(client, idp):
    sign_in(client, idp, eve("platform", "inspection"))
    assert (who(client)["is_operator"], who(client)["is_auditor"]) == (False, True)


@pytest.mark.parametrize(
    "groups", [[], ["unrelated"], "credit-leads", [["credit-leads"]], None, {"credit-leads": 1}]
)
def test_whom_no_group_admits_stays_outside(client, idp, groups):
    assert sign_in(client, idp, eve(groups=groups)).status_code == 403
    assert who(client) is None
    assert not User.objects.exists()
    assert recorded() == [("accounts.session.start", "denied")]


def test_a_verified_address_joins_the_account_that_is_there(client, idp, ann):
    sign_in(client, idp, eve("credit-devs", email="Ann@example.org"))
    assert who(client)["username"] == "ann"
    assert User.objects.count() == 1


def test_an_unverified_address_does_not(client, idp, ann):
    assert (
        sign_in(client, idp, eve("platform", email="ann@example.org", email_verified=False)).status_code
        == 403
    )
    assert who(client) is None
    ann.refresh_from_db()
    assert not ann.is_operator


def test_a_name_that_is_taken_is_not_taken_over(client, idp, ann):
    sign_in(client, idp, eve("credit-devs", preferred_username="ANN"))
    assert who(client)["username"] == "ANN-2"


def test_the_deactivated_stay_outside_and_get_nothing(client, idp, bob):
    sign_in(client, idp, eve("credit-devs", email="bob@example.org"))
    client.post("/accounts/logout/")
    Membership.objects.all().delete()
    User.objects.filter(username="bob").update(is_active=False)
    sign_in(client, idp, eve("credit-leads", email="bob@example.org"))
    assert who(client) is None
    assert roles_of("bob") == set()


@pytest.mark.parametrize(
    "wrong", [{"iss": "https://evil.example"}, {"aud": "another-client"}, {"exp": 1}, {"iss": None}]
)
def test_a_token_for_somebody_else_is_refused(client, idp, wrong):
    idp.claims_wrong = wrong
    sign_in(client, idp, eve("platform"))
    assert who(client) is None
    assert not User.objects.exists()
    assert recorded() == [("accounts.session.start", "denied")]


def test_an_answer_for_another_browser_is_refused(client, idp):
    idp.person = eve("platform")
    state = parse_qs(urlsplit(client.get(START).headers["Location"]).query)["state"][0]
    client.cookies.clear()
    client.get(f"/accounts/oidc/sso/login/callback/?code=stolen&state={state}")
    assert who(client) is None
    assert not User.objects.exists()
