"""Evidence: recorded once, never changed. What a person states is told apart from what the portal saw."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import rfc8785

from compliance.evidence_kinds import KINDS, OUTCOMES, STATED
from compliance.gates import Subject
from compliance.models import Evidence
from compliance.services.invalidation import evidence_changed
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import InvalidInput, TooLarge
from portal.kernel.ids import uuid7
from portal.operations import Changed, effect, operation

BODY_BYTES, STATED_BODY_BYTES = 1024 * 1024, 64 * 1024
_SUMMARY_LENGTH = 1000


@dataclass(frozen=True)
class Statement:
    """What is said about a subject: the part of evidence that its digest stands for."""

    kind: str
    outcome: str
    summary: str
    body: Mapping[str, Any]

    def digest(self, *, limit_bytes: int = BODY_BYTES) -> str:
        """SHA-256 over the canonical JSON (RFC 8785) of the statement.

        Who looked and when is no part of it: to look again and see the same changes nothing for an approver.
        Raises InvalidInput for what canonical JSON or the database cannot hold, TooLarge above the limit.
        """
        said: Any = {
            "kind": self.kind,
            "outcome": self.outcome,
            "summary": self.summary,
            "body": dict(self.body),
        }
        try:
            canonical = rfc8785.dumps(said)
        except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
            raise InvalidInput(f"The body of {self.kind} evidence is no plain JSON: {error}.") from error
        if b"\\u0000" in canonical.replace(b"\\\\", b""):
            raise InvalidInput(f"The body of {self.kind} evidence holds a NUL character.")
        if len(canonical) > limit_bytes:
            raise TooLarge(f"The body of {self.kind} evidence is larger than {limit_bytes // 1024} KiB.")
        return hashlib.sha256(canonical).hexdigest()


def evidence_record(
    *, actor: Actor, workspace_id: int, subject_type: str, subject_id: str, subject_label: str,
    subject_digest: str, kind: str, outcome: str, summary: str, body: Mapping[str, Any], source: str,
    expires_at: dt.datetime | None = None,
) -> Evidence:  # fmt: skip
    """Record what the portal saw, inside the transaction of a larger operation or of a job's end.

    Requests and unused approvals that stand on other evidence end with it. For a version of a model the caller holds
    the row of the model first, and then that of the version (ADR 6).
    `source` names what looked: a job kind or a tool with its version.
    """
    subject = Subject(
        type=subject_type, id=subject_id, label=subject_label, workspace_id=workspace_id,
        digest=subject_digest,
    )  # fmt: skip
    return _observed(
        actor=actor, subject=subject, statement=Statement(kind, outcome, summary[:_SUMMARY_LENGTH], body),
        source=source, expires_at=expires_at,
    )  # fmt: skip


@effect("compliance.evidence.record", on="subject")
def _observed(
    *, actor: Actor, subject: Subject, statement: Statement, source: str, expires_at: dt.datetime | None
) -> Changed[Evidence]:
    _words_check(statement, KINDS)
    return _insert(actor, subject, statement, statement.digest(), source, expires_at)


@operation("compliance.evidence.attest", on="subject")
def evidence_attest(
    *, actor: Actor, subject: Subject, statement: Statement, expires_at: dt.datetime | None = None
) -> Changed[Evidence]:
    """Record what a person states about a subject. Raises InvalidInput for a kind that only the portal records."""
    _words_check(statement, STATED)
    if not statement.summary.strip():
        raise InvalidInput(f"Evidence of kind {statement.kind} needs a summary that says what was found.")
    if expires_at is not None and expires_at <= now():
        raise InvalidInput(f"Evidence cannot expire in the past: {expires_at.isoformat()}.")
    digest = statement.digest(limit_bytes=STATED_BODY_BYTES)
    return _insert(actor, subject, statement, digest, f"stated by {actor.name}"[:200], expires_at)


def _words_check(statement: Statement, kinds: frozenset[str]) -> None:
    if statement.kind not in kinds:
        why = "is recorded by the portal itself" if statement.kind in KINDS else "is no kind of evidence"
        raise InvalidInput(
            f"'{statement.kind[:40]}' {why}. Here it may be: {', '.join(sorted(kinds))}.", code="unknown_kind"
        )
    if statement.outcome not in OUTCOMES:
        raise InvalidInput(f"The outcome of evidence is one of {', '.join(OUTCOMES)}.")
    if len(statement.summary) > _SUMMARY_LENGTH or "\x00" in statement.summary:
        raise InvalidInput(f"The summary has at most {_SUMMARY_LENGTH} characters, none of them NUL.")


def _insert(
    actor: Actor, subject: Subject, statement: Statement, digest: str, source: str,
    expires_at: dt.datetime | None,
) -> Changed[Evidence]:  # fmt: skip
    """A row that comes after all of its kind about the subject, also when the clock was set back."""
    newest = (
        Evidence.objects.filter(subject_type=subject.type, subject_id=subject.id, kind=statement.kind)
        .only("id", "recorded_at").order_by("-id").first()
    )  # fmt: skip
    evidence_id, at = uuid7(), now()
    if newest is not None:
        evidence_id, at = max(evidence_id, UUID(int=newest.pk.int + 1)), max(at, newest.recorded_at)
    made = Evidence.objects.create(
        id=evidence_id, workspace_id=subject.workspace_id, subject_type=subject.type, subject_id=subject.id,
        subject_label=subject.label[:400], subject_digest=subject.digest, kind=statement.kind,
        outcome=statement.outcome, summary=statement.summary, body=dict(statement.body), digest=digest,
        source=source, actor=actor.reference, recorded_at=at, expires_at=expires_at,
    )  # fmt: skip
    evidence_changed(
        actor=actor, subject_type=subject.type, subject_id=subject.id,
        reason=f"Evidence of kind {made.kind} was recorded.",
    )  # fmt: skip
    # The body can be long; the digest stands for it in the audit log.
    told = {
        "kind": made.kind, "outcome": made.outcome, "subject": f"{subject.type}:{subject.id}", "statement": digest,
        "subject_digest": subject.digest,
    }  # fmt: skip
    return Changed(made, before={}, after=told, subject=made)
