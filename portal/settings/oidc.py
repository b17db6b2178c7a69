"""Single sign-on from the environment: one OpenID Connect provider, and what its groups mean here."""

import json
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from portal.settings import environment as env

PORTAL_ROLES = ("operator", "auditor")
WORKSPACE_ROLES = ("viewer", "contributor", "maintainer", "approver")
_SHAPE = (
    'OIDC_GROUP_ROLES must be JSON such as {"ml-team": {"credit": "contributor"}, "platform": "operator"}; '
    "a workspace may list several roles."
)


def provider() -> dict[str, Any]:
    """The provider that OIDC_ISSUER names, by code flow with PKCE; nothing when it is not set."""
    issuer = env.text("OIDC_ISSUER", "")
    if not issuer:
        return {}
    return provider_of(
        issuer,
        client_id=env.text("OIDC_CLIENT_ID"),
        secret=env.text("OIDC_CLIENT_SECRET"),
        name=env.text("OIDC_NAME", "Single sign-on"),
        scopes=env.words("OIDC_SCOPES", "openid,profile,email"),
        is_email_trusted=env.flag("OIDC_EMAIL_TRUSTED"),
    )


def provider_of(
    issuer: str, *, client_id: str, secret: str, name: str, scopes: list[str], is_email_trusted: bool
) -> dict[str, Any]:
    """The settings of one provider; `is_email_trusted` stands in for the claim email_verified where it is not sent."""
    app = {
        "provider_id": "sso",
        "name": name,
        "client_id": client_id,
        "secret": secret,
        "settings": {
            "server_url": issuer,
            "email_authentication": True,
            "oauth_pkce_enabled": True,
            "scope": scopes,
            **({"verified_email": True} if is_email_trusted else {}),
        },
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True, "SCOPE": scopes}}


def group_roles(text: str) -> dict[str, dict[str, list[str]] | str]:
    """The mapping of groups: `operator`, `auditor`, or workspace -> roles. A bad value stops the boot."""
    try:
        given = json.loads(text)
    except ValueError as error:
        raise ImproperlyConfigured(_SHAPE) from error
    if not isinstance(given, dict):
        raise ImproperlyConfigured(_SHAPE)
    return {group: _meaning(meaning) for group, meaning in given.items()}


def _meaning(given: Any) -> dict[str, list[str]] | str:
    if isinstance(given, str) and given in PORTAL_ROLES:
        return given
    if not isinstance(given, dict):
        raise ImproperlyConfigured(_SHAPE)
    found = {name: [roles] if isinstance(roles, str) else roles for name, roles in given.items()}
    for roles in found.values():
        if not isinstance(roles, list) or not set(roles) <= set(WORKSPACE_ROLES):
            raise ImproperlyConfigured(f"{_SHAPE} The roles of a workspace are {', '.join(WORKSPACE_ROLES)}.")
    return found
