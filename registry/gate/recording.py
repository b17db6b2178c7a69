"""Turns what a job saw into evidence, in the transaction that ends the job."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.evidence_kinds import FAIL
from compliance.gates import Subject
from compliance.services.evidence import evidence_record
from compliance.services.findings import finding_open
from jobs.errors import NothingToDo
from portal.accounts.actor import Actor
from portal.operations import locked
from registry.gate.subjects import version_subject
from registry.models import ModelVersion

RECORD, OPEN_FINDING = "compliance.evidence.record", "compliance.finding.open"
TITLES = {"artifact_scan": "The scan", "signature": "The signature", "reproduction": "The reproduction"}
DUE_DAYS = {"critical": 2, "high": 7, "medium": 30, "low": 90}


@dataclass(frozen=True)
class Observation:
    """One thing that was looked at: a kind of evidence, how it came out, and what was seen."""

    kind: str
    outcome: str
    summary: str
    body: Mapping[str, Any]
    source: str
    severity: str = ""  # of the finding that it opens when it failed


def observations_record(
    actor: Actor, version: ModelVersion, observations: Sequence[Observation]
) -> dict[str, Any]:
    """Record them about the version, which must still be there; the outcomes, for the job's result.

    The rows are locked in the order of ADR 6: requests about the version may end by it.
    """
    locked(version.model)
    row: ModelVersion = locked(version)
    if row.deleted_at is not None:
        raise NothingToDo(f"{version} was deleted meanwhile.")
    subject = version_subject(version)
    for seen in observations:
        evidence_record(
            actor=actor, workspace_id=subject.workspace_id, subject_type=subject.type, subject_id=subject.id,
            subject_label=subject.label, subject_digest=subject.digest, kind=seen.kind, outcome=seen.outcome,
            summary=plain(seen.summary), body=plain(dict(seen.body)), source=seen.source,
        )  # fmt: skip
        if seen.severity and seen.outcome == FAIL:
            _finding(actor, subject, seen)
    return {seen.kind: seen.outcome for seen in observations}


def _finding(actor: Actor, subject: Subject, seen: Observation) -> None:
    finding_open(
        actor=actor, workspace_id=subject.workspace_id, key=f"{seen.kind}:{subject.id}", subject_type=subject.type,
        subject_id=subject.id, subject_label=subject.label, title=f"{TITLES[seen.kind]} of {subject.label} failed",
        description=plain(seen.summary), severity=seen.severity, source=seen.source, due_days=DUE_DAYS[seen.severity],
    )  # fmt: skip


def plain(value: Any) -> Any:
    """What strangers wrote, as the database and canonical JSON can hold it."""
    if isinstance(value, dict):
        return {plain(str(key)): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "backslashreplace").decode()
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return str(value)
    return value
