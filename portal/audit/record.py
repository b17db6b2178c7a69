"""Write one audit event into the transaction that is open. Only the operation wrapper and sign-in call this."""

import hashlib
import os
from typing import Any

import rfc8785
from django.db import models

from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.ids import uuid7

_LARGEST_SAFE_INTEGER = 2**53 - 1

# The time of an event is that of the database, so it goes into the hashed bytes there: between the two parts.
_INSERT = """
WITH event AS (
    INSERT INTO audit_auditevent (uuid, recorded_at, payload, actor, token_id, action, outcome, object_type,
                                  object_id, workspace_id, request_id)
    SELECT %s, moment, %s::bytea || convert_to(
               to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), 'UTF8') || %s::bytea,
           %s, %s, %s, %s, %s, %s, %s, %s
    FROM (SELECT clock_timestamp() AS moment OFFSET 0) AS present RETURNING id
)
INSERT INTO audit_auditdetail (event_id, salt, body) SELECT id, %s, %s FROM event
"""
_AT = b'"at":"'


def record(
    actor: Actor,
    action: str,
    outcome: str,
    subject: Any,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    detail: str = "",
    reason: str = "",
) -> None:
    """Append one event about `subject`.

    `outcome` is `done`, `denied` (not permitted) or `refused` (permitted, but a rule or the state forbids it).
    `before` and `after` are snapshots; only the fields that differ are kept.
    """
    kind, key, label = describe(subject)
    said = {
        "actor_name": actor.name,
        "object_name": label,
        "changes": difference(before, after),
        "detail": detail,
        "reason": reason,
    }
    body, salt, uuid = rfc8785.dumps(safe(said)), os.urandom(16), uuid7()
    workspace_id = getattr(subject, "workspace_id", None)
    facts = {
        **_facts_of(actor, action, outcome),
        "uuid": str(uuid),
        "object": f"{kind}:{key}",
        "workspace": workspace_id,
        "detail": hashlib.sha256(salt + body).hexdigest(),
    }
    before_time, mark, after_time = rfc8785.dumps(facts).partition(_AT)
    sql.execute(
        _INSERT,
        (uuid, before_time + mark, after_time, actor.reference, actor.token_id, action, outcome, kind, key,
         workspace_id, actor.request_id, salt, body),
    )  # fmt: skip


def _facts_of(actor: Actor, action: str, outcome: str) -> dict[str, Any]:
    """Who did what and how it ended: the part of a payload that is not about the object.

    PostgreSQL fills in the time. Payloads of version 1 held that of the application.
    """
    return {
        "v": 2,
        "at": "",
        "actor": actor.reference,
        "token": str(actor.token_id) if actor.token_id else None,
        "action": action,
        "outcome": outcome,
        "request": actor.request_id,
    }


def describe(subject: Any) -> tuple[str, str, str]:
    """`(type, id, readable name)` of the object that an event is about; None is the portal itself."""
    if subject is None:
        return "portal", "", ""
    if isinstance(subject, models.Model):
        return subject._meta.model_name or "", _key(subject.pk), str(subject)
    return type(subject).__name__.lower(), _key(getattr(subject, "id", "")), str(subject)


def snapshot(subject: Any) -> dict[str, Any] | None:
    """The stored fields of a row, as it is now, without secrets and what its model lists in `audit_ignores`."""
    if not isinstance(subject, models.Model) or subject.pk is None:
        return None
    ignored = _SECRET_FIELDS | set(getattr(subject, "audit_ignores", ()))
    return {
        field.attname: getattr(subject, field.attname)
        for field in subject._meta.concrete_fields
        if field.attname not in subject.get_deferred_fields() and field.attname not in ignored
    }


_SECRET_FIELDS = {"password", "digest", "last_login"}


def difference(before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, list[Any]]:
    """`field -> [before, after]` for the fields that differ."""
    old, new = before or {}, after or {}
    names = sorted(old.keys() | new.keys())
    return {name: [old.get(name), new.get(name)] for name in names if old.get(name) != new.get(name)}


def _key(value: Any) -> str:
    return value.hex if hasattr(value, "hex") and not isinstance(value, (bytes, float)) else str(value)


def safe(value: Any) -> Any:
    """A value that RFC 8785 can represent: wide integers, odd numbers and surrogates become text."""
    if isinstance(value, dict):
        return {str(key): safe(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [safe(item) for item in value]
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) <= _LARGEST_SAFE_INTEGER:
        return value
    if isinstance(value, float) and value == value and abs(value) != float("inf"):
        return value
    return str(value)
