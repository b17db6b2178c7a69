"""Runs of many shapes, and what Python thinks of them."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection

from experiments.artifacts.locations import run_location
from experiments.models import Experiment, LatestMetric, Param, Run, RunTag
from portal.accounts.models import User
from portal.kernel.ids import uuid7

RUNS = 90
DAY_MS = 86_400_000
KEPT = (Run, Param, RunTag, LatestMetric)


@dataclass
class Made:
    """A run as it was made."""

    run: Run
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def made(experiment: Experiment, ann: User, cora: User) -> list[Made]:
    """Missing values, NaN, ties, numbers among texts, texts too long for an index, deleted and unfinished runs."""
    found = []
    for n in range(RUNS):
        each = Made(_run(experiment, n, (ann, cora, None)[n % 3]))
        each.params = {"depth": str((n * 7) % 11), "same": "x", "mixed": ("tree", "0.5", "-3", "1e2")[n % 4]}
        if n % 5:
            each.params["text"] = f"{'z' * 210 if n % 9 == 0 else ''}word {n % 6}"
        each.metrics = {"auc": float("nan") if n % 10 == 0 else (n * 37 % 50) / 50} if n % 4 else {}
        each.tags = {
            "team": ("risk", "fraud")[n % 2],
            "mlflow.note.content": f"Note of {n}: Grown carefully.",
        }
        found.append(each)
    _keep(experiment, found)
    tables = ", ".join(model._meta.db_table for model in (Experiment, *KEPT))
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {tables}")
    return found


def _run(experiment: Experiment, n: int, owner: User | None) -> Run:
    run_id, start = uuid7(), 1_700_000_000_000 + (n * 13 % RUNS) * 1000
    return Run(
        id=run_id, experiment=experiment, workspace=experiment.workspace,
        name=f"{('amber', 'brisk', 'calm')[n % 3]}-otter-{n}", lifecycle_stage="deleted" if n % 15 == 14 else "active",
        user_name=f"user{n % 4}", created_by=owner, status=("FINISHED", "FAILED", "RUNNING")[n % 3], start_time=start,
        end_time=None if n % 3 == 2 else start + (n % 7) * 1000,
        artifact_uri=run_location(experiment.workspace_id, experiment.pk, run_id),
    )  # fmt: skip


def _keep(experiment: Experiment, found: list[Made]) -> None:
    """All of them in four statements: tests make them anew, and one for each row takes a tenth of a second."""
    params, tags, metrics = [], [], []
    for each in found:
        common: dict[str, Any] = {"run": each.run, "experiment_id": experiment.pk}
        params += [Param(**common, key=key, value=value) for key, value in each.params.items()]
        tags += [RunTag(**common, key=key, value=value) for key, value in each.tags.items()]
        metrics += [_latest(key, value, **common) for key, value in each.metrics.items()]
    Run.objects.bulk_create(each.run for each in found)
    Param.objects.bulk_create(params)
    RunTag.objects.bulk_create(tags)
    LatestMetric.objects.bulk_create(metrics)


def _latest(key: str, value: Any, **common: Any) -> LatestMetric:
    is_nan = value != value
    return LatestMetric(**common, key=key, value=0 if is_nan else value, is_nan=is_nan, step=0, timestamp=0)
