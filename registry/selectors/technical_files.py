"""Reads of technical files."""

import hashlib
from uuid import UUID

from django.db.models import QuerySet

from compliance.models import AISystem, Evidence
from experiments.artifacts.store import artifact_store
from portal.kernel.errors import Conflict, NotFound

KIND, SYSTEM_TYPE = "dossier", "aisystem"


def technical_files(system: AISystem) -> QuerySet[Evidence]:
    """The files that were made of a system, newest first; whoever sees the system sees them."""
    found = Evidence.objects.filter(subject_type=SYSTEM_TYPE, subject_id=system.pk.hex, kind=KIND)
    return found.filter(workspace_id=system.workspace_id).order_by("-id")


def technical_file_get(system: AISystem, file_id: UUID) -> Evidence:
    """One file. Raises NotFound."""
    found = technical_files(system).filter(pk=file_id).first()
    if found is None:
        raise NotFound(f"{system} has no such technical file.")
    return found


def technical_file_read(system: AISystem, file: Evidence, suffix: str) -> bytes:
    """The bytes of the bundle (`zip`) or of the PDF. Raises Conflict when a bundle is not the one that was recorded."""
    digest = str(file.body["digest"])
    content = b"".join(artifact_store().open(bundle_path(system, digest, suffix)).chunks)
    if suffix == "zip" and hashlib.sha256(content).hexdigest() != digest:
        raise Conflict(
            "The stored bundle is not the one that was recorded: a byte of it was changed. Make the file again.",
            code="digest_mismatch",
        )
    return content


def bundle_path(system: AISystem, digest: str, suffix: str) -> str:
    """Where a file lies in the artifact store; no route of the protocol leads there."""
    return f"technical-files/{system.workspace_id}/{system.pk.hex}/{digest}.{suffix}"
