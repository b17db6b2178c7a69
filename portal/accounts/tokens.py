"""The secret of an API token: its making, its digest, and the one query that turns it into an actor."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from portal.accounts.actor import Actor, audited_of, group_roles
from portal.kernel import sql
from portal.kernel.errors import Unauthenticated

SECRET_PREFIX = "mlp_"  # noqa: S105 - lets secret scanners recognise a leaked token
_PUBLIC_LENGTH = 8

# One round trip: the token, its user, and the grants cut to the token's workspaces. last_used_at is only
# refreshed once a minute, so that reading a thousand runs does not write a thousand rows.
_AUTHENTICATE = """
WITH held AS NOT MATERIALIZED (
    SELECT user_id, workspace_id FROM accounts_auditorgrant
    WHERE revoked_at IS NULL AND starts_at <= clock_timestamp() AND ends_at > clock_timestamp()
), token AS (
    SELECT t.id, t.scope, t.user_id, u.username, u.is_operator,
           u.is_auditor OR EXISTS (SELECT FROM held WHERE workspace_id IS NULL AND user_id = t.user_id) AS is_auditor,
           t.last_used_at IS NULL OR t.last_used_at < now() - interval '1 minute'
               OR t.last_used_address IS DISTINCT FROM %(address)s::inet AS is_stale,
           EXISTS (SELECT FROM accounts_apitoken_workspaces w WHERE w.apitoken_id = t.id) AS is_bound
    FROM accounts_apitoken t JOIN accounts_user u ON u.id = t.user_id
    WHERE t.digest = %(digest)s AND t.revoked_at IS NULL AND t.expires_at > now() AND u.is_active
)
SELECT token.*, ARRAY(
    SELECT m.workspace_id || ':' || m.role FROM accounts_membership m
    WHERE m.user_id = token.user_id AND (NOT token.is_bound OR EXISTS (
        SELECT FROM accounts_apitoken_workspaces w
        WHERE w.apitoken_id = token.id AND w.workspace_id = m.workspace_id))
    UNION SELECT h.workspace_id || ':grant' FROM held h
    WHERE h.user_id = token.user_id AND h.workspace_id IS NOT NULL AND (NOT token.is_bound OR EXISTS (
        SELECT FROM accounts_apitoken_workspaces w
        WHERE w.apitoken_id = token.id AND w.workspace_id = h.workspace_id))
    UNION SELECT w.workspace_id || ':viewer' FROM accounts_apitoken_workspaces w
    WHERE w.apitoken_id = token.id AND (token.is_operator OR token.is_auditor)
) FROM token
"""
_TOUCH = """
UPDATE accounts_apitoken SET last_used_at = now(), last_used_address = %s::inet WHERE id = %s
"""


@dataclass(frozen=True)
class NewSecret:
    """A secret that was just drawn: `plain` is shown once and then forgotten."""

    plain: str
    prefix: str
    digest: bytes


def secret_make() -> NewSecret:
    """Draw 256 random bits; the first characters after the prefix serve as the public name of the token."""
    plain = SECRET_PREFIX + secrets.token_urlsafe(32)
    return NewSecret(plain, plain[: len(SECRET_PREFIX) + _PUBLIC_LENGTH], secret_digest(plain))


def secret_digest(plain: str) -> bytes:
    return hashlib.sha256(plain.encode("utf-8", "replace")).digest()


def token_authenticate(plain: str, *, address: str | None = None, request_id: str = "") -> Actor:
    """The actor behind a token's secret. Raises Unauthenticated; the answer does not tell why."""
    found = sql.row(_AUTHENTICATE, {"digest": secret_digest(plain), "address": address})
    if found is None:
        raise Unauthenticated(
            "The token is not valid: it is unknown, expired or revoked. Issue a new one under Tokens."
        )
    token_id, scope, user_id, username, is_operator, is_auditor, is_stale, is_bound, grants = found
    roles = [_split(grant) for grant in grants]
    if is_stale:
        sql.execute(_TOUCH, (address, token_id))
    return Actor(
        kind="token",
        name=username,
        user_id=user_id,
        token_id=token_id,
        roles=group_roles(roles),
        # A token bound to workspaces must not see past them, whatever its user may see.
        is_operator=is_operator and not is_bound,
        is_auditor=is_auditor and not is_bound,
        can_write=scope == "write" and not is_auditor,
        request_id=request_id,
        audited=audited_of(roles),
    )


def _split(grant: Any) -> tuple[int, str]:
    workspace_id, role = grant.split(":")
    return int(workspace_id), role
