"""Turns a file that was built into evidence of its system (`dossier`), in the transaction that ends the job."""

from dataclasses import asdict, dataclass
from typing import Any

from compliance.models import AISystem
from compliance.services.evidence import evidence_record
from compliance.services.statements import system_subject
from portal.accounts.actor import Actor
from registry.selectors.technical_files import KIND
from registry.services.technical_files import BUILD_JOB

RECORD_ACTIONS = ("compliance.evidence.record",)


@dataclass(frozen=True)
class FileFacts:
    """What is recorded of a file that was built."""

    digest: str
    size: int
    verifier: str
    facts: int
    gaps: int
    required_gaps: int
    checkpoint: dict[str, Any] | None
    requested_by: str


def technical_file_record(*, actor: Actor, system: AISystem, facts: FileFacts) -> dict[str, Any]:
    """Record a file that was built, in the transaction that ends its job; the facts, for the job's result."""
    subject, body = system_subject(system), asdict(facts)
    made = evidence_record(
        actor=actor, workspace_id=system.workspace_id, subject_type=subject.type, subject_id=subject.id,
        subject_label=subject.label, subject_digest="", kind=KIND, outcome="info",
        summary=f"Technical file: {facts.facts} facts, {facts.gaps} gaps, of which required: {facts.required_gaps}",
        body=body, source=BUILD_JOB,
    )  # fmt: skip
    return {"evidence_id": str(made.pk), **body}
