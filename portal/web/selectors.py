"""Reads for pages that span apps: home and search."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse

from compliance.selectors.web_inbox import inbox
from experiments.models import LoggedModel, Run
from experiments.models.experiment import ACTIVE
from experiments.selectors.web_experiments import experiment_rows
from experiments.selectors.web_run import runs_recent
from jobs.models import ACTIVE_STATES, JobRun
from portal.accounts.actor import Actor
from portal.accounts.models import ApiToken, Membership, Workspace
from portal.kernel.clock import now, now_ms
from registry.models import ModelVersion
from registry.selectors.web_version import versions_newest

DAY_MS = 86_400_000
FOUND_AT_MOST = 8
WAITING_AT_MOST = 5
INBOX_AT_MOST = 8
EXPIRES_SOON = timedelta(days=14)
_HEX_DIGITS = set("0123456789abcdef")


@dataclass(frozen=True)
class Waiting:
    """One thing that the person should look at: what it is, why, and where."""

    label: str
    reason: str
    url: str


@dataclass(frozen=True)
class Overview:
    """What the home page shows."""

    waiting: list[Waiting]
    versions: list[ModelVersion]
    models: list[LoggedModel]
    running: list[Run]
    recent: list[Run]
    experiments: list[Any]
    jobs: list[JobRun]
    running_count: int
    day_count: int
    failed_count: int
    job_count: int


def home_overview(actor: Actor) -> Overview:
    """Running and recent work of all workspaces that the actor sees."""
    today = _runs(actor).filter(start_time__gte=now_ms() - DAY_MS)
    jobs = _jobs(actor)
    return Overview(
        waiting=_waiting(actor),
        versions=versions_newest(actor, limit=8),
        models=list(_models(actor)[:6]),
        running=runs_recent(actor, is_running=True, limit=8),
        recent=runs_recent(actor, is_running=False, limit=12),
        experiments=experiment_rows(actor, limit=8)[0],
        jobs=list(jobs.order_by("-id")[:6]),
        running_count=_runs(actor).filter(status="RUNNING").count(),
        day_count=today.count(),
        failed_count=today.filter(status="FAILED").count(),
        job_count=jobs.filter(state__in=ACTIVE_STATES).count(),
    )


def _models(actor: Actor) -> QuerySet[LoggedModel]:
    found = LoggedModel.objects.filter(lifecycle_stage=ACTIVE).select_related("experiment")
    if actor.workspace_ids is not None:
        found = found.filter(workspace_id__in=actor.workspace_ids)
    return found.order_by("-creation_timestamp")


def _waiting(actor: Actor) -> list[Waiting]:
    """What asks for this person: their inbox, own runs that failed in the last day, own tokens about to expire."""
    failed = _runs(actor).filter(
        created_by_id=actor.user_id,
        status="FAILED",
        lifecycle_stage=ACTIVE,
        start_time__gte=now_ms() - DAY_MS,
    )
    ending = own_tokens(actor).filter(revoked_at=None, expires_at__range=(now(), now() + EXPIRES_SOON))
    runs = [
        Waiting(run.name, "Your run failed", reverse("run", args=[run.pk.hex]))
        for run in failed.order_by("-start_time")[:WAITING_AT_MOST]
    ]
    tokens = [
        Waiting(token.name, f"Your token expires on {token.expires_at:%d %B}", reverse("tokens"))
        for token in ending[:WAITING_AT_MOST]
    ]
    return _inbox_waiting(actor) + runs + tokens


def _inbox_waiting(actor: Actor) -> list[Waiting]:
    """The head of the inbox."""
    return [Waiting(each.label, each.asked, each.url) for each in inbox(actor)[:INBOX_AT_MOST]]


def workspace_members(workspace: Workspace) -> QuerySet[Membership]:
    """Who holds which role, by name; permission was asked when the workspace was found."""
    return (
        Membership.objects.filter(workspace=workspace)
        .select_related("user")
        .order_by("user__username", "role")
    )


def own_tokens(actor: Actor) -> QuerySet[ApiToken]:
    """The actor's own tokens, the valid ones first."""
    if actor.user_id is None:
        return ApiToken.objects.none()
    tokens = ApiToken.objects.filter(user_id=actor.user_id).prefetch_related("workspaces")
    return tokens.order_by(F("revoked_at").asc(nulls_first=True), "-created_at")


def token_state(token: ApiToken) -> str:
    """`revoked`, `expired` or `active`."""
    if token.revoked_at:
        return "revoked"
    return "expired" if token.expires_at <= now() else "active"


def _runs(actor: Actor) -> QuerySet[Run]:
    runs = Run.objects.filter(lifecycle_stage="active")
    return runs if actor.workspace_ids is None else runs.filter(workspace_id__in=actor.workspace_ids)


def _jobs(actor: Actor) -> QuerySet[JobRun]:
    jobs = JobRun.objects.select_related("workspace")
    return jobs if actor.workspace_ids is None else jobs.filter(workspace_id__in=actor.workspace_ids)
