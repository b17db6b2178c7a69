"""Rules for a table as a document: columns, rows, uniqueness, and drift from another version."""

from collections.abc import Mapping
from typing import Any

from portal.kernel.errors import InvalidInput
from portal.kernel.json_schema import JsonSchema

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "minProperties": 1,
    "properties": {
        "columns": {
            "type": "object",
            "maxProperties": 500,
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "type": {"enum": ["int", "float", "number", "string", "bool", "datetime"]},
                    "required": {"type": "boolean"},
                    "nullable": {"type": "boolean"},
                    "unique": {"type": "boolean"},
                    "min": {"type": "number"},
                    "max": {"type": "number"},
                    "allowed": {
                        "type": "array", "maxItems": 1000,
                        "items": {"type": ["string", "number", "boolean"], "maxLength": 500},
                    },
                    "pattern": {"type": "string", "maxLength": 500},
                },
            },
        },
        "strict": {"type": "boolean"},
        "rows": {
            "type": "object", "additionalProperties": False,
            "properties": {"min": {"type": "integer", "minimum": 0}, "max": {"type": "integer", "minimum": 0}},
        },
        "unique_together": {"type": "array", "maxItems": 50, "items": {"type": "string", "maxLength": 500}},
        "drift": {
            "type": "object", "additionalProperties": False, "required": ["columns"],
            "properties": {
                "columns": {"type": "array", "maxItems": 100, "items": {"type": "string", "maxLength": 500}},
                "max_psi": {"type": "number", "exclusiveMinimum": 0, "default": 0.2},
            },
        },
    },
}  # fmt: skip

_FORM = JsonSchema(SCHEMA)


def rules_normal(given: Any, *, has_reference: bool) -> dict[str, Any]:
    """The rules as they are kept. Raises InvalidInput (`invalid_rules`) with the place of what is wrong."""
    problem = _FORM.worst(given)
    if problem is not None:
        place = "/".join(str(part) for part in problem.absolute_path) or "the rules"
        raise InvalidInput(f"{place}: {problem.message[:300]}", code="invalid_rules")
    rules: dict[str, Any] = dict(given)
    if isinstance(rules.get("drift"), Mapping):
        if not has_reference:
            raise InvalidInput("drift: name the version that it is measured from.", code="invalid_rules")
        rules["drift"] = {"max_psi": 0.2, **rules["drift"]}
    return rules
