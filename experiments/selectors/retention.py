"""Reads of retention: which rule holds where, whose time is over, what collections did, what experiments take."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Sum

from experiments.models import (
    Collected,
    Collection,
    Experiment,
    LoggedModel,
    RetentionRule,
    Run,
    RunMark,
    StorageUse,
)
from experiments.models.experiment import ACTIVE, DELETED
from experiments.models.retention import MARKED
from experiments.models.run import TERMINAL_STATUSES
from jobs.models import JobRun
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.errors import NotFound

DAY_MS = 86_400_000


@dataclass(frozen=True)
class Scope:
    """Experiments under one rule; `of` says whose it is."""

    rule: RetentionRule
    experiments: list[int]
    of: str


@dataclass(frozen=True)
class Storage:
    """What a workspace or an experiment takes, as counted at `counted_at`; `runs` are all that exist now."""

    files: int
    bytes: int
    points: int
    runs: int
    counted_at: dt.datetime | None = None


def scopes_of(workspace: Workspace) -> list[Scope]:
    """The rules of a workspace with the experiments that each is for."""
    rules = {rule.experiment_id: rule for rule in RetentionRule.objects.filter(workspace=workspace)}
    own = [
        Scope(rule, [number], f"the rule of experiment {number}")
        for number, rule in rules.items() if number is not None
    ]  # fmt: skip
    if None not in rules:
        return own
    others = Experiment.objects.filter(workspace=workspace).exclude(pk__in=[key for key in rules if key])
    return [*own, Scope(rules[None], list(others.values_list("pk", flat=True)), f"the rule of {workspace}")]


def purgeable(scope: Scope, *, now_ms: int, after: UUID | None, size: int) -> list[Run]:
    """Deleted runs whose time is over, by id, some at a time. What a collection has marked before is not among them."""
    before = purged_before(scope, now_ms)
    due = Run.objects.filter(
        experiment__in=scope.experiments, lifecycle_stage=DELETED, deleted_time__lt=before
    )
    return list((due.filter(pk__gt=after) if after else due).order_by("pk")[:size])


def expirable(scope: Scope, *, now_ms: int, after: UUID | None, size: int) -> list[Run]:
    """Active runs that ended so long ago that the rule deletes them, unless something needs them; starred ones stay."""
    if scope.rule.delete_after_days is None:
        return []
    before = expires_before(scope, now_ms)
    due = Run.objects.filter(
        Q(end_time__lt=before) | Q(end_time=None, start_time__lt=before),
        ~Exists(RunMark.objects.filter(run=OuterRef("pk"), is_starred=True)),
        ~Exists(LoggedModel.objects.filter(source_run=OuterRef("pk"))),
        experiment__in=scope.experiments, lifecycle_stage=ACTIVE, status__in=TERMINAL_STATUSES,
    )  # fmt: skip
    return list((due.filter(pk__gt=after) if after else due).order_by("pk")[:size])


def expires_before(scope: Scope, now_ms: int) -> int:
    """Runs that ended before this time (ms) are deleted by the rule."""
    return now_ms - (scope.rule.delete_after_days or 0) * DAY_MS


def purged_before(scope: Scope, now_ms: int) -> int:
    """Runs that were deleted before this time (ms) are purged by the rule."""
    return now_ms - scope.rule.purge_after_days * DAY_MS


def marked_in(workspace: Workspace, *, but: list[UUID], size: int) -> list[UUID]:
    """Runs that are marked and not gone yet, whichever collection marked them."""
    found = Collected.objects.filter(collection__workspace=workspace, state=MARKED)
    subjects = found.exclude(subject__in=[each.hex for each in but]).order_by("subject")[:size]
    return [thing.run_id for thing in subjects]


def collections_visible(actor: Actor) -> QuerySet[Collection]:
    """Collections of the actor's workspaces, the last first."""
    found = Collection.objects.select_related("workspace", "created_by").order_by("-id")
    return found if actor.workspace_ids is None else found.filter(workspace__in=actor.workspace_ids)


def collection_get(actor: Actor, collection_id: UUID) -> Collection:
    """One collection. Raises NotFound, also when the actor may not see it."""
    found = collections_visible(actor).filter(pk=collection_id).first()
    if found is None:
        raise NotFound("No such collection, or you may not see it.")
    return found


def collection_state(collection: Collection) -> str:
    """`done`, or how its job stands."""
    if collection.finished_at is not None:
        return "done"
    job = JobRun.objects.filter(pk=collection.job_id).first() if collection.job_id else None
    return job.state if job else "queued"


def things_of(collection: Collection) -> QuerySet[Collected]:
    """What a collection came by, in order."""
    return Collected.objects.filter(collection=collection).order_by("id")


def rules_found(workspace: Workspace) -> QuerySet[RetentionRule]:
    """The rules of a workspace and of its experiments."""
    return RetentionRule.objects.filter(workspace=workspace).select_related("experiment", "changed_by")


def rules_of(workspace: Workspace) -> list[RetentionRule]:
    """The same, that of the workspace first."""
    return sorted(
        rules_found(workspace), key=lambda rule: (rule.experiment is not None, str(rule.experiment))
    )


def storage_by_experiment(actor: Actor, workspace: Workspace | None = None) -> QuerySet[StorageUse]:
    """What experiments take, the largest first."""
    found = StorageUse.objects.select_related("experiment__workspace").order_by("-bytes", "experiment_id")
    if workspace is not None:
        return found.filter(experiment__workspace=workspace)
    ids = actor.workspace_ids
    return found if ids is None else found.filter(experiment__workspace__in=ids)


def storage_of(workspace: Workspace) -> Storage:
    """The sums over the experiments of a workspace."""
    sums = StorageUse.objects.filter(experiment__workspace=workspace).aggregate(
        files=Sum("files"), bytes=Sum("bytes"), points=Sum("points"), runs=Sum("runs"), at=Min("counted_at")
    )
    files, size, points, runs = (sums[name] or 0 for name in ("files", "bytes", "points", "runs"))
    return Storage(files, size, points, runs, sums["at"])
