"""How evidence, requests and findings name a version: by the type and id that the audit log gives it."""

from compliance.gates import Subject
from registry.models import ModelVersion

VERSION_TYPE = "modelversion"


def version_subject(version: ModelVersion) -> Subject:
    """The version with the digest of its files."""
    return Subject(
        type=VERSION_TYPE, id=version.pk.hex, label=str(version), workspace_id=version.workspace_id,
        digest=version.digest,
    )  # fmt: skip
