"""Acts on the audit log: taking it out of the portal, and erasing what an event says in words."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from compliance.exports.bundle import BundlePlan
from compliance.models import LegalHold
from portal.accounts.actor import Actor
from portal.audit.log import checkpoint_latest
from portal.audit.models import AuditDetail, AuditEvent
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PolicyViolation
from portal.operations import Changed, operation


@dataclass(frozen=True)
class EventDetail:
    """What an event says in words and values, named by the uuid of the event, which stands in its payload."""

    id: UUID
    workspace_id: int | None

    def __str__(self) -> str:
        return f"detail of event {self.id}"


@operation("audit.log.export")
def log_export(*, actor: Actor, has_details: bool = True) -> Changed[BundlePlan]:
    """Plan a bundle of the log up to the newest checkpoint. Raises Conflict while nothing was signed."""
    latest = checkpoint_latest()
    if latest is None:
        raise Conflict("Nothing was signed yet: the sequencer signs within seconds of the first event.")
    plan = BundlePlan(latest.note.partition("\n")[0], latest.size, has_details)
    return Changed(plan, before={}, after={"size": plan.size, "details": has_details})


@operation("audit.detail.erase", on="detail")
def detail_erase(*, actor: Actor, detail: EventDetail, reason: str) -> Changed[None]:
    """Erase the words of one event; the event, its place and its proofs stay, and so does this act.

    Raises PolicyViolation under a legal hold, NotFound when it was erased before or never was.
    """
    if not reason.strip():
        raise InvalidInput("Say why the detail is erased, such as the number of the request of the person.")
    event = AuditEvent.objects.filter(uuid=detail.id).first()
    if event is None:
        raise NotFound(f"There is no audit event {detail.id}.")
    _hold_check(event)
    erased, _ = AuditDetail.objects.filter(event_id=event.pk).delete()
    if not erased:
        raise Conflict(f"The detail of event {detail.id} was erased before.", code="already_erased")
    return Changed(None, before={}, after={"event": str(event.uuid)})


def _hold_check(event: AuditEvent) -> None:
    """A hold on the object of the event, or on its workspace, keeps all of it."""
    on = Q(subject_type=event.object_type, subject_id=event.object_id)
    if event.workspace_id is not None:
        on |= Q(subject_type="workspace", subject_id=str(event.workspace_id))
    hold = LegalHold.objects.filter(on, released_at__isnull=True).first()
    if hold is not None:
        raise PolicyViolation(
            f"The detail of event {event.uuid} cannot be erased: a legal hold on {hold.subject_label} keeps it. "
            "Whoever may release the hold has to do that first.",
            code="legal_hold",
        )
