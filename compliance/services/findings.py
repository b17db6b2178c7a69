"""Findings: defects that somebody must see to, from the one who finds them to the one who shows them mended."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from compliance.models import ApprovalRequest, Finding
from compliance.models.follow_up import SEVERITIES
from compliance.services.notices import notice_write
from portal.accounts.actor import Actor
from portal.accounts.models import Membership, Role, User, Workspace
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, PermissionDenied
from portal.operations import effect, operation

OPEN = "compliance.finding.open"
LONGEST_DAYS = 365
_TEXT_LENGTH = 2000


@dataclass(frozen=True)
class Defect:
    """What was found, and on what. `key` names it: found again while its finding is open, it is the same one."""

    workspace_id: int
    key: str
    subject_type: str
    subject_id: str
    subject_label: str
    title: str
    description: str
    severity: str
    source: str
    due_days: int

    def __str__(self) -> str:
        return self.title


def finding_open(
    *, actor: Actor, workspace_id: int, key: str, subject_type: str, subject_id: str, subject_label: str,
    title: str, description: str, severity: str, source: str, due_days: int, owner_id: int | None = None,
) -> Finding:  # fmt: skip
    """Open a finding inside the transaction of a larger operation or of a job's end; an open one of the key stays.

    A job kind that does so lists `compliance.finding.open` among its actions.
    """
    defect = Defect(
        workspace_id, key[:200], subject_type, subject_id, subject_label[:400], title[:300], description,
        severity, source[:200], due_days,
    )  # fmt: skip
    found = Finding.objects.filter(workspace=workspace_id, key=defect.key, is_open=True).first()
    return found or _open(actor=actor, defect=defect, owner_id=owner_id)


@effect(OPEN, on="defect")
def _open(*, actor: Actor, defect: Defect, owner_id: int | None) -> Finding:
    return _opened(actor, defect, owner_id)


@operation(OPEN, on="defect")
def finding_report(*, actor: Actor, defect: Defect, owner: User | None = None) -> Finding:
    """Report a defect that a person found. Raises Conflict when it is open already."""
    if Finding.objects.filter(workspace=defect.workspace_id, key=defect.key, is_open=True).exists():
        raise Conflict(f"The finding {defect.key} is open already. Add to that one.", code="already_exists")
    return _opened(actor, defect, owner.pk if owner else None)


def _opened(actor: Actor, defect: Defect, owner_id: int | None) -> Finding:
    _defect_check(defect)
    # Finders of the same defect wait for each other here, and the second finds the first one's row.
    Workspace.objects.select_for_update(no_key=True).get(pk=defect.workspace_id)
    again = Finding.objects.filter(workspace=defect.workspace_id, key=defect.key, is_open=True).first()
    if again is not None:
        return again
    if owner_id is not None:
        _member_check(defect.workspace_id, owner_id)
    made = Finding.objects.create(
        workspace_id=defect.workspace_id, key=defect.key, subject_type=defect.subject_type,
        subject_id=defect.subject_id, subject_label=defect.subject_label, title=defect.title,
        description=defect.description, severity=defect.severity, source=defect.source, owner_id=owner_id,
        due_at=now() + dt.timedelta(days=defect.due_days), opened_by=actor.reference,
    )  # fmt: skip
    _tell(actor, made, "finding.opened", f"Finding ({made.severity}): {made.title}", to=owners_of(made))
    return made


def _defect_check(defect: Defect) -> None:
    if defect.severity not in SEVERITIES:
        raise InvalidInput(f"The severity of a finding is one of {', '.join(SEVERITIES)}.")
    if not defect.key.strip() or not defect.title.strip() or not defect.subject_id.strip():
        raise InvalidInput("A finding needs a key, a title, and the subject that it is about.")
    if not 0 <= defect.due_days <= LONGEST_DAYS:
        raise InvalidInput(f"A finding is due within 0 to {LONGEST_DAYS} days, not {defect.due_days}.")


@operation("compliance.finding.assign", on="finding")
def finding_assign(*, actor: Actor, finding: Finding, owner: User, reason: str = "") -> Finding:
    """Make a member of the workspace the one who sees to it. Raises Conflict once it is closed."""
    _open_check(finding)
    _member_check(finding.workspace_id, owner.pk)
    finding.owner = owner
    finding.save(update_fields=["owner"])
    _tell(actor, finding, "finding.assigned", f"You own a finding: {finding.title}", to=[owner.pk])
    return finding


@operation("compliance.finding.reschedule", on="finding")
def finding_reschedule(*, actor: Actor, finding: Finding, due_at: dt.datetime, reason: str) -> Finding:
    """Give it another due date, for a reason. Raises Conflict once it is closed."""
    _open_check(finding)
    _words_check(reason, "Say why the due date moves.")
    if not now() < due_at <= now() + dt.timedelta(days=LONGEST_DAYS):
        raise InvalidInput(f"The due date lies within the next {LONGEST_DAYS} days.")
    finding.due_at = due_at
    finding.save(update_fields=["due_at"])
    return finding


@operation("compliance.finding.close", on="finding")
def finding_close(*, actor: Actor, finding: Finding, closure: str) -> Finding:
    """Close it, with what shows that the defect is gone.

    Its owner or a maintainer does so, and nobody whose work the defect is in: authors of the subject, as far as
    requests for approval name them.
    """
    _open_check(finding)
    _words_check(closure, "Say what shows that the defect is gone, such as a run, a scan or a commit.")
    is_maintainer = Role.MAINTAINER in actor.roles.get(finding.workspace_id, ())
    if not is_maintainer and (actor.user_id is None or finding.owner_id != actor.user_id):
        raise PermissionDenied(
            f"{actor.name} neither owns the finding nor maintains the workspace. Ask its owner.",
            code="not_owner",
        )
    if actor.user_id in authors_of(finding.subject_type, finding.subject_id):
        raise PermissionDenied(
            f"{actor.name} made what the finding is about, so somebody else has to see that it is mended.",
            code="excluded",
        )
    finding.is_open, finding.closed_by_id, finding.closed_at = False, actor.user_id, now()
    finding.closure = closure
    finding.save(update_fields=["is_open", "closed_by", "closed_at", "closure"])
    _tell(actor, finding, "finding.closed", f"Finding closed: {finding.title}", to=[])
    return finding


def authors_of(subject_type: str, subject_id: str) -> set[int]:
    """Who made a subject, as far as the requests about it say: their ids stand there as excluded."""
    named = ApprovalRequest.objects.filter(subject_type=subject_type, subject_id=subject_id)
    return {int(pk) for excluded in named.values_list("excluded", flat=True) for pk in excluded}


def owners_of(finding: Finding) -> list[int]:
    """Whom a finding waits for: its owner, or the maintainers while it has none."""
    if finding.owner_id is not None:
        return [finding.owner_id]
    maintainers = Membership.objects.filter(
        workspace=finding.workspace_id, role=Role.MAINTAINER, user__is_active=True
    )
    return list(maintainers.values_list("user_id", flat=True))


def finding_facts(finding: Finding) -> dict[str, Any]:
    """What notices say about a finding."""
    return {
        "finding": str(finding.pk), "severity": finding.severity, "subject": finding.subject_label,
        "due_at": finding.due_at.isoformat(), "source": finding.source,
    }  # fmt: skip


def finding_path(finding_id: UUID) -> str:
    return f"/findings/{finding_id}"


def _tell(actor: Actor, finding: Finding, topic: str, title: str, *, to: list[int]) -> None:
    notice_write(
        actor=actor, workspace_id=finding.workspace_id, topic=topic, title=title,
        url=finding_path(finding.pk), data=finding_facts(finding),
        to_users=[pk for pk in to if pk != actor.user_id],
    )  # fmt: skip


def _open_check(finding: Finding) -> None:
    if not finding.is_open:
        raise Conflict(f"The finding {finding} is closed. Report the defect anew.", code="already_closed")


def _words_check(text: str, ask: str) -> None:
    if not text.strip() or len(text) > _TEXT_LENGTH or "\x00" in text:
        raise InvalidInput(f"{ask} At most {_TEXT_LENGTH} characters.")


def _member_check(workspace_id: int, user_id: int) -> None:
    if not Membership.objects.filter(workspace=workspace_id, user=user_id, user__is_active=True).exists():
        raise InvalidInput(
            "Only an active member of the workspace can own a finding. Add the person first.",
            code="not_a_member",
        )
