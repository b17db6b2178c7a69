"""What the browser tests see of data: versions of a dataset with a profile, a check, an evaluation.

Run by the scenery, when the portal's environment is set up.
"""

import math
from io import BytesIO
from typing import Any

from django.db import transaction

from deployments.models import BatchScoring
from deployments.scoring.asking import Asked as ScoringAsked
from deployments.scoring.beginning import score_or_request
from experiments.data.keeping import files_keep
from experiments.models import Dataset, DatasetVersion, RunInput
from experiments.services.dataset_versions import NewVersion, dataset_describe, dataset_register
from jobs.models import JobRun
from portal.accounts.actor import Actor
from portal.accounts.models import User, Workspace
from portal.kernel.clock import now
from registry.models import ModelVersion
from training.evaluation.planning import Asked
from training.models import DataCheck, Evaluation
from training.services.data_checks import data_check_begin
from training.services.evaluations import evaluation_begin

DATASHEET = """## Why it was made
To train and test the scoring of *private* loans.

## Whom it is about
Applicants of 2019 to 2024, one row each. **No** rows about people under 18.

## Limits
- Self-employed applicants are few (3 in 100).
"""
RULES = {"columns": {"age": {"type": "int", "min": 18}, "income": {"max": 10000}}, "rows": {"min": 100}}


def data_made(version: ModelVersion) -> dict[str, Any]:
    """Two versions of a dataset, of which the run of the model version read one; the ids that tests need."""
    ann = Actor.of_user(User.objects.get(username="ann"), request_id="scenery")
    credit = Workspace.objects.get(name="credit")
    first, second = (_version(ann, credit, number) for number in (1, 2))
    assert version.run is not None
    read = Dataset.objects.create(
        workspace=credit,
        experiment=version.run.experiment,
        name="applicants",
        digest=first.logged_digest,
        source_type="portal",
        source="{}",
    )
    RunInput.objects.create(run=version.run, dataset=read, context="training")
    check = data_check_begin(actor=ann, version=second, rules=RULES, reference=None)
    DataCheck.objects.filter(pk=check.pk).update(
        outcome="fail", results=_results(), summary="1 of 3 rules does not hold: income max.", ended_at=now()
    )
    asked = Asked(target="default", slices=("segment",), sensitive=("sex",))
    evaluation = evaluation_begin(
        actor=ann,
        version=version,
        dataset=second,
        champion=None,
        asked=asked,
        environment={"requirements": []},
    )
    Evaluation.objects.filter(pk=evaluation.pk).update(
        report=_report(), outcome="fail", champion=version.model.versions.exclude(pk=version.pk).first(),
        summary="accuracy_score 0.871 on 2000 rows, +0.012 against the champion. Missed: equalized_odds_difference.",
        ended_at=now(),
    )  # fmt: skip
    scored = _scored(ann, version)
    return {"check": str(check.pk), "evaluation": str(evaluation.pk), "scored": str(scored.pk)}


def _scored(ann: Actor, version: ModelVersion) -> BatchScoring:
    """A scoring that found a column it could not take."""
    kept = files_keep(version.workspace_id, [("loans/2024.csv", BytesIO(b"age,income\n20,n/a\n"))])
    new = NewVersion(digest=kept.digest, path=kept.path, manifest=kept.manifest, size_bytes=kept.size_bytes)
    read = dataset_register(actor=ann, workspace=version.workspace, name="new-applicants", new=new)
    scoring = score_or_request(
        actor=ann, version=version, dataset=read, environment="dev", asked=ScoringAsked(keep=("age",))
    )
    problem = {
        "code": "bad_input", "detail": "income: a number is expected, found 'n/a'.", "column": "income",
        "expected": "double", "found": "n/a", "row": 17, "file": "loans/2024.csv",
    }  # fmt: skip
    BatchScoring.objects.filter(pk=scoring.pk).update(problem=problem, ended_at=now())
    JobRun.objects.filter(pk=scoring.job_id).update(
        state="failed", reason=problem["detail"], finished_at=now()
    )
    return scoring


def _version(ann: Actor, credit: Workspace, number: int) -> DatasetVersion:
    rows = "".join(f"{20 + at % 50},{1500 + 37 * at % 4000}\n" for at in range(200 * number))
    files = [("loans/2024.csv", BytesIO(f"age,income\n{rows}".encode())), ("README.md", BytesIO(b"about\n"))]
    kept = files_keep(credit.pk, files)
    new = NewVersion(
        digest=kept.digest, path=kept.path, manifest=kept.manifest, size_bytes=kept.size_bytes, role="test",
        classification="confidential", licence="internal use", datasheet=DATASHEET, description="From the loan book.",
    )  # fmt: skip
    made = dataset_register(actor=ann, workspace=credit, name="applicants", new=new)
    columns = _columns(number)
    schema = [
        {"name": each["name"], "type": each["type"], "nullable": each["missing"] > 0} for each in columns
    ]
    figures = {"rows": 2000 * number, "duplicate_rows": 3, "columns_left_out": 0, "columns": columns}
    reader = Actor.system("scenery", actions={"experiments.dataset.describe"})
    with transaction.atomic():
        dataset_describe(
            actor=reader, version=made, schema=schema, row_count=2000 * number, profile=figures,
            mlflow_digest=f"a1b2c3d{number}",
        )  # fmt: skip
    return DatasetVersion.objects.select_related("asset", "workspace").get(pk=made.pk)


def _columns(number: int) -> list[dict[str, Any]]:
    def numeric(name: str, low: float, high: float, missing: int, kind: str = "float64") -> dict[str, Any]:
        counts = [round(200 * math.exp(-(((at - 7) / 5) ** 2))) for at in range(20)]
        edges = [low + (high - low) * at / 20 for at in range(21)]
        return {
            "name": name, "type": kind, "missing": missing, "unique": 1312, "min": low, "max": high,
            "mean": (low + high) / 2.4, "std": (high - low) / 5, "histogram": {"edges": edges, "counts": counts},
        }  # fmt: skip

    def words(name: str, counts: dict[str, int], others: int = 0) -> dict[str, Any]:
        top = [{"value": value, "count": count} for value, count in counts.items()]
        return {
            "name": name,
            "type": "string",
            "missing": 0,
            "unique": len(top),
            "top": top,
            "others": others,
        }

    more = [words("employer", {"state": 400, "private": 1200, "self": 60}, 340)] if number == 2 else []
    return [
        numeric("age", 18, 83, 0, "int64"), numeric("income", 900.5, 14200.25, 41), words("sex", {"f": 970, "m": 1030}),
        words("segment", {"a": 1500, "b": 500}), words("default", {"0": 1720, "1": 280}), *more,
    ]  # fmt: skip


def _results() -> list[dict[str, Any]]:
    good = {"passed": True, "failures": 0, "examples": []}
    return [
        {"column": "age", "rule": "min", "wanted": 18, **good},
        {"column": "income", "rule": "max", "wanted": 10000, "passed": False, "failures": 17,
         "examples": ["14200.25", "12001.0"]},
        {"column": "", "rule": "rows", "wanted": {"min": 100}, **good},
    ]  # fmt: skip


def _report() -> dict[str, Any]:
    metrics = {
        "example_count": 2000,
        "accuracy_score": 0.871,
        "f1_score": 0.622,
        "roc_auc": 0.912,
        "log_loss": 0.31,
    }
    group = {"accuracy_score": 0.9, "f1_score": 0.7, "roc_auc": 0.93}
    fair = {"count": 1000, "selection_rate": 0.14, "true_positive_rate": 0.71, "false_positive_rate": 0.05}
    points = [{"value": at / 40, "shap": 0.3 * math.sin(at)} for at in range(40)]
    return {
        "task": "classification", "target": "default", "rows": 2000, "problems": [], "metrics": metrics,
        "slices": [{"column": "segment", "missing": 0, "groups": [
            {"group": "a", "count": 1500, "metrics": group},
            {"group": "b", "count": 500, "metrics": {**group, "accuracy_score": 0.79}}]}],
        "fairness": [{"column": "sex", "positive": "1", "by_group": [{"group": "f", **fair}, {"group": "m", **fair}],
                      "gaps": {"demographic_parity_difference": 0.05, "equalized_odds_difference": 0.13}}],
        "thresholds": [
            {"metric": "accuracy_score", "min": 0.8, "value": 0.871, "passed": True},
            {"metric": "equalized_odds_difference", "sensitive": "sex", "max": 0.1, "value": 0.13, "passed": False}],
        "champion": {"metrics": {**metrics, "accuracy_score": 0.859},
                     "differences": {"accuracy_score": 0.012, "roc_auc": -0.004},
                     "main": "accuracy_score", "interval": [-0.002, 0.026], "agreement": 0.95},
        "explanation": {"rows": 60, "columns": [
            {"column": name, "importance": 0.31 / at, "points": points}
            for at, name in enumerate(("income", "age"), 1)]},
        "plots": {"confusion": {"labels": ["0", "1"], "counts": [[1630, 90], [168, 112]]},
                  "roc": [[at / 20, (at / 20) ** 0.3] for at in range(21)],
                  "calibration": [{"score": at / 10, "share": min(1, at / 9.2), "count": 200} for at in range(10)]},
    }  # fmt: skip
