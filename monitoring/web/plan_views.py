"""The post-market plan of an AI system."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from compliance.models import AISystem
from compliance.selectors.systems import system_get
from compliance.selectors.web_people import member_named, people_of
from monitoring.models import PostMarketPlan
from monitoring.selectors.monitors import plan_of, reviews_of
from monitoring.services.plans import PUT, REVIEW, plan_put, plan_review
from monitoring.web.forms import PlanForm
from portal import access
from portal.answers import PageRequest, act
from portal.kernel.clock import now
from portal.kernel.errors import DomainError, NotFound
from portal.routing import page


@page("monitoring.plan.read")
@require_http_methods(["GET", "POST"])
def plan(request: PageRequest, system_id: UUID) -> HttpResponse:
    """The plan with its reviews, and its form for who may change it."""
    system = system_get(request.actor, system_id)
    found, may_put = plan_of(system), access.allows(request.actor, PUT, system)
    form = PlanForm(
        request.POST or None, people=people_of(system.workspace_id), initial=_initial(found, system)
    )
    if form.is_valid():
        given = form.cleaned_data
        try:
            reviewer = member_named(system.workspace_id, given.pop("reviewer"))
            plan_put(actor=request.actor, system=system, reviewer=reviewer, **given)
            return redirect("system-plan", system.pk)
        except NotFound:
            raise
        except DomainError as no:
            form.add_error(None, no.detail)
    context = {
        "system": system, "plan": found, "form": form, "may_put": may_put and not system.retired_at, "now": now(),
        "reviews": reviews_of(found) if found else [], "may_review": bool(found) and _reviews(request, found),
    }  # fmt: skip
    return render(request, "monitoring/plan.html", context)


@page(REVIEW)
@require_POST
def review(request: PageRequest, system_id: UUID) -> HttpResponse:
    """Add a review."""
    system = system_get(request.actor, system_id)
    found, statement = plan_of(system), request.POST.get("statement", "")
    if found is None:
        raise NotFound("This AI system has no post-market plan yet.")
    change = lambda: plan_review(actor=request.actor, plan=found, statement=statement)  # noqa: E731
    return act(request, change, said="The review is kept.", then=reverse("system-plan", args=[system.pk]))


def _initial(found: PostMarketPlan | None, system: AISystem) -> dict[str, object]:
    if found is None:
        return {"reviewer": system.owner.username}
    return {
        "watched": found.watched, "review_every_days": found.review_every_days, "reviewer": found.reviewer.username,
    }  # fmt: skip


def _reviews(request: PageRequest, found: PostMarketPlan | None) -> bool:
    return found is not None and found.reviewer_id == request.actor.user_id
