"""What people ask the gate to look at again. Each is a job; what it finds is evidence."""

from jobs.models import JobRun
from portal.accounts.actor import Actor
from portal.kernel.errors import Conflict
from portal.operations import Changed, operation
from registry.gate.queue import BOM_JOB, DESCRIBE_JOB, SCAN_JOB, SIGN_JOB, VERIFY_JOB, gate_job_enqueue
from registry.models import ModelVersion
from registry.models.registered_model import READY


@operation("registry.version.scan", on="version")
def version_scan(*, actor: Actor, version: ModelVersion) -> Changed[JobRun]:
    """Scan the files again, and read again what they state. Raises Conflict for a version that is not ready."""
    _looked_at_check(version, "scanned")
    gate_job_enqueue(actor, version, DESCRIBE_JOB)
    return _asked(version, gate_job_enqueue(actor, version, SCAN_JOB))


@operation("registry.version.sign", on="version")
def version_sign(*, actor: Actor, version: ModelVersion) -> Changed[JobRun]:
    """Sign the files, or check the signature that they have. Raises Conflict for a version that is not ready."""
    _looked_at_check(version, "signed")
    return _asked(version, gate_job_enqueue(actor, version, SIGN_JOB))


@operation("registry.version.check_signature", on="version")
def version_check_signature(*, actor: Actor, version: ModelVersion) -> Changed[JobRun]:
    """Check the signature against the files. Raises Conflict for a version that is not ready."""
    _looked_at_check(version, "checked")
    return _asked(version, gate_job_enqueue(actor, version, VERIFY_JOB))


@operation("registry.version.bill", on="version")
def version_bill(*, actor: Actor, version: ModelVersion) -> Changed[JobRun]:
    """Write the bill of materials anew, with the card as it is now. Raises Conflict when the version is not ready."""
    _looked_at_check(version, "listed")
    return _asked(version, gate_job_enqueue(actor, version, BOM_JOB))


def _looked_at_check(version: ModelVersion, what: str) -> None:
    if version.deleted_at is not None or version.status != READY or not version.manifest:
        raise Conflict(
            f"{version} cannot be {what}: it is {version.status}, was deleted, or has no files.",
            code="invalid_state",
        )


def _asked(version: ModelVersion, job: JobRun) -> Changed[JobRun]:
    return Changed(job, before={}, after={"job": job.pk.hex, "kind": job.kind}, subject=version)
