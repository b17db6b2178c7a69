"""Acts on the audit log: taking it out of the portal, and erasing what an event says in words."""

from dataclasses import dataclass
from uuid import UUID

from compliance.exports.bundle import BundlePlan
from compliance.services.holds import hold_check
from portal.accounts.actor import Actor
from portal.audit.log import checkpoint_latest
from portal.audit.models import AuditDetail, AuditEvent
from portal.kernel.errors import Conflict, InvalidInput, NotFound
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
    """A hold on the event, on its object, or on its workspace, keeps all of it."""
    subjects = [("auditevent", event.uuid), (event.object_type, event.object_id)]
    hold_check(
        workspace_id=event.workspace_id, subjects=subjects,
        what=f"The detail of event {event.uuid} cannot be erased",
    )  # fmt: skip
