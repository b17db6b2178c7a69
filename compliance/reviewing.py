"""Deciding about a grant in an access review: what is to go goes first, then the review says so.

Two operations in two transactions, in this order: killed between them, the role is gone and the review does not say
so yet; deciding again finishes it.
"""

from contextlib import suppress

from compliance.models import AccessReview
from compliance.services.access_reviews import REMOVE, access_review_decide
from portal import access
from portal.accounts.actor import Actor
from portal.accounts.models import User
from portal.accounts.services.memberships import membership_remove
from portal.kernel.errors import NotFound


def grant_decide(
    *, actor: Actor, review: AccessReview, user: User, role: str, decision: str, reason: str = ""
) -> AccessReview:
    """Keep a grant, or take it away. Raises what the two operations raise; nobody decides about their own."""
    if decision == REMOVE and _may(actor, review, user):
        why = reason or f"Access review {review.pk}."
        with suppress(NotFound):  # gone already
            membership_remove(actor=actor, workspace=review.workspace, user=user, role=role, reason=why)
    return access_review_decide(
        actor=actor, review=review, user_id=user.pk, role=role, decision=decision, reason=reason
    )


def _may(actor: Actor, review: AccessReview, user: User) -> bool:
    """Whether the decision will stand, as far as can be seen before; the operation asks again."""
    is_open = review.completed_at is None and user.pk != actor.user_id
    return is_open and access.allows(actor, "compliance.access_review.decide", review)
