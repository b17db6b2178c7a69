"""Reads of evidence. The newest of a kind is the one that counts."""

from uuid import UUID

from django.db.models import QuerySet

from compliance.models import Evidence
from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound


def evidence_visible(actor: Actor) -> QuerySet[Evidence]:
    """The evidence of the actor's workspaces, newest first."""
    found = Evidence.objects.select_related("workspace").order_by("-id")
    return found if actor.workspace_ids is None else found.filter(workspace_id__in=actor.workspace_ids)


def evidence_list(actor: Actor, *, subject_type: str, subject_id: str, kind: str = "") -> QuerySet[Evidence]:
    """All evidence about one subject, whatever its digest was then; newest first."""
    found = evidence_visible(actor).filter(subject_type=subject_type, subject_id=subject_id)
    return found.filter(kind=kind) if kind else found


def evidence_get(actor: Actor, evidence_id: UUID) -> Evidence:
    """One piece. Raises NotFound, too, when the actor may not see it."""
    found = evidence_visible(actor).filter(pk=evidence_id).first()
    if found is None:
        raise NotFound("No such evidence, or you may not see it.")
    return found


def evidence_newest(
    *, subject_type: str, subject_id: str, subject_digest: str, kind: str = ""
) -> dict[str, Evidence]:
    """The newest evidence of every kind, or of one, about a subject with exactly these files.

    Evidence about other files of the same subject does not count. It asks no permission: the caller holds the
    subject, as a gate does.
    """
    found = Evidence.objects.filter(
        subject_type=subject_type, subject_id=subject_id, subject_digest=subject_digest
    )
    if kind:
        found = found.filter(kind=kind)
    return {evidence.kind: evidence for evidence in found.order_by("kind", "-id").distinct("kind")}
