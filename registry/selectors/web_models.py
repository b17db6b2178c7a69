"""Registered models as the list of pages shows them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.errors import InvalidInput

_ROWS = """
SELECT m.id, m.name, w.name, m.is_prompt, m.last_updated_timestamp, coalesce(u.username, ''),
       v.version, v.status, c.versions, a.aliases, t.tiers
FROM registry_registeredmodel m
JOIN accounts_workspace w ON w.id = m.workspace_id
LEFT JOIN accounts_user u ON u.id = m.created_by_id
LEFT JOIN LATERAL (SELECT v.version, v.status FROM registry_modelversion v
                   WHERE v.model_id = m.id AND v.deleted_at IS NULL ORDER BY v.version DESC LIMIT 1) v ON true
CROSS JOIN LATERAL (SELECT count(*) AS versions FROM registry_modelversion v
                    WHERE v.model_id = m.id AND v.deleted_at IS NULL) c
CROSS JOIN LATERAL (SELECT json_agg(json_build_array(a.name, v.version) ORDER BY a.name) AS aliases
                    FROM registry_assignment a JOIN registry_modelversion v ON v.id = a.version_id
                    WHERE a.model_id = m.id AND a.kind = 'alias' AND a.valid_to IS NULL) a
CROSS JOIN LATERAL (SELECT array_agg(DISTINCT s.risk_tier) AS tiers
                    FROM registry_systemmodel l JOIN compliance_aisystem s ON s.id = l.system_id
                    WHERE l.model_id = m.id AND l.valid_to IS NULL AND s.retired_at IS NULL) t
WHERE m.deleted_at IS NULL AND m.is_prompt = %(prompts)s
  AND (%(seen)s::bigint[] IS NULL OR m.workspace_id = ANY(%(seen)s::bigint[]))
  AND (%(text)s::text = '' OR strpos(lower(m.name), lower(%(text)s::text)) > 0)
  AND (%(workspace)s::text = '' OR w.name = %(workspace)s::text)
  AND (%(updated)s::bigint IS NULL OR (m.last_updated_timestamp, m.id) < (%(updated)s::bigint, %(id)s::uuid))
ORDER BY m.last_updated_timestamp DESC, m.id DESC LIMIT %(limit)s
"""
# From the mildest to the gravest; what nobody has classified yet says least.
TIERS = ("unclassified", "minimal", "limited", "high", "prohibited")


@dataclass(frozen=True)
class AliasPill:
    """A name that points to a version now."""

    name: str
    version: int


@dataclass(frozen=True)
class ModelRow:
    """One line of the list; `newest` is the highest version that is not deleted."""

    id: UUID
    name: str
    workspace: str
    is_prompt: bool
    last_change: int
    owner: str
    newest: int | None
    status: str
    versions: int
    aliases: list[AliasPill]
    risk_tier: str


def model_rows(
    actor: Actor, *, text: str = "", workspace: str = "", prompts: bool = False, page_token: str = "",
    limit: int = 50,
) -> tuple[list[ModelRow], str | None]:  # fmt: skip
    """The models of one page, the last changed first, and the token of the next page."""
    updated, last_id = _position(page_token)
    found = sql.rows(
        _ROWS,
        {"seen": actor.workspace_ids, "text": text, "workspace": workspace, "prompts": prompts,
         "updated": updated, "id": last_id, "limit": limit + 1},
    )  # fmt: skip
    rows = [_row(values) for values in found[:limit]]
    return rows, f"{rows[-1].last_change}.{rows[-1].id.hex}" if len(found) > limit else None


def tier_highest(tiers: list[str] | None) -> str:
    """The gravest of some risk tiers; empty when there is none."""
    return max(tiers, key=TIERS.index) if tiers else ""


def _row(values: tuple[Any, ...]) -> ModelRow:
    *plain, aliases, tiers = values
    pills = [AliasPill(*pair) for pair in aliases or []]
    return ModelRow(*(*plain, pills, tier_highest(tiers)))


def _position(token: str) -> tuple[int | None, UUID | None]:
    if not token:
        return None, None
    first, _, second = token.partition(".")
    try:
        if not (first.isdecimal() and first.isascii() and len(first) < 19):
            raise ValueError(first)
        return int(first), UUID(hex=second)
    except ValueError:
        raise InvalidInput(
            "The page token is not one of this list. Start again from the first page."
        ) from None
