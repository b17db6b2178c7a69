"""Post-market plans of AI systems, and their reviews."""

import datetime as dt

from compliance.models import AISystem
from monitoring.models import PlanReview, PostMarketPlan
from portal.accounts.actor import Actor
from portal.accounts.models import Membership, User
from portal.kernel.clock import now
from portal.kernel.errors import InvalidInput, PermissionDenied
from portal.operations import Changed, operation

PUT, REVIEW = "monitoring.plan.put", "monitoring.plan.review"
LONGEST_DAYS = 730


@operation(PUT, on="system")
def plan_put(
    *, actor: Actor, system: AISystem, watched: str, review_every_days: int, reviewer: User
) -> Changed[PostMarketPlan]:
    """Say what is watched of a system, how often it is reviewed and by whom. The date of the next review follows."""
    if not watched.strip() or len(watched) > 20_000 or "\x00" in watched:
        raise InvalidInput("watched: say what is watched, in at most 20,000 characters.", code="invalid_plan")
    if not 1 <= review_every_days <= LONGEST_DAYS:
        raise InvalidInput(f"review_every_days: from 1 to {LONGEST_DAYS}.", code="invalid_plan")
    if not Membership.objects.filter(
        workspace=system.workspace_id, user=reviewer, user__is_active=True
    ).exists():
        raise InvalidInput(
            "reviewer: only an active member of the workspace can review. Add the person first.",
            code="not_a_member",
        )
    held = PostMarketPlan.objects.filter(system=system).first()
    last = held.reviews.order_by("-reviewed_at").first() if held else None
    begin = last.reviewed_at if last else now()
    made, _ = PostMarketPlan.objects.update_or_create(
        system=system,
        defaults={
            "workspace_id": system.workspace_id, "watched": watched.strip(), "review_every_days": review_every_days,
            "reviewer": reviewer, "next_due_at": begin + dt.timedelta(days=review_every_days), "updated_at": now(),
        },
    )  # fmt: skip
    return Changed(made, before=_facts(held), after=_facts(made), subject=made)


@operation(REVIEW, on="plan")
def plan_review(*, actor: Actor, plan: PostMarketPlan, statement: str) -> PlanReview:
    """State what the monitors said and what comes of it; the reviewer of the plan does. The next date follows."""
    if actor.user_id is None or actor.user_id != plan.reviewer_id:
        raise PermissionDenied(
            f"{plan.reviewer} reviews the {plan}. Ask them, or have the plan name somebody else.",
            code="not_reviewer",
        )
    if not statement.strip() or len(statement) > 4000 or "\x00" in statement:
        raise InvalidInput("State what you looked at and what comes of it, in at most 4000 characters.")
    made = PlanReview.objects.create(
        plan=plan,
        statement=statement.strip(),
        due_at=plan.next_due_at,
        reviewed_at=now(),
        reviewed_by=plan.reviewer,
    )
    plan.next_due_at = made.reviewed_at + dt.timedelta(days=plan.review_every_days)
    plan.save(update_fields=["next_due_at"])
    return made


def _facts(plan: PostMarketPlan | None) -> dict[str, object]:
    if plan is None:
        return {}
    return {
        "watched": plan.watched, "review_every_days": plan.review_every_days, "reviewer": plan.reviewer.username,
        "next_due_at": plan.next_due_at.isoformat(),
    }  # fmt: skip
