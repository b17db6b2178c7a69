"""Asks for the looks at a version, inside the transaction that makes them worth while."""

from jobs.models import JobRun
from jobs.queue import enqueue
from portal.accounts.actor import Actor
from registry.models import ModelVersion

DESCRIBE_JOB = "registry.describe_version"
SCAN_JOB = "registry.scan_version"
SIGN_JOB = "registry.sign_version"
VERIFY_JOB = "registry.verify_signature"
BOM_JOB = "registry.bill_version"
GATE_JOBS = (DESCRIBE_JOB, SCAN_JOB, SIGN_JOB, BOM_JOB)


def gate_jobs_enqueue(actor: Actor, version: ModelVersion) -> list[JobRun]:
    """All that the gate wants to know of a version that has just become READY; nothing for one without files.

    A job is keyed by version and digest, so asking again while it is active gives the same one.
    """
    if not version.manifest:
        return []
    return [gate_job_enqueue(actor, version, kind) for kind in GATE_JOBS]


def gate_job_enqueue(actor: Actor, version: ModelVersion, kind: str) -> JobRun:
    """One look at a version."""
    return enqueue(
        kind, key=f"{version.pk.hex}:{version.digest[:16]}", args={"version_id": version.pk.hex}, actor=actor,
        workspace_id=version.workspace_id,
    )  # fmt: skip
