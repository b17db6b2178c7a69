"""Re-certification: an approval in force is looked at again, by its date or because something happened."""

import datetime as dt

from compliance.models import Approval, Recertification
from compliance.models.approvals import EFFECTIVE
from compliance.selectors.people import person_ids
from compliance.selectors.recertifications import excluded_of
from compliance.services.notices import notice_write
from compliance.services.persons import person_of, proved
from compliance.services.revocations import revoked
from portal.accounts.actor import Actor
from portal.accounts.models import Role
from portal.accounts.signin.proof import Proof
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, PermissionDenied
from portal.operations import Changed, effect, locked, operation

ASK, END = "compliance.recertification.ask", "compliance.recertification.end"
COMPLETE = "compliance.recertification.complete"
RENEWED, REVOKED = "renewed", "revoked"
_STATEMENT_LENGTH = 2000


@operation(ASK, on="approval")
def recertification_ask(
    *, actor: Actor, approval: Approval, trigger: str, detail: str, due_at: dt.datetime
) -> Recertification:
    """Ask that an approval in force be looked at again. Raises Conflict when it has ended, or is asked for already."""
    if approval.state != EFFECTIVE:
        raise Conflict(
            f"The {approval} is {approval.state}; there is nothing to renew.", code="approval_ended"
        )
    if Recertification.objects.filter(approval=approval, trigger=trigger, completed_at=None).exists():
        raise Conflict(f"A re-certification of the {approval} is open already.", code="already_exists")
    made = Recertification.objects.create(
        workspace_id=approval.workspace_id, approval=approval, subject_type=approval.subject_type,
        subject_id=approval.subject_id, subject_label=approval.request.subject_label, trigger=trigger,
        detail=detail[:1000], due_at=due_at,
    )  # fmt: skip
    if trigger != "planned":  # a planned one is told of when its date comes near
        notice_write(
            actor=actor, workspace_id=made.workspace_id, topic="recertification.requested",
            title=f"Look again at {made.subject_label}: {detail}", url=recertification_path(made),
            data=recertification_facts(made), to_users=recertifiers(made),
        )  # fmt: skip
    return made


@operation(END, on="recertification")
def recertification_end(*, actor: Actor, recertification: Recertification) -> Recertification:
    """Close one whose approval has ended, without an outcome. Raises Conflict when it is closed or still wanted."""
    approval = recertification.approval
    if recertification.completed_at is not None or approval is None or approval.state == EFFECTIVE:
        raise Conflict("The re-certification is closed, or its approval still stands.")
    recertification.completed_at = now()
    recertification.statement = f"The approval ended: {approval.state}."
    recertification.save(update_fields=["completed_at", "statement"])
    return recertification


def recertify_purpose(recertification: Recertification) -> str:
    """What a proof for completing this re-certification is for."""
    return f"recertify:{recertification.pk.hex}"


@operation(COMPLETE, on="recertification")
def recertification_complete(
    *, actor: Actor, recertification: Recertification, outcome: str, statement: str, proof: Proof
) -> Recertification:
    """Renew an approval in force, or revoke it; revoked, what was done under it moves back in the same commit.

    Whoever could decide about the request may: an approver, and neither requester nor author. `proof` is spent.
    """
    proved(actor, proof, recertify_purpose(recertification))
    _outcome_check(recertification, outcome, statement)
    person = person_of(actor)
    approval = recertification.approval
    if approval is None:
        raise Conflict("The re-certification names no approval.")
    if person.pk in excluded_of(recertification):
        raise PermissionDenied(
            f"{person.username} asked for {approval.request} or made its subject, so another approver has to look.",
            code="excluded",
        )
    if outcome == REVOKED:
        _revoke(actor=actor, approval=approval, reason=statement)
    elif locked(approval, "share").state != EFFECTIVE:
        raise Conflict(
            f"The {approval} has ended meanwhile; nothing is left to renew.", code="approval_ended"
        )
    recertification.outcome, recertification.statement = outcome, statement
    recertification.completed_by, recertification.completed_at = person, now()
    recertification.save(update_fields=["outcome", "statement", "completed_by", "completed_at"])
    notice_write(
        actor=actor, workspace_id=recertification.workspace_id, topic="recertification.completed",
        title=f"{recertification.subject_label}: approval {outcome}", url=recertification_path(recertification),
        data=recertification_facts(recertification) | {"outcome": outcome},
        to_users=[approval.request.requested_by_id],
    )  # fmt: skip
    return recertification


@effect("compliance.approval.revoke", on="approval", lock="own")
def _revoke(*, actor: Actor, approval: Approval, reason: str) -> Changed[Approval]:
    return revoked(actor, approval, reason)


def recertifiers(recertification: Recertification) -> list[int]:
    """Whom a re-certification waits for."""
    return person_ids(recertification.workspace_id, Role.APPROVER, without=excluded_of(recertification))


def recertification_path(recertification: Recertification) -> str:
    """Its page."""
    return f"/recertifications/{recertification.pk}"


def recertification_facts(recertification: Recertification) -> dict[str, str]:
    """What notices say about a re-certification."""
    return {
        "recertification": str(recertification.pk), "subject": recertification.subject_label,
        "trigger": recertification.trigger, "detail": recertification.detail,
        "due_at": recertification.due_at.isoformat(),
    }  # fmt: skip


def _outcome_check(recertification: Recertification, outcome: str, statement: str) -> None:
    if recertification.completed_at is not None:
        raise Conflict("The re-certification is completed already.", code="already_completed")
    if outcome not in (RENEWED, REVOKED):
        raise InvalidInput(f"The outcome of a re-certification is {RENEWED} or {REVOKED}.")
    if not statement.strip() or len(statement) > _STATEMENT_LENGTH or "\x00" in statement:
        raise InvalidInput(
            f"Say what was looked at and why the approval is {outcome}, in at most {_STATEMENT_LENGTH} characters."
        )
