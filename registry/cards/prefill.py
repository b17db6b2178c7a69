"""The first state of a card: what the portal knows of a version already. What is unknown is absent."""

import math
import re
from collections.abc import Mapping
from typing import Any

from experiments.models import LatestMetric, LoggedModelMetric, LoggedModelParam, Param, RunInput, RunTag
from registry.cards.schema import (
    DIGESTS,
    EVALUATION,
    INTENDED,
    OVERVIEW,
    PROVENANCE,
    SIGNATURE,
    TRAINING,
)
from registry.models import ModelVersion

COMMIT_TAG = "mlflow.source.git.commit"
# Tags of a version or a model that fill a field, where they are set.
_INTENDED_TAGS = ("purpose_of_model", "intended_uses", "risk_rating")
_OVERVIEW_TAGS = ("problem_type", "algorithm_type", "model_owner")
_JUDGES = re.compile(r"eval|test|valid", re.IGNORECASE)  # contexts of data that a model is judged by
_RATINGS = ("High", "Medium", "Low", "Unknown")
_METRICS, _PARAMS, _DATASETS = 50, 100, 15


def card_prefill(version: ModelVersion, signature: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The content of a card from the run, the logged model, their data and tags, within SageMaker's limits."""
    tags = {
        **dict(version.model.tags.values_list("key", "value")),
        **dict(version.tags.values_list("key", "value")),
    }
    datasets = _datasets(version)
    content = {
        OVERVIEW: _overview(version, tags),
        INTENDED: _intended(version, tags),
        TRAINING: _training(version, datasets),
        EVALUATION: _evaluations(version),
        PROVENANCE: {"datasets": [_dataset(each) for each in datasets]} if datasets else {},
        SIGNATURE: {side: columns for side, columns in (signature or {}).items() if columns},
        DIGESTS: _digests(version),
    }
    return {name: section for name, section in content.items() if section}


def _overview(version: ModelVersion, tags: Mapping[str, str]) -> dict[str, Any]:
    flavour = next(
        (str(value) for key, value in sorted(_params(version).items()) if key == "estimator_name"), ""
    )
    found = {
        "model_id": version.pk.hex,
        "model_name": version.model.name,
        "model_description": version.description or version.model.description,
        "model_version": version.version,
        "algorithm_type": flavour,
        "model_creator": version.created_by.username if version.created_by else version.user_name,
        "model_artifact": [version.artifact_location] if version.artifact_location else [],
        **{key: tags[key] for key in _OVERVIEW_TAGS if key in tags},
    }
    return _cut(found, 1024)


def _intended(version: ModelVersion, tags: Mapping[str, str]) -> dict[str, Any]:
    found = {key: tags[key] for key in _INTENDED_TAGS if key in tags}
    if found.get("risk_rating") not in (None, *_RATINGS):
        del found["risk_rating"]
    if version.model.description and "purpose_of_model" not in found:
        found["purpose_of_model"] = version.model.description
    return _cut(found, 2048)


def _training(version: ModelVersion, datasets: list[RunInput]) -> dict[str, Any]:
    metrics = [{"name": key[:255], "value": value} for key, value in sorted(_metrics(version).items())]
    params = [{"name": key[:255], "value": value[:1024]} for key, value in sorted(_params(version).items())]
    details = {
        "training_datasets": [
            _named(each) for each in datasets if not _JUDGES.search(each.context or "")
        ][:_DATASETS],
        "training_metrics": metrics[:_METRICS],
        "hyper_parameters": params[:_PARAMS],
    }  # fmt: skip
    kept = {key: value for key, value in details.items() if value}
    return {"training_job_details": kept} if kept else {}


def _evaluations(version: ModelVersion) -> list[dict[str, Any]]:
    """One evaluation for each dataset that metrics of the logged model name."""
    if version.logged_model_id is None:
        return []
    points = LoggedModelMetric.objects.filter(model_id=version.logged_model_id, is_nan=False).exclude(
        dataset_name=""
    )
    found: dict[tuple[str, str], dict[str, float]] = {}
    for point in points.order_by("timestamp", "step", "id"):
        if math.isfinite(point.value):
            found.setdefault((point.dataset_name, point.dataset_digest), {})[point.key] = point.value
    return [
        _evaluation(name, digest, metrics) for (name, digest), metrics in sorted(found.items())[:_METRICS]
    ]


def _evaluation(name: str, digest: str, metrics: Mapping[str, float]) -> dict[str, Any]:
    data = [{"name": key[:255], "type": "number", "value": value} for key, value in sorted(metrics.items())]
    return {
        "name": f"on {name}"[:63],
        "datasets": [f"{name}@{digest}"[:1024]],
        "metric_groups": [{"name": "metrics", "metric_data": data[:200]}],
    }


def _dataset(each: RunInput) -> dict[str, Any]:
    data = each.dataset
    source = data.source if len(data.source) <= 2048 else ""
    found = {
        "name": data.name, "digest": data.digest, "context": each.context or "", "source_type": data.source_type,
        "source": source,
    }  # fmt: skip
    return {key: value for key, value in found.items() if value}


def _digests(version: ModelVersion) -> dict[str, str]:
    commit = ""
    if version.run_id:
        tag = RunTag.objects.filter(run_id=version.run_id, key=COMMIT_TAG).first()
        commit = tag.value if tag else ""
    found = {
        "version": version.digest, "run": version.run_id.hex if version.run_id else "",
        "logged_model": version.logged_model_id or "", "commit": commit[:200],
    }  # fmt: skip
    return {key: value for key, value in found.items() if value}


def _named(each: RunInput) -> str:
    return f"{each.dataset.name}@{each.dataset.digest}"[:1024]


def _datasets(version: ModelVersion) -> list[RunInput]:
    if version.run_id is None:
        return []
    inputs = RunInput.objects.filter(run_id=version.run_id).select_related("dataset")
    return list(inputs.order_by("dataset__name", "dataset_id")[:100])


def _metrics(version: ModelVersion) -> dict[str, float]:
    found: dict[str, float] = {}
    if version.run_id:
        found.update(
            LatestMetric.objects.filter(run_id=version.run_id, is_nan=False).values_list("key", "value")
        )
    if version.logged_model_id:
        own = LoggedModelMetric.objects.filter(
            model_id=version.logged_model_id, is_nan=False, dataset_name=""
        )
        found.update(own.order_by("timestamp", "step", "id").values_list("key", "value"))
    return {key: value for key, value in found.items() if math.isfinite(value)}


def _params(version: ModelVersion) -> dict[str, str]:
    found: dict[str, str] = {}
    if version.run_id:
        found.update(Param.objects.filter(run_id=version.run_id).values_list("key", "value"))
    if version.logged_model_id:
        found.update(
            LoggedModelParam.objects.filter(model_id=version.logged_model_id).values_list("key", "value")
        )
    return found


def _cut(fields: Mapping[str, Any], longest: int) -> dict[str, Any]:
    """Without what is empty, and no text longer than SageMaker takes."""
    cut = {key: value[:longest] if isinstance(value, str) else value for key, value in fields.items()}
    return {key: value for key, value in cut.items() if value}
