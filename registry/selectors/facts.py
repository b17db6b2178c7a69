"""The facts about a move of an alias or a stage, as `compliance/policies/facts.py` promises them to rules.

The caller holds the rows of the model and the version; permission to move is asked by the operation.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, Q

from compliance.gates import Subject, Target
from compliance.models import Evidence, Finding
from compliance.selectors.evidence import evidence_newest
from experiments.models import (
    LatestMetric,
    LoggedModelMetric,
    LoggedModelParam,
    Param,
    Run,
    RunInput,
    RunTag,
)
from portal.kernel.clock import now
from registry.gate.subjects import version_subject
from registry.models import ModelCard, ModelVersion, RegisteredModel
from registry.selectors.systems import risk_tier_of

COMMIT_TAGS = ("mlflow.source.git.commit",)
DIRTY_TAG = "mlflow.source.git.dirty"
_COPIES_AT_MOST = 50


def move_facts(
    act: str, model: RegisteredModel, version: ModelVersion, target: Target, held: ModelVersion | None
) -> dict[str, Any]:
    """All facts about a move of `target`, where `held` is now or nothing, to `version`."""
    subject = version_subject(version)
    evidence = evidence_of(subject)
    return {
        "act": act,
        "workspace": model.workspace.name,
        "model": {"name": model.name, "tags": model_tags(model), "risk_tier": risk_tier_of(model)},
        "version": _version(version),
        "target": {"kind": target.kind, "name": target.name},
        "metrics": metrics_of(version),
        "params": params_of(version),
        "champion": _champion(held),
        "run": _run(version.run, evidence),
        "datasets": _datasets(version.run),
        "signature": _signature(evidence),
        "evidence": evidence,
        "card": _card(version),
        "findings": _findings(subject),
    }


def authors_of(version: ModelVersion) -> frozenset[int]:
    """Who made the version, its run and its logged model; of a copy those of what it was copied from, too."""
    found: set[int | None] = set()
    each: ModelVersion | None = version
    for _ in range(_COPIES_AT_MOST):
        if each is None:
            break
        found.add(each.created_by_id)
        found.add(each.run.created_by_id if each.run else None)
        found.add(each.logged_model.created_by_id if each.logged_model else None)
        each = each.copied_from
    return frozenset(user_id for user_id in found if user_id is not None)


def model_tags(model: RegisteredModel) -> dict[str, str]:
    """The tags of a model by key."""
    return dict(model.tags.values_list("key", "value"))


def evidence_of(subject: Subject) -> dict[str, dict[str, Any]]:
    """The newest evidence of every kind about exactly these files."""
    found = evidence_newest(subject_type=subject.type, subject_id=subject.id, subject_digest=subject.digest)
    return {kind: _evidence(each) for kind, each in found.items()}


def metrics_of(version: ModelVersion) -> dict[str, float]:
    """The last values of the run; what was logged about the model itself goes before."""
    found: dict[str, float] = {}
    if version.run_id:
        latest = LatestMetric.objects.filter(run_id=version.run_id, is_nan=False)
        found.update(latest.values_list("key", "value"))
    if version.logged_model_id:
        own = LoggedModelMetric.objects.filter(model_id=version.logged_model_id, is_nan=False)
        found.update(own.order_by("timestamp", "step", "id").values_list("key", "value"))
    return {key: value for key, value in found.items() if math.isfinite(value)}


def params_of(version: ModelVersion) -> dict[str, str]:
    """The params of the run, and those of the logged model before them."""
    found: dict[str, str] = {}
    if version.run_id:
        found.update(Param.objects.filter(run_id=version.run_id).values_list("key", "value"))
    if version.logged_model_id:
        own = LoggedModelParam.objects.filter(model_id=version.logged_model_id)
        found.update(own.values_list("key", "value"))
    return found


def _version(version: ModelVersion) -> dict[str, Any]:
    made = dt.datetime.fromtimestamp(version.creation_timestamp / 1000, tz=dt.UTC)
    return {
        "number": version.version,
        "digest": version.digest,
        "status": version.status,
        "tags": dict(version.tags.values_list("key", "value")),
        "author": version.user_name,
        "age_hours": _hours_since(made),
        "registered_at": made.isoformat(),
        "is_first": not ModelVersion.objects.filter(
            model_id=version.model_id, version__lt=version.version
        ).exists(),
    }


def _champion(held: ModelVersion | None) -> dict[str, Any] | None:
    if held is None:
        return None
    return {
        "version": held.version,
        "digest": held.digest,
        "metrics": metrics_of(held),
        "params": params_of(held),
    }


def _run(run: Run | None, evidence: Mapping[str, Mapping[str, Any]]) -> dict[str, Any] | None:
    if run is None:
        return None
    tags = dict(RunTag.objects.filter(run=run, key__in=[*COMMIT_TAGS, DIRTY_TAG]).values_list("key", "value"))
    dirty = tags.get(DIRTY_TAG, "").lower()
    lock = evidence.get("env_lock")
    return {
        "id": run.pk.hex,
        "status": run.status,
        "user": run.user_name,
        "commit": next((tags[key] for key in COMMIT_TAGS if tags.get(key)), None),
        "is_dirty": {"true": True, "false": False}.get(dirty),
        "has_lock": lock["outcome"] == "pass" if lock else None,
    }


def _datasets(run: Run | None) -> list[dict[str, Any]]:
    if run is None:
        return []
    inputs = (
        RunInput.objects.filter(run=run).select_related("dataset").order_by("dataset__name", "dataset_id")
    )
    return [
        {
            "name": each.dataset.name, "digest": each.dataset.digest, "context": each.context or "",
            "source_type": each.dataset.source_type,
        }
        for each in inputs
    ]  # fmt: skip


def _signature(evidence: Mapping[str, Mapping[str, Any]]) -> dict[str, bool | None]:
    """Whether the MLmodel file states what goes in and what comes out; unknown while nobody has looked."""
    seen = evidence.get("model_version")
    if seen is None:
        return {"inputs": None, "outputs": None}
    stated = seen["body"].get("signature") or {}
    return {"inputs": bool(stated.get("inputs")), "outputs": bool(stated.get("outputs"))}


def _evidence(each: Evidence) -> dict[str, Any]:
    return {
        "outcome": each.outcome,
        "age_hours": _hours_since(each.recorded_at),
        "summary": each.summary,
        "body": each.body,
        "digest": each.digest,
    }


def _card(version: ModelVersion) -> dict[str, Any] | None:
    card = ModelCard.objects.filter(version=version).order_by("-number").first()
    if card is None:
        return None
    content = card.content if isinstance(card.content, dict) else {}
    sections = {str(name): is_filled(value) for name, value in content.items()}
    return {"number": card.number, "digest": card.digest, "sections": sections}


def is_filled(value: Any) -> bool:
    """Whether a part of a card says anything: a text, a number, or something that does."""
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, Mapping):
        return _any_filled(value.values())
    if isinstance(value, list | tuple):
        return _any_filled(value)
    return value is not None


def _any_filled(values: Iterable[Any]) -> bool:
    return any(is_filled(value) for value in values)


def _findings(subject: Subject) -> dict[str, int]:
    about = Finding.objects.filter(subject_type=subject.type, subject_id=subject.id, is_open=True)
    return about.aggregate(
        open=Count("pk"),
        overdue=Count("pk", filter=Q(due_at__lt=now())),
        high=Count("pk", filter=Q(severity__in=["high", "critical"])),
    )


def _hours_since(moment: dt.datetime) -> float:
    return round(max((now() - moment).total_seconds(), 0.0) / 3600, 4)
