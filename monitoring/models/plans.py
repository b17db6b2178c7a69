"""How an AI system is watched after it is in use."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from compliance.models import AISystem
from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7


class PostMarketPlan(models.Model):
    """What is watched of an AI system, how often somebody reviews it, and who (AI Act, article 72)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    system = models.OneToOneField(AISystem, on_delete=models.PROTECT, related_name="post_market_plan")
    watched = models.TextField()
    review_every_days = models.PositiveSmallIntegerField()
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    next_due_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(review_every_days__gte=1, review_every_days__lte=730),
                name="plan_reviewed_in_time",
            ),
        ]

    def __str__(self) -> str:
        return f"post-market plan of {self.system}"


class PlanReview(models.Model):
    """Somebody looked at what the monitors of a system said, and stated what comes of it. PostgreSQL keeps it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(PostMarketPlan, on_delete=models.PROTECT, related_name="reviews")
    statement = models.CharField(max_length=4000)
    due_at = models.DateTimeField()
    reviewed_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"review of {self.plan}"

    @property
    def workspace_id(self) -> int:
        return self.plan.workspace_id
