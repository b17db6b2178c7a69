"""Technical files: asked for by a person, built by a job, recorded as evidence of the system (`dossier`)."""

from dataclasses import asdict, dataclass
from typing import Any

from compliance.models import AISystem
from compliance.services.evidence import evidence_record
from compliance.services.statements import system_subject
from jobs.models import JobRun
from jobs.queue import enqueue
from portal.accounts.actor import Actor
from portal.operations import Changed, operation
from registry.selectors.technical_files import KIND

BUILD_JOB = "registry.technical_file"
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


@operation("registry.technical_file.create", on="system", lock="share")
def technical_file_create(*, actor: Actor, system: AISystem) -> Changed[JobRun]:
    """Let a job build the technical file of a system as it is now; asking twice at once gives the same job."""
    run = enqueue(
        BUILD_JOB, key=system.pk.hex, args={"system_id": system.pk.hex, "requested_by": actor.reference}, actor=actor,
        workspace_id=system.workspace_id,
    )  # fmt: skip
    return Changed(run, before={}, after={"job": str(run.pk)})


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
