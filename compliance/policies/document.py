"""A policy as it is written: YAML of the published form, with rules in CEL.

    name: champion-needs-two
    applies_to: {acts: [registry.alias.move], models: ["credit-*"], aliases: [champion]}
    rules:
      - id: scan-clean
        title: The files were scanned and nothing was found
        require: facts.evidence.artifact_scan.outcome == "pass"
    approvals:
      - {role: approver, quorum: 1, quorum_by_tier: {high: 2}}
    request_expires_after: 7d
    approval_valid_for: 48h
    break_glass: {allowed: true, hours: 8}

What `applies_to` leaves out means all. `exclude` adds usernames to the persons who never decide: the requester
and the authors of the run and of the version. Every policy that applies must hold.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import rfc8785

from compliance.policies.form import SCHEMA
from compliance.policies.rules import rule_compile
from compliance.policies.yaml_form import Path, bad_policy, yaml_load
from portal.kernel.errors import InvalidInput
from portal.kernel.json_schema import JsonSchema

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

DEFAULT_REQUEST_EXPIRY = "7d"
DEFAULT_APPROVAL_VALIDITY = "7d"
DEFAULT_BREAK_GLASS_HOURS = 24
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_FORM = JsonSchema(SCHEMA)
RETIREMENT = "retired"


def document_parse(source: str) -> dict[str, Any]:
    """Read and check a policy. Raises InvalidInput that names line, key, what is expected and what was found."""
    loaded = yaml_load(source)
    errors = _FORM.errors(loaded.data)
    if errors:
        raise _form_error(errors[0], loaded.lines)
    document: dict[str, Any] = loaded.data
    _text_check(document, (), loaded.lines)
    if not document.get("rules") and not document.get("approvals"):
        raise bad_policy("A policy has rules, approvals or both.", line=1)
    _rules_check(document.get("rules", []), loaded.lines)
    _roles_check(document.get("approvals", []), loaded.lines)
    return document


def document_digest(document: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON (RFC 8785): what evaluations and approvals name."""
    return hashlib.sha256(rfc8785.dumps(dict(document))).hexdigest()


def retirement_document(name: str) -> dict[str, Any]:
    """The document of a version that ends its policy."""
    return {"name": name, RETIREMENT: True}


def is_retirement(document: Mapping[str, Any]) -> bool:
    return bool(document.get(RETIREMENT))


def duration(text: str) -> dt.timedelta:
    """`48h` as a span of time."""
    return dt.timedelta(**{_UNITS[text[-1]]: int(text[:-1])})


def _form_error(error: ValidationError, lines: dict[Path, int]) -> InvalidInput:
    path: Path = tuple(error.absolute_path)
    line = next((lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in lines), None)
    return bad_policy(
        _sentence(error),
        line=line,
        key=_dotted(path),
        expected=_expected(error),
        found=_found(error.instance),
    )


def _dotted(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def _sentence(error: ValidationError) -> str:
    known = sorted(error.schema.get("properties", {})) if isinstance(error.schema, dict) else []
    if error.validator == "additionalProperties" and known:
        foreign = sorted(set(error.instance) - set(known))
        return f"{foreign[0][:80]} is unknown here. Known: {', '.join(known)}."
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return f"{missing[0]} is missing."
    return "This does not have the form of a policy."


def _expected(error: ValidationError) -> str:
    if error.validator in ("additionalProperties", "required"):
        return ""
    if error.validator == "enum":
        return "one of " + ", ".join(map(str, error.validator_value))
    if error.validator == "type":
        return f"of type {error.validator_value}"
    return f"{error.validator} {error.validator_value}"


def _found(value: Any) -> str:
    return type(value).__name__ if isinstance(value, (dict, list)) else repr(value)


def _text_check(value: Any, path: Path, lines: dict[Path, int]) -> None:
    """Neither PostgreSQL nor canonical JSON takes everything that a YAML escape can write."""
    if isinstance(value, dict):
        for key, item in value.items():
            _text_check(key, path, lines)
            _text_check(item, (*path, key), lines)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _text_check(item, (*path, index), lines)
    elif isinstance(value, str) and (
        "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value)
    ):
        raise bad_policy(
            "A text holds characters that cannot be stored.", line=lines.get(path), key=_dotted(path)
        )


def _rules_check(rules: list[dict[str, Any]], lines: dict[Path, int]) -> None:
    seen: set[str] = set()
    for index, rule in enumerate(rules):
        path: Path = ("rules", index)
        if rule["id"] in seen:
            raise bad_policy(
                f"There is another rule {rule['id']}.",
                line=lines.get((*path, "id")),
                key=f"rules[{index}].id",
            )
        seen.add(rule["id"])
        try:
            rule_compile(rule["require"])
        except InvalidInput as error:
            raise bad_policy(
                f"{rule['id']}: {error.detail}",
                line=lines.get((*path, "require")),
                key=f"rules[{index}].require",
            ) from error


def _roles_check(approvals: list[dict[str, Any]], lines: dict[Path, int]) -> None:
    roles = [approval["role"] for approval in approvals]
    for index, role in enumerate(roles):
        if role in roles[:index]:
            raise bad_policy(
                f"{role} is asked for twice.",
                line=lines.get(("approvals", index)),
                key=f"approvals[{index}].role",
            )
