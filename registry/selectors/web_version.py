"""All that the page of one version shows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from compliance.models import ApprovalRequest, Evidence
from experiments.models import LatestMetric, Run, RunInput, RunTag
from experiments.models.logged_model import LoggedModelMetric
from experiments.selectors.dataset_versions import Reading, readings_named
from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound
from registry.gate.subjects import VERSION_TYPE
from registry.models import Assignment, ModelVersion
from registry.models.assignments import ALIAS
from registry.selectors.models import versions_visible

CHAMPION = "champion"
COMMIT_TAG = "mlflow.source.git.commit"
EVIDENCE_SHOWN = 100
REQUESTS_SHOWN = 50


@dataclass(frozen=True)
class Compared:
    """One metric of a version beside the same metric of the champion."""

    key: str
    value: float | None
    champion: float | None

    @property
    def delta(self) -> float | None:
        if self.value is None or self.champion is None:
            return None
        difference = self.value - self.champion
        return difference if math.isfinite(difference) else None


@dataclass(frozen=True)
class Origin:
    """Where a version comes from: its run, the commit, and the data that the run read."""

    run: Run | None
    commit: str
    datasets: list[Reading]


def version_numbered(actor: Actor, workspace: str, name: str, number: int) -> ModelVersion:
    """A version by the names in its address. Raises NotFound, too, when it is not visible."""
    wanted = Q(model__workspace__name=workspace, model__name=name, version=number)
    return _one(
        actor, wanted, f"There is no version {number} of {name} in {workspace}, or you may not see it."
    )


def version_known(actor: Actor, key: UUID) -> ModelVersion:
    """A version by its id, as other records name it. Raises NotFound."""
    return _one(actor, Q(pk=key), "There is no such version, or you may not see it.")


def versions_newest(actor: Actor, *, limit: int) -> list[ModelVersion]:
    """The versions of models that were registered last, without prompts."""
    versions = (
        versions_visible(actor).filter(model__is_prompt=False).select_related("created_by").defer("manifest")
    )
    return list(versions.order_by("-creation_timestamp")[:limit])


def versions_of_models(actor: Actor, logged_model_ids: Sequence[str]) -> list[ModelVersion]:
    """The versions that were made from logged models."""
    versions = versions_visible(actor).filter(logged_model_id__in=logged_model_ids).defer("manifest")
    return list(versions.select_related("model", "workspace").order_by("model__name", "version"))


def _one(actor: Actor, wanted: Q, missing: str) -> ModelVersion:
    related = (
        "model__workspace",
        "workspace",
        "run__experiment",
        "logged_model",
        "created_by",
        "copied_from__model",
    )
    found = versions_visible(actor).filter(wanted).select_related(*related).first()
    if found is None:
        raise NotFound(missing)
    return found


def version_aliases(version: ModelVersion) -> list[Assignment]:
    """The aliases that point to a version now."""
    return list(Assignment.objects.filter(version=version, kind=ALIAS, valid_to=None).order_by("name"))


def version_history(version: ModelVersion) -> list[Assignment]:
    """When which alias or stage meant this version, the newest interval first."""
    history = Assignment.objects.filter(version=version).select_related("version", "approval__request")
    return list(history.order_by("-valid_from", "-id")[:EVIDENCE_SHOWN])


def champion_of(version: ModelVersion, name: str = CHAMPION) -> ModelVersion | None:
    """What an alias of the model points to now."""
    now = Assignment.objects.filter(model_id=version.model_id, kind=ALIAS, name=name, valid_to=None)
    found = now.select_related("version__run").first()
    return found.version if found else None


def metrics_compared(version: ModelVersion, champion: ModelVersion | None) -> list[Compared]:
    """The metrics of a version by name, beside those of the champion where that is another version."""
    mine = version_metrics(version)
    theirs = version_metrics(champion) if champion and champion.pk != version.pk else {}
    return [Compared(key, mine.get(key), theirs.get(key)) for key in sorted(mine | theirs)]


def version_metrics(version: ModelVersion) -> dict[str, float]:
    """The last values of the run; what was logged about the model itself goes before."""
    found: dict[str, float] = {}
    if version.run_id:
        found.update(
            LatestMetric.objects.filter(run_id=version.run_id, is_nan=False).values_list("key", "value")
        )
    if version.logged_model_id:
        own = LoggedModelMetric.objects.filter(model_id=version.logged_model_id, is_nan=False)
        found.update(own.order_by("timestamp", "step").values_list("key", "value"))
    return {key: value for key, value in found.items() if not key.startswith("system/")}


def origin_of(version: ModelVersion) -> Origin:
    """The run behind a version, its commit and its data."""
    run = version.run
    if run is None:
        return Origin(None, "", [])
    commit = RunTag.objects.filter(run=run, key=COMMIT_TAG).values_list("value", flat=True).first()
    inputs = (
        RunInput.objects.filter(run=run).select_related("dataset").order_by("dataset__name", "dataset_id")
    )
    return Origin(run, commit or "", readings_named(inputs))


def evidence_of(version: ModelVersion) -> list[Evidence]:
    """What was recorded about a version, newest first."""
    return list(
        Evidence.objects.filter(subject_type=VERSION_TYPE, subject_id=version.pk.hex).order_by("-id")[
            :EVIDENCE_SHOWN
        ]
    )


def requests_about(version: ModelVersion) -> list[ApprovalRequest]:
    """The approval requests about a version, newest first."""
    requests = ApprovalRequest.objects.filter(subject_type=VERSION_TYPE, subject_id=version.pk.hex)
    return list(requests.select_related("requested_by").order_by("-id")[:REQUESTS_SHOWN])
