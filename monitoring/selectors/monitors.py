"""Reads of monitors, measurements, alerts and plans."""

from uuid import UUID

from django.db.models import QuerySet

from compliance.models import AISystem
from deployments.models import Endpoint
from monitoring.facts import DRIFTS, RESOLVED
from monitoring.models import Alert, Monitor, MonitorRun, PlanReview, PostMarketPlan
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import NotFound


def monitors_visible(actor: Actor) -> QuerySet[Monitor]:
    """The monitors that the actor may see, newest first."""
    found = Monitor.objects.filter(deleted_at=None, endpoint__deleted_at=None)
    found = found.select_related("endpoint", "workspace", "owner").order_by("-id")
    return found if actor.workspace_ids is None else found.filter(workspace_id__in=actor.workspace_ids)


def monitor_get(actor: Actor, pk: UUID) -> Monitor:
    """One monitor. Raises NotFound when there is none, or the actor may not see it."""
    found = monitors_visible(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound("No such monitor, or you may not see it.")
    return found


def monitors_of(endpoint: Endpoint) -> QuerySet[Monitor]:
    """The monitors of an endpoint, by name."""
    found = Monitor.objects.filter(endpoint=endpoint, deleted_at=None).select_related(
        "endpoint", "workspace", "owner"
    )
    return found.order_by("name")


def runs_of(monitor: Monitor) -> QuerySet[MonitorRun]:
    """The measurements of a monitor, newest first."""
    return MonitorRun.objects.filter(monitor=monitor).order_by("-id")


def run_get(monitor: Monitor, pk: UUID) -> MonitorRun:
    """One measurement. Raises NotFound."""
    found = runs_of(monitor).filter(pk=pk).first()
    if found is None:
        raise NotFound(f"The monitor {monitor} has no such measurement.")
    return found


def newest_runs(monitors: list[Monitor]) -> dict[UUID, MonitorRun]:
    """The newest measurement of each of these monitors, without its body."""
    found = MonitorRun.objects.filter(monitor__in=monitors).defer("body").order_by("monitor_id", "-id")
    return {each.monitor_id: each for each in found.distinct("monitor_id")}


def alerts_visible(actor: Actor) -> QuerySet[Alert]:
    """The alerts that the actor may see, newest first."""
    related = ("monitor__endpoint", "workspace", "finding", "handled_by", "run")
    found = Alert.objects.select_related(*related).defer("run__body").order_by("-id")
    return found if actor.workspace_ids is None else found.filter(workspace_id__in=actor.workspace_ids)


def alert_get(actor: Actor, pk: UUID) -> Alert:
    """One alert. Raises NotFound when there is none, or the actor may not see it."""
    found = alerts_visible(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound("No such alert, or you may not see it.")
    return found


def alerts_of_drift(actor: Actor) -> QuerySet[Alert]:
    """Open alerts about drift."""
    return alerts_visible(actor).filter(monitor__kind__in=DRIFTS).exclude(state=RESOLVED)


def plan_of(system: AISystem) -> PostMarketPlan | None:
    """The post-market plan of a system, if it has one."""
    return (
        PostMarketPlan.objects.filter(system=system).select_related("reviewer", "system", "workspace").first()
    )


def reviews_of(plan: PostMarketPlan) -> QuerySet[PlanReview]:
    """Its reviews, newest first."""
    return PlanReview.objects.filter(plan=plan).select_related("reviewed_by").order_by("-reviewed_at")


def plans_overdue(actor: Actor) -> QuerySet[PostMarketPlan]:
    """Plans whose review is overdue, of systems that are in use."""
    found = PostMarketPlan.objects.filter(next_due_at__lt=now(), system__retired_at=None)
    found = found.select_related("workspace", "system", "reviewer").order_by("next_due_at")
    return found if actor.workspace_ids is None else found.filter(workspace_id__in=actor.workspace_ids)
