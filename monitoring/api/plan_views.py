"""Post-market plans under /api/v1/ai-systems/{id}/post-market-plan."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from compliance.selectors.governance import member_named
from compliance.selectors.systems import system_get
from monitoring.api import serializers as shapes
from monitoring.models import PostMarketPlan
from monitoring.selectors.monitors import plan_of, reviews_of
from monitoring.services.plans import plan_put, plan_review
from portal.api.base import ApiView, Serializers
from portal.api.paging import PageQuery
from portal.kernel.errors import NotFound


class PlanView(ApiView):
    """A resource below the plan of a system."""

    def plan(self, system_id: UUID) -> PostMarketPlan:
        found = plan_of(system_get(self.actor, system_id))
        if found is None:
            raise NotFound("This AI system has no post-market plan yet.")
        return found


class PlanOne(PlanView):
    """What is watched of a system, how often it is reviewed, and by whom."""

    actions: ClassVar[dict[str, str]] = {"GET": "monitoring.plan.read", "PUT": "monitoring.plan.put"}
    inputs: ClassVar[Serializers] = {"PUT": shapes.PlanInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.PlanOutput, "PUT": shapes.PlanOutput}

    def get(self, request: Request, system_id: UUID) -> Response:
        return self.answer(self.plan(system_id))

    def put(self, request: Request, system_id: UUID) -> Response:
        given, system = self.given, system_get(self.actor, system_id)
        reviewer = member_named(system.workspace_id, given.pop("reviewer"))
        plan_put(actor=self.actor, system=system, reviewer=reviewer, **given)
        return self.answer(self.plan(system_id))


class ReviewList(PlanView):
    """Reviews, newest first; the reviewer of the plan adds one."""

    actions: ClassVar[dict[str, str]] = {"GET": "monitoring.plan.read", "POST": "monitoring.plan.review"}
    operation_ids: ClassVar[dict[str, str]] = {"GET": "monitoring.review.list"}
    inputs: ClassVar[Serializers] = {"GET": PageQuery, "POST": shapes.PlanReviewInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.PlanReviewOutput, "POST": shapes.PlanReviewOutput}
    is_paged = True

    def get(self, request: Request, system_id: UUID) -> Response:
        return self.page(reviews_of(self.plan(system_id)), self.given)

    def post(self, request: Request, system_id: UUID) -> Response:
        made = plan_review(actor=self.actor, plan=self.plan(system_id), **self.given)
        return self.answer(made, status=201)
