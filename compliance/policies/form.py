"""The form of a policy as JSON schema: what the API publishes, and what a policy is checked against."""

from typing import Any

NAME = r"^[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?$"
DURATION = r"^[1-9][0-9]{0,4}[mhd]$"
DECIDING_ROLES = ("approver", "maintainer")
TIERS = ("minimal", "limited", "high", "prohibited", "unclassified")
SEVERITIES = ("low", "medium", "high", "critical")
LONGEST_BREAK_GLASS_HOURS = 72


def _texts(description: str, *, longest: int = 250, pattern: str = "") -> dict[str, Any]:
    item: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": longest}
    if pattern:
        item["pattern"] = pattern
    return {
        "type": "array", "items": item, "maxItems": 100, "uniqueItems": True, "description": description,
    }  # fmt: skip


def _one_of(words: tuple[str, ...], description: str) -> dict[str, Any]:
    return {
        "type": "array", "items": {"enum": list(words)}, "uniqueItems": True, "description": description,
    }  # fmt: skip


def _closed(properties: dict[str, Any], *, required: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return {
        "type": "object", "properties": properties, "required": list(required), "additionalProperties": False, **more,
    }  # fmt: skip


_DURATION = {"type": "string", "pattern": DURATION, "description": "minutes, hours or days: 90m, 48h, 7d"}

_APPLIES_TO = _closed(
    {
        "acts": _texts("gated acts, such as registry.alias.move", longest=80),
        "models": _texts("names of models, with * and ? as in file names"),
        "aliases": _texts("aliases that are protected; with stages and environments: any of the three"),
        "stages": _texts("stages that are protected"),
        "environments": _texts("environments that are protected"),
        "risk_tiers": _one_of(TIERS, "the highest tier of the systems that use the model"),
        "tags": {
            "type": "object",
            "additionalProperties": {"type": "string", "maxLength": 5000},
            "maxProperties": 50,
            "description": "tags of the model; all must be there with these values",
        },
    },
    description="What is left out or empty means all.",
)

_RULE = _closed(
    {
        "id": {"type": "string", "pattern": NAME, "maxLength": 100},
        "title": {"type": "string", "minLength": 1, "maxLength": 200},
        "require": {"type": "string", "minLength": 1, "maxLength": 1000, "description": "CEL over `facts`"},
        "message": {"type": "string", "maxLength": 500, "description": "shown when it does not hold"},
        "waivable": {"type": "boolean", "default": False},
        "severity": {"enum": list(SEVERITIES), "default": "high"},
    },
    required=("id", "title", "require"),
)

_QUORUM = {"type": "integer", "minimum": 1, "maximum": 10}
_APPROVAL = _closed(
    {
        "role": {"enum": list(DECIDING_ROLES)},
        "quorum": _QUORUM,
        "quorum_by_tier": {
            "type": "object", "propertyNames": {"enum": list(TIERS)}, "additionalProperties": _QUORUM,
        },
    },
    required=("role", "quorum"),
)  # fmt: skip

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Policy",
    **_closed(
        {
            "name": {"type": "string", "pattern": NAME, "maxLength": 100},
            "description": {"type": "string", "maxLength": 2000},
            "applies_to": _APPLIES_TO,
            "rules": {"type": "array", "items": _RULE, "maxItems": 50},
            "approvals": {"type": "array", "items": _APPROVAL, "maxItems": 2},
            "exclude": _texts("usernames that may not decide; requester and authors never may", longest=150),
            "request_expires_after": _DURATION,
            "approval_valid_for": _DURATION,
            "recertify_after": {
                "type": "object",
                "propertyNames": {"enum": [*TIERS, "default"]},
                "additionalProperties": _DURATION,
            },
            "break_glass": _closed(
                {
                    "allowed": {"type": "boolean"},
                    "hours": {"type": "integer", "minimum": 1, "maximum": LONGEST_BREAK_GLASS_HOURS},
                },
                required=("allowed",),
            ),
        },
        required=("name",),
    ),
}
