"""What waits for a person: requests that they may decide now, for themselves or for another, and their own to mend.

One statement, since the inbox asks it at every page. The operation asks all of it again with the rows locked.
"""

from dataclasses import dataclass
from uuid import UUID

from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.clock import now

DECIDE, DELEGATED, CONFIRM, MEND = "decide", "delegated", "confirm", "mend"
_WAITING = """
WITH lacking AS (
    SELECT r.id, r.workspace_id, r.round, r.excluded, r.requested_by_id, n.value ->> 'role' AS role, %(decide)s AS kind
    FROM compliance_approvalrequest r, jsonb_array_elements(r.approvals_needed) n
    WHERE r.state = 'open' AND r.workspace_id = ANY(%(workspaces)s) AND r.expires_at > %(now)s
      AND (n.value ->> 'quorum')::int > (
          SELECT count(*) FROM compliance_decision d
          WHERE d.request_id = r.id AND d.round = r.round AND d.verdict = 'approve' AND d.role = n.value ->> 'role'
            AND d.evidence_digest = r.evidence_digest AND d.subject_digest = r.subject_digest)
    UNION ALL
    SELECT r.id, r.workspace_id, r.round, r.excluded, r.requested_by_id, n.value ->> 'role', %(confirm)s
    FROM compliance_approval a JOIN compliance_approvalrequest r ON r.id = a.request_id,
         jsonb_array_elements(r.approvals_needed) n
    WHERE a.state = 'effective' AND a.confirmed_at IS NULL AND a.confirm_by > %(now)s
      AND a.workspace_id = ANY(%(workspaces)s)
), voice AS (
    SELECT m.workspace_id, m.role, m.user_id AS principal_id FROM accounts_membership m WHERE m.user_id = %(me)s
    UNION
    SELECT m.workspace_id, m.role, m.user_id
    FROM compliance_delegation d
    JOIN accounts_membership m ON m.workspace_id = d.workspace_id AND m.user_id = d.from_user_id AND m.role = d.role
    JOIN accounts_user u ON u.id = d.from_user_id AND u.is_active AND NOT u.is_auditor
    WHERE d.to_user_id = %(me)s AND d.revoked_at IS NULL AND d.starts_at <= %(now)s AND d.ends_at > %(now)s
), mine AS (
    SELECT DISTINCT ON (l.id) l.id, l.kind, v.principal_id
    FROM lacking l JOIN voice v ON v.workspace_id = l.workspace_id AND v.role = l.role
    WHERE %(is_person)s AND l.requested_by_id NOT IN (%(me)s, v.principal_id)
      AND NOT l.excluded @> to_jsonb(%(me)s::bigint) AND NOT l.excluded @> to_jsonb(v.principal_id)
      AND NOT EXISTS (
          SELECT FROM compliance_decision d WHERE d.request_id = l.id AND d.round = l.round
          AND (d.person_id IN (%(me)s, v.principal_id) OR d.on_behalf_of_id IN (%(me)s, v.principal_id)))
    ORDER BY l.id, v.principal_id <> %(me)s
)
SELECT id, CASE WHEN kind = %(decide)s AND principal_id <> %(me)s THEN %(delegated)s ELSE kind END, principal_id
FROM mine
UNION ALL
SELECT id, %(mend)s, %(me)s FROM compliance_approvalrequest
WHERE requested_by_id = %(me)s AND state IN ('draft', 'changes_requested')
ORDER BY 1
"""


@dataclass(frozen=True)
class Waiting:
    """A request that waits for the actor: to be decided, confirmed after break-glass, or mended by who asked."""

    request_id: UUID
    kind: str
    principal_id: int


def requests_waiting(actor: Actor) -> list[Waiting]:
    """All of them, oldest first. A token decides nothing by itself, but sees what waits for its person."""
    if actor.user_id is None:
        return []
    values = {
        "me": actor.user_id, "workspaces": list(actor.roles), "now": now(), "is_person": not actor.is_auditor,
        "decide": DECIDE, "delegated": DELEGATED, "confirm": CONFIRM, "mend": MEND,
    }  # fmt: skip
    return [Waiting(*found) for found in sql.rows(_WAITING, values)]
