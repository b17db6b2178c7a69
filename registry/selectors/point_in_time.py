"""What an alias or a stage meant at a moment: by whose approval, on which data, with which evidence.

All of it comes from dated rows, so that the answer about a day in the past is the same whenever it is asked.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from compliance.models import Approval, Decision, Evidence
from compliance.models.approvals import APPROVE
from experiments.models import RunInput
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import InvalidInput, NotFound
from registry.gate.subjects import VERSION_TYPE
from registry.models import Assignment, ModelCard, ModelVersion, RegisteredModel, SystemModel
from registry.models.assignments import ALIAS, STAGE

INTERVALS_AT_MOST = 200
_AHEAD = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Placement:
    """Where a version served: an app that deploys declares how to find out."""

    environment: str
    target: str
    since: dt.datetime
    until: dt.datetime | None
    url: str = ""


Placements = Callable[[ModelVersion, dt.datetime], Sequence[Placement]]
# The seam for the app that deploys; while nobody stands here, where a version served is unknown.
PLACEMENTS: list[Placements] = []


def placements_declare(find: Placements) -> None:
    """Add a way to find where a version served at a moment."""
    if find not in PLACEMENTS:
        PLACEMENTS.append(find)


@dataclass(frozen=True)
class ApprovalThen:
    """The approval that an interval stands under, as it was at the moment; decisions after it are left out."""

    approval: Approval
    state: str
    decisions: list[Decision]

    @property
    def is_break_glass(self) -> bool:
        return self.approval.request.is_break_glass


@dataclass(frozen=True)
class Held:
    """One interval that held the moment, with all that was known then."""

    interval: Assignment
    version: ModelVersion
    approval: ApprovalThen | None
    datasets: list[RunInput]
    evidence: list[Evidence]
    card: ModelCard | None
    systems: list[SystemModel]
    placements: list[Placement] | None

    @property
    def unknown(self) -> list[str]:
        """What was not recorded, in words."""
        found = []
        if self.version.run is None:
            found.append("The version names no run, so the data behind it is unknown.")
        elif not self.datasets:
            found.append("The run recorded no dataset.")
        if self.approval is None:
            found.append("The move stands under no approval.")
        if self.placements is None:
            found.append("No deployments are recorded in this portal.")
        return found


@dataclass(frozen=True)
class Moment:
    """The answer: a stage may hold several versions at once, an alias one at most."""

    model: RegisteredModel
    kind: str
    name: str
    at: dt.datetime
    held: list[Held]


def model_at(actor: Actor, *, workspace: str, name: str, at: dt.datetime) -> RegisteredModel:
    """The model that had the name at a moment; one that was deleted since is found, too. Raises NotFound, InvalidInput.

    `workspace` may be empty where only one that the actor sees has such a model.
    """
    models = RegisteredModel.objects.filter(name=name).select_related("workspace")
    if actor.workspace_ids is not None:
        models = models.filter(workspace_id__in=actor.workspace_ids)
    if workspace:
        models = models.filter(workspace__name=workspace)
    found = list(
        models.filter(Q(deleted_at=None) | Q(deleted_at__gt=at)).order_by("creation_timestamp", "id")
    )
    in_time = [model for model in found if model.creation_timestamp <= at.timestamp() * 1000] or found
    places = {model.workspace.name for model in in_time}
    if len(places) > 1:
        raise InvalidInput(
            f"Several workspaces have a model {name}: {', '.join(sorted(places))}. Say which with workspace."
        )
    if not in_time:
        raise NotFound(f"There was no registered model {name} at that time, or you may not see it.")
    return in_time[-1] if in_time[0].creation_timestamp <= at.timestamp() * 1000 else in_time[0]


def moment_of(model: RegisteredModel, *, kind: str, name: str, at: dt.datetime) -> Moment:
    """What an alias or stage of a model meant at a moment. Raises InvalidInput for one that is still to come."""
    if at > now() + _AHEAD:
        raise InvalidInput("Nothing is known about a time that is still to come.")
    intervals = intervals_of(model, kind=kind, name=name).filter(valid_from__lte=at)
    held = intervals.filter(Q(valid_to=None) | Q(valid_to__gt=at))
    return Moment(model, kind, name, at, [_held(interval, at) for interval in held])


def intervals_of(model: RegisteredModel, *, kind: str, name: str) -> QuerySet[Assignment]:
    """All that an alias or stage ever meant, the newest first."""
    found = Assignment.objects.filter(model=model, kind=kind, name=name)
    related = ("version__run__experiment", "version__workspace", "version__model", "approval__request")
    return found.select_related(*related).defer("version__manifest").order_by("-valid_from", "-id")


def _held(interval: Assignment, at: dt.datetime) -> Held:
    version = interval.version
    return Held(
        interval=interval,
        version=version,
        approval=_approval(interval.approval, at) if interval.approval else None,
        datasets=_datasets(version),
        evidence=evidence_at(version, at),
        card=ModelCard.objects.filter(version=version, created_at__lte=at).order_by("-number").first(),
        systems=_systems(interval, at),
        placements=[each for find in PLACEMENTS for each in find(version, at)] if PLACEMENTS else None,
    )


def _approval(approval: Approval, at: dt.datetime) -> ApprovalThen:
    is_over = approval.ended_at is not None and approval.ended_at <= at
    decisions = Decision.objects.filter(request_id=approval.request_id, verdict=APPROVE, decided_at__lte=at)
    return ApprovalThen(
        approval,
        approval.state if is_over else "effective",
        list(decisions.select_related("person", "on_behalf_of").order_by("decided_at", "id")),
    )


def _datasets(version: ModelVersion) -> list[RunInput]:
    if version.run_id is None:
        return []
    inputs = RunInput.objects.filter(run_id=version.run_id).select_related("dataset")
    return list(inputs.order_by("dataset__name", "dataset_id"))


def evidence_at(version: ModelVersion, at: dt.datetime) -> list[Evidence]:
    """The newest evidence of every kind about exactly these files that was recorded by then."""
    found = Evidence.objects.filter(
        subject_type=VERSION_TYPE,
        subject_id=version.pk.hex,
        subject_digest=version.digest,
        recorded_at__lte=at,
    )
    return list(found.order_by("kind", "-recorded_at", "-id").distinct("kind"))


def _systems(interval: Assignment, at: dt.datetime) -> list[SystemModel]:
    """The AI systems that used the model then, by this alias or by the version itself."""
    by: Any = Q(version_id=interval.version_id)
    if interval.kind == ALIAS:
        by |= Q(alias=interval.name)
    links = SystemModel.objects.filter(by, model_id=interval.model_id, valid_from__lte=at)
    links = links.filter(Q(valid_to=None) | Q(valid_to__gt=at)).select_related("system")
    return list(links.order_by("system__name", "id"))


def name_parse(*, alias: str = "", stage: str = "") -> tuple[str, str]:
    """Kind and name of what is asked about. Raises InvalidInput unless it is one of the two."""
    if bool(alias) == bool(stage):
        raise InvalidInput("Ask about an alias or a stage: give one of the two.")
    return (ALIAS, alias) if alias else (STAGE, stage)
