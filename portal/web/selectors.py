"""Reads for pages that span apps: home and search."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.urls import reverse

from compliance.selectors.web_inbox import inbox
from compliance.selectors.web_requests import request_rows
from experiments.models import LoggedModel, Run
from experiments.models.experiment import ACTIVE
from experiments.selectors.dataset_versions import assets_visible
from experiments.selectors.experiments import experiments_visible
from experiments.selectors.web_experiments import experiment_rows
from experiments.selectors.web_run import runs_recent
from jobs.models import ACTIVE_STATES, JobRun
from portal.accounts.actor import Actor
from portal.accounts.models import ApiToken, Membership, Workspace
from portal.kernel.clock import now, now_ms
from registry.models import ModelVersion
from registry.selectors.models import models_visible, versions_visible
from registry.selectors.web_version import versions_newest

DAY_MS = 86_400_000
FOUND_AT_MOST = 8
WAITING_AT_MOST = 5
INBOX_AT_MOST = 8
EXPIRES_SOON = timedelta(days=14)
_HEX_DIGITS = set("0123456789abcdef")


@dataclass(frozen=True)
class Found:
    """One result of the search box."""

    label: str
    kind: str
    url: str


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


def found_by(actor: Actor, text: str, pages: list[Found]) -> list[Found]:
    """Pages, models, datasets, requests, experiments and runs whose name holds the text.

    `name v3` finds a version, 32 hex digits find the run of that id.
    """
    wanted = text.strip().lower()
    found = [each for each in pages if wanted in each.label.lower()]
    if wanted and "\0" not in wanted:
        found += (
            _models_found(actor, wanted) + _datasets_found(actor, wanted) + _requests_found(actor, wanted)
        )
        found += _experiments_found(actor, wanted) + _runs_found(actor, wanted)
    return found


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


def _experiments_found(actor: Actor, text: str) -> list[Found]:
    experiments = experiments_visible(actor).filter(lifecycle_stage="active", name__icontains=text)
    return [
        Found(each.name, f"experiment · {each.workspace.name}", reverse("experiment", args=[each.pk]))
        for each in experiments.select_related("workspace").order_by("-last_update_time")[:FOUND_AT_MOST]
    ]


def _datasets_found(actor: Actor, text: str) -> list[Found]:
    return [
        Found(
            each.name,
            f"dataset · {each.workspace.name}",
            reverse("dataset", args=[each.workspace.name, each.name]),
        )
        for each in assets_visible(actor).filter(name__icontains=text)[:FOUND_AT_MOST]
    ]


def _models_found(actor: Actor, text: str) -> list[Found]:
    """Models by name; with a number after the name, such as `scorer v3`, that version first."""
    name, _, number = text.rpartition(" ")
    digits = number.removeprefix("v")
    found: list[Found] = []
    if name and digits.isdecimal() and len(digits) < 10:
        versions = versions_visible(actor).filter(model__name__icontains=name, version=int(digits))
        found = [
            _version_found(each)
            for each in versions.select_related("model", "workspace").order_by("model__name")[:FOUND_AT_MOST]
        ]
    models = models_visible(actor).filter(name__icontains=text).select_related("workspace")
    return found + [
        Found(each.name, f"{'prompt' if each.is_prompt else 'model'} · {each.workspace.name}",
              reverse("model", args=[each.workspace.name, each.name]))
        for each in models.order_by("-last_updated_timestamp")[:FOUND_AT_MOST]
    ]  # fmt: skip


def _version_found(version: ModelVersion) -> Found:
    address = [version.workspace.name, version.model.name, version.version]
    return Found(str(version), f"version · {version.workspace.name}", reverse("version", args=address))


def _requests_found(actor: Actor, text: str) -> list[Found]:
    rows, _ = request_rows(actor, view="all", text=text, limit=FOUND_AT_MOST)
    return [
        Found(str(each), f"request · {each.state.replace('_', ' ')}", reverse("request", args=[each.pk]))
        for each in rows
    ]


def _runs_found(actor: Actor, text: str) -> list[Found]:
    runs = _runs(actor).select_related("experiment").order_by("-start_time")
    digits = text.replace("-", "")
    if len(digits) == 32 and set(digits) <= _HEX_DIGITS:
        runs = runs.filter(pk=UUID(digits))
    else:
        runs = runs.filter(name__icontains=text)
    return [
        Found(each.name, f"run · {each.experiment.name}", reverse("run", args=[each.pk.hex]))
        for each in runs[:FOUND_AT_MOST]
    ]


def _runs(actor: Actor) -> QuerySet[Run]:
    runs = Run.objects.filter(lifecycle_stage="active")
    return runs if actor.workspace_ids is None else runs.filter(workspace_id__in=actor.workspace_ids)


def _jobs(actor: Actor) -> QuerySet[JobRun]:
    jobs = JobRun.objects.select_related("workspace")
    return jobs if actor.workspace_ids is None else jobs.filter(workspace_id__in=actor.workspace_ids)
