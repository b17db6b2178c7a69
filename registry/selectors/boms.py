"""Reads of bills of materials."""

from compliance.models import Evidence
from compliance.selectors.evidence import evidence_newest
from registry.gate.subjects import version_subject
from registry.models import ModelVersion


def bom_evidence(version: ModelVersion) -> Evidence | None:
    """What is known of the newest bill of a version with exactly these files."""
    subject = version_subject(version)
    found = evidence_newest(subject_type=subject.type, subject_id=subject.id, subject_digest=subject.digest)
    return found.get("mlbom")
