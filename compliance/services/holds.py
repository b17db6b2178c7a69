"""Legal hold: while it holds, nothing of its subject is deleted, erased or collected."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from compliance.models import LegalHold
from compliance.services.notices import notice_write
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, PolicyViolation
from portal.operations import operation

# What may be held, by the names that the audit log has for them. A hold on the outer one holds all that is in it.
HELD = ("workspace", "registeredmodel", "modelversion", "experiment", "run", "loggedmodel", "datasetversion",
        "aisystem", "auditevent")  # fmt: skip
WORKSPACE = "workspace"
_BY_UUID = {"registeredmodel", "modelversion", "run", "datasetversion", "aisystem", "auditevent"}
_REASON_LENGTH = 2000


@dataclass(frozen=True)
class HeldThing:
    """What a hold is placed on."""

    workspace_id: int
    subject_type: str
    subject_id: str
    subject_label: str

    def __str__(self) -> str:
        return self.subject_label


@operation("compliance.hold.place", on="thing")
def hold_place(*, actor: Actor, thing: HeldThing, reason: str) -> LegalHold:
    """Hold a subject. Raises Conflict when it is held already."""
    _reason_check(reason)
    if thing.subject_type not in HELD:
        raise InvalidInput(f"A hold is on one of {', '.join(HELD)}.", code="unknown_subject")
    if thing.subject_type == WORKSPACE and thing.subject_id != str(thing.workspace_id):
        raise InvalidInput("A hold on a workspace names the workspace that it is in.")
    if not thing.subject_id.strip() or not thing.subject_label.strip():
        raise InvalidInput("A hold names its subject by id and label.")
    subject_id = _named(thing)
    held = LegalHold.objects.filter(subject_type=thing.subject_type, subject_id=subject_id, released_at=None)
    if held.exists():
        raise Conflict(f"{thing} is on hold already.", code="already_held")
    made = LegalHold.objects.create(
        workspace_id=thing.workspace_id, subject_type=thing.subject_type, subject_id=subject_id,
        subject_label=thing.subject_label, reason=reason, placed_by_id=_account(actor),
    )  # fmt: skip
    _tell(actor, made, "hold.placed", f"Legal hold on {thing}")
    return made


@operation("compliance.hold.release", on="hold")
def hold_release(*, actor: Actor, hold: LegalHold, reason: str) -> LegalHold:
    """Let go of a subject, for a reason. Raises Conflict when that was done before."""
    _reason_check(reason)
    if hold.released_at is not None:
        raise Conflict(f"The {hold} was released before.", code="already_released")
    hold.released_by_id, hold.released_at = _account(actor), now()
    hold.save(update_fields=["released_by", "released_at"])
    _tell(actor, hold, "hold.released", f"Legal hold on {hold.subject_label} released")
    return hold


def hold_check(*, workspace_id: int | None, subjects: Iterable[tuple[str, object]], what: str) -> None:
    """Raise PolicyViolation (code legal_hold) when one of the subjects, or their workspace, is on hold.

    An operation that deletes, erases or collects calls it with its rows locked: the subject itself and what it is
    part of, as `(type, id)` in the audit log's names; `what` is the sentence's beginning, such as "Run 7 cannot be
    deleted". Ids may be UUIDs.
    """
    named = [(kind, _id(pk)) for kind, pk in subjects]
    if workspace_id is not None:
        named.append((WORKSPACE, str(workspace_id)))
    condition = Q()
    for kind, pk in named:
        condition |= Q(subject_type=kind, subject_id=pk)
    hold = LegalHold.objects.filter(condition, released_at=None).first() if named else None
    if hold is not None:
        raise PolicyViolation(
            f"{what}: a legal hold on {hold.subject_label} keeps it. Whoever may release the hold has to do that "
            "first.",
            code="legal_hold", hold=str(hold.pk),
        )  # fmt: skip


def _named(thing: HeldThing) -> str:
    """The id as the audit log writes it. Raises InvalidInput."""
    if thing.subject_type not in _BY_UUID:
        return thing.subject_id
    try:
        return UUID(thing.subject_id).hex
    except ValueError as error:
        raise InvalidInput(f"The id of a {thing.subject_type} is a UUID.") from error


def _id(value: object) -> str:
    return value.hex if isinstance(value, UUID) else str(value)


def _account(actor: Actor) -> int:
    if actor.user_id is None:
        raise InvalidInput("A hold is placed and released by somebody with an account.")
    return actor.user_id


def _reason_check(reason: str) -> None:
    if not reason.strip() or len(reason) > _REASON_LENGTH or "\x00" in reason:
        raise InvalidInput(
            f"Say why, such as the number of the case, in at most {_REASON_LENGTH} characters."
        )


def _tell(actor: Actor, hold: LegalHold, topic: str, title: str) -> None:
    data = {"hold": str(hold.pk), "subject_type": hold.subject_type, "subject": hold.subject_label}
    notice_write(actor=actor, workspace_id=hold.workspace_id, topic=topic, title=title, data=data)


def held_ids(workspace_id: int, subject_type: str) -> list[str]:
    """The ids of what is on hold of one type in a workspace: few, for a query over what would be deleted."""
    held = LegalHold.objects.filter(workspace=workspace_id, subject_type=subject_type, released_at=None)
    return list(held.values_list("subject_id", flat=True))
