"""Builds the technical file of a system from what is recorded now."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from compliance.controls.coverage import coverage_of
from compliance.models import AISystem
from portal.accounts.actor import Actor
from portal.audit.notes import Signer
from portal.kernel.clock import now
from registry.selectors.systems import versions_used
from registry.technical_file.bundle import Bundle, bundle_make
from registry.technical_file.content import FRAMEWORK, content_of
from registry.technical_file.pdf import pdf_of
from registry.technical_file.proofs import proofs_of


@dataclass(frozen=True)
class Built:
    """A file that was built; `waiting` events have no signed proof yet."""

    bundle: Bundle
    file: dict[str, Any]
    waiting: set[UUID]


def technical_file_build(system: AISystem, signer: Signer) -> Built:
    """The file of a system: what its own workspace shows, and no other."""
    reader = Actor(
        kind="job",
        name="registry.technical_file",
        roles={system.workspace_id: frozenset({"viewer"})},
        can_write=False,
    )
    coverage = coverage_of(reader, system, FRAMEWORK)
    events = [seen.audit_event for each in coverage.controls for need in each.needs for seen in need.items]
    proofs = proofs_of(events)
    content = content_of(system, coverage, versions_used(system), proofs, now())
    bundle = bundle_make(content, proofs, pdf_of(content.file, signer.verifier), signer)
    return Built(bundle, content.file, proofs.waiting)
