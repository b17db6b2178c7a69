"""The job that builds technical files. Handlers are imported by every process, so they import nothing heavy."""

from datetime import timedelta
from functools import partial
from importlib import import_module
from uuid import UUID

from compliance.models import AISystem
from experiments.artifacts.store import artifact_store
from jobs.errors import NothingToDo, Transient
from jobs.registry import SYSTEM_QUEUE, job
from jobs.step import JobStep
from registry.selectors.technical_files import bundle_path
from registry.services.technical_files import BUILD_JOB
from registry.technical_file.keys import documents_signer
from registry.technical_file.recording import RECORD_ACTIONS, FileFacts, technical_file_record

# The sequencer takes a second or two; a file is better with its proofs than at once.
PROOF_TRIES = 4


@job(
    BUILD_JOB,
    queue=SYSTEM_QUEUE,
    actions=RECORD_ACTIONS,
    max_attempts=8,
    retry_after=timedelta(seconds=2),
    time_limit=timedelta(hours=1),
)
def build_technical_file(step: JobStep, *, system_id: str, requested_by: str) -> None:
    """Build, sign and store the file of a system, and record it as evidence of the system."""
    system = AISystem.objects.select_related("workspace", "owner").filter(pk=UUID(system_id)).first()
    if system is None:
        raise NothingToDo(f"The AI system {system_id} does not exist.")
    # ReportLab is loaded here and not by every process that knows the job.
    building = import_module("registry.technical_file.building")
    built = building.technical_file_build(system, documents_signer())
    if built.waiting and step.attempt < PROOF_TRIES:
        raise Transient(f"{len(built.waiting)} events have no signed proof yet.")
    bundle = built.bundle
    facts = FileFacts(
        digest=bundle.digest, size=len(bundle.content), verifier=bundle.verifier, facts=len(built.file["facts"]),
        gaps=len(built.file["gaps"]), required_gaps=sum(gap["required"] for gap in built.file["gaps"]),
        checkpoint=built.file["checkpoint"], requested_by=requested_by,
    )  # fmt: skip
    store = artifact_store()
    for content, suffix in ((bundle.content, "zip"), (bundle.pdf, "pdf")):
        store.put(bundle_path(system, bundle.digest, suffix), iter([content]), size=len(content))
    step.finish(partial(technical_file_record, actor=step.actor, system=system, facts=facts))
