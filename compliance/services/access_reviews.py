"""Access reviews: every grant of a workspace is looked at, kept or taken away, and the whole is stated.

Taking a role away is an act of its own (`accounts.membership.remove`), which the reviewer does; the review only says
that it was decided and does not close before it was done (`compliance.reviewing` does both in order).
"""

from dataclasses import asdict
from typing import Any

from compliance.models import AccessReview
from compliance.selectors.grants import Grant, grants_of
from compliance.services.evidence import evidence_record
from compliance.services.notices import notice_write
from portal.accounts.actor import Actor
from portal.accounts.models import Membership, Workspace
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from portal.operations import Changed, operation

KEEP, REMOVE = "keep", "remove"
_RECORD = "compliance.evidence.record"
_STATEMENT_LENGTH = 2000


@operation("compliance.access_review.start", on="workspace")
def access_review_start(*, actor: Actor, workspace: Workspace) -> Changed[AccessReview]:
    """Write down every grant of the workspace as it is now. Raises Conflict while a review is open."""
    if AccessReview.objects.filter(workspace=workspace, completed_at=None).exists():
        raise Conflict(f"A review of {workspace} is open. Complete that one first.", code="already_open")
    entries = [_entry_of(grant) for grant in grants_of(workspace)]
    made = AccessReview.objects.create(workspace=workspace, entries=entries, started_by_id=_account(actor))
    return Changed(made, before={}, after={"grants": len(entries)}, subject=made)


@operation("compliance.access_review.decide", on="review")
def access_review_decide(
    *, actor: Actor, review: AccessReview, user_id: int, role: str, decision: str, reason: str = ""
) -> Changed[AccessReview]:
    """Keep or take away one grant. Nobody decides about their own."""
    _open_check(review)
    if decision not in (KEEP, REMOVE):
        raise InvalidInput(f"A grant is decided with {KEEP} or {REMOVE}.")
    if user_id == actor.user_id:
        raise PermissionDenied(
            f"{actor.name} cannot decide about their own roles. Another maintainer or an operator has to.",
            code="own_grant",
        )
    entry = _entry(review, user_id, role)
    before = {"decision": entry["decision"]}
    entry |= {
        "decision": decision,
        "decided_by": actor.name,
        "decided_at": now().isoformat(),
        "reason": reason[:500],
    }
    review.save(update_fields=["entries"])
    after = {"decision": decision, "member": f"user:{user_id}", "role": role}
    return Changed(review, before=before, after=after, subject=review)


@operation("compliance.access_review.complete", on="review")
def access_review_complete(*, actor: Actor, review: AccessReview, statement: str) -> AccessReview:
    """State what the review found. Raises Conflict while a grant is undecided, or to go and not gone."""
    _open_check(review)
    if not statement.strip() or len(statement) > _STATEMENT_LENGTH or "\x00" in statement:
        raise InvalidInput(f"State what the review found, in at most {_STATEMENT_LENGTH} characters.")
    _settled_check(review)
    review.statement, review.completed_by_id, review.completed_at = statement, _account(actor), now()
    review.save(update_fields=["statement", "completed_by", "completed_at"])
    _evidence(actor, review)
    notice_write(
        actor=actor, workspace_id=review.workspace_id, topic="access_review.completed",
        title=f"Access review of {review.workspace} completed", data={"review": str(review.pk), **_summary(review)},
    )  # fmt: skip
    return review


def _evidence(actor: Actor, review: AccessReview) -> None:
    """Recorded by the portal: it saw the review; an operator who completes one has no role to record."""
    summary = _summary(review)
    evidence_record(
        actor=Actor.system("compliance.access_review", actions=[_RECORD], request_id=actor.request_id),
        workspace_id=review.workspace_id, subject_type="workspace", subject_id=str(review.workspace_id),
        subject_label=str(review.workspace), subject_digest="", kind="access_review",
        outcome="info" if summary["flagged"] else "pass",
        summary=f"{summary['grants']} grants reviewed, {summary['removed']} taken away, {summary['flagged']} flagged.",
        body={"review": str(review.pk), **summary}, source="compliance.access_review",
    )  # fmt: skip


def _summary(review: AccessReview) -> dict[str, int]:
    entries = review.entries
    kept = [entry for entry in entries if entry["decision"] == KEEP]
    return {
        "grants": len(entries), "kept": len(kept), "removed": len(entries) - len(kept),
        "flagged": sum(bool(entry["flags"]) for entry in kept),
    }  # fmt: skip


def _settled_check(review: AccessReview) -> None:
    """Every grant of now is decided, and those to go are gone; one that came since needs a look, too."""
    decided = {(entry["user_id"], entry["role"]): entry["decision"] for entry in review.entries}
    for held in Membership.objects.filter(workspace=review.workspace_id).select_related("user"):
        decision = decided.get((held.user_id, held.role))
        if decision is None:
            raise Conflict(
                f"{held.user.username} became {held.role} after the review was started. Decide about that, too.",
                code="undecided",
            )
        if decision == REMOVE:
            raise Conflict(
                f"{held.user.username} still is {held.role}, which was to be taken away.", code="not_removed"
            )
        if not decision:
            raise Conflict(f"{held.user.username} as {held.role} is not decided yet.", code="undecided")
    for entry in review.entries:  # gone by other ways meanwhile
        entry["decision"] = entry["decision"] or REMOVE
    review.save(update_fields=["entries"])


def _entry(review: AccessReview, user_id: int, role: str) -> dict[str, Any]:
    for entry in review.entries:
        if (entry["user_id"], entry["role"]) == (user_id, role):
            found: dict[str, Any] = entry
            return found
    for grant in grants_of(review.workspace):  # it came after the review was started
        if grant.key == (user_id, role):
            entry = _entry_of(grant)
            review.entries.append(entry)
            return entry
    raise NotFound(f"The review has no grant of {role} to that user.")


def _entry_of(grant: Grant) -> dict[str, Any]:
    return {**asdict(grant), "decision": "", "decided_by": "", "decided_at": "", "reason": ""}


def _open_check(review: AccessReview) -> None:
    if review.completed_at is not None:
        raise Conflict(f"The {review} is completed. Start a new one.", code="already_completed")


def _account(actor: Actor) -> int:
    if actor.user_id is None:
        raise InvalidInput("A review is the work of somebody with an account.")
    return actor.user_id
