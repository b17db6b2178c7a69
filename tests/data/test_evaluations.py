"""Evaluations: what is asked, how a report is judged, and the evidence in the transaction that ends the job."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from compliance.models import Evidence
from experiments.models import LatestMetric
from jobs.errors import Permanent
from jobs.models import CANCELLED, DONE
from jobs.registry import kind_get
from portal.kernel.clock import now
from portal.kernel.errors import InvalidInput
from registry.models import Assignment
from tests.api.conftest import api
from tests.data.test_training_inputs import STEP
from tests.registry.versions import version_make
from training.evaluation.finishing import report_keep
from training.evaluation.planning import Asked, environment_of, thresholds_normal
from training.evaluation.reports import BadReport, judged, report_read
from training.models import Evaluation, TrainingJob
from training.services.endings import training_end
from training.services.jobs import RUN_JOB

__all__ = ["api"]
pytestmark = pytest.mark.django_db
REPORT: dict[str, Any] = {
    "task": "classification", "target": "default", "rows": 200, "problems": [],
    "metrics": {"accuracy_score": 0.9, "roc_auc": 0.8}, "plots": {"roc": [[0, 0], [1, 1]]},
    "slices": [{"column": "segment", "groups": [
        {"group": "a", "count": 150, "metrics": {"accuracy_score": 0.95}},
        {"group": "b", "count": 50, "metrics": {"accuracy_score": 0.6}}]}],
    "fairness": [{"column": "sex", "by_group": [], "gaps": {"equalized_odds_difference": 0.2}}],
    "champion": {"metrics": {"accuracy_score": 0.88}, "differences": {"accuracy_score": 0.02}},
    "explanation": {"columns": [{"column": "age", "importance": 0.3, "points": []}]},
}  # fmt: skip


@pytest.fixture
def version(experiment: Any) -> Any:
    return version_make(
        experiment, {"MLmodel": b"flavors: {}\n", "requirements.txt": b"scikit-learn\npandas\n"}
    )


@pytest.fixture
def ask(api: Any, dataset: Any, version: Any) -> Callable[..., Any]:
    dataset()
    wish = {"workspace": "credit", "model": version.model.name, "version": 1, "dataset": "applicants",
            "target": "default", "slices": ["segment"], "sensitive": ["sex"]}  # fmt: skip
    return lambda user, **more: api(user).post("model-evaluations", {**wish, **more})


@pytest.fixture
def evaluation(ask: Any, cora: Any, new_run: Any) -> Evaluation:
    made = ask(cora, thresholds=[{"metric": "accuracy_score", "min": 0.85}])
    assert made.status_code == 201, made.content
    found = Evaluation.objects.select_related("training").get(pk=made.json()["id"])
    found.training.run = new_run()
    found.training.save(update_fields=["run"])
    return found


def written(tmp_path, report) -> Any:
    (tmp_path / "report").mkdir(exist_ok=True)
    (tmp_path / "report/report.json").write_text(report if isinstance(report, str) else json.dumps(report))
    return tmp_path


def taken(evaluation, cora, acting, folder):
    step = type(STEP)(**vars(STEP), actor=kind_get(RUN_JOB).actor("test"))
    training = TrainingJob.objects.select_related("run").get(pk=evaluation.training_id)
    assert training.run is not None
    report_keep(step, training, acting(cora), training.run, folder / "report/report.json")


def ended(evaluation, state):
    training = TrainingJob.objects.select_related("run", "requested_by").get(pk=evaluation.training_id)
    with transaction.atomic():
        training_end(actor=kind_get(RUN_JOB).actor("test"), training=training, state=state)
    evaluation.refresh_from_db()


def test_an_evaluation_is_a_training_of_the_bundled_program(evaluation):
    spec = evaluation.training.spec
    assert evaluation.training.purpose == "evaluation"
    assert spec["inputs"]["data"] == {"dataset": "applicants", "version": 1, "context": "evaluation"}
    assert spec["inputs"]["model"]["version"] == 1
    assert "champion" not in spec["inputs"]
    assert json.loads(spec["environment"]["variables"]["EVALUATION"])["slices"] == ["segment"]
    assert "fairlearn==" in spec["environment"]["lock"]
    assert "http" not in spec["environment"]["lock"]


def test_the_champion_is_measured_beside_it(ask, cora, version, experiment):
    champion = version_make(experiment, {"MLmodel": b"flavors: {x: 1}\n"}, number=2)
    Assignment.objects.create(
        workspace=version.workspace, model=version.model, version=champion, kind="alias", name="champion",
        valid_from=now(), moved_by="test",
    )  # fmt: skip
    made = ask(cora).json()
    assert made["champion_version"] == 2
    spec = Evaluation.objects.get(pk=made["id"]).training.spec
    assert spec["inputs"]["champion"]["version"] == 2
    assert ask(cora, against_champion=False).json()["champion_version"] is None


def test_packages_that_the_lock_lacks_are_asked_for_with_its_own(experiment):
    fits = {"requirements.txt": b"mlflow==3.1.0\nscikit-learn>=1\n# x\n-r other.txt\n"}
    assert "lock" in environment_of(version_make(experiment, fits, number=3))
    other = version_make(experiment, {"requirements.txt": b"scikit-learn==1.0\nxgboost==2.0\n"}, number=4)
    asked = environment_of(other, None)["requirements"]
    assert {"scikit-learn==1.0", "xgboost==2.0", "mlflow-skinny==3.17.2"} <= set(asked)
    assert "fairlearn" not in asked
    assert "scikit-learn" not in asked


def test_who_may_ask_and_what_is_refused(ask, api, bob, cleo, cora):
    assert ask(bob).status_code == 403
    assert ask(cleo).status_code == 404
    assert ask(cora, dataset="nothing").status_code == 404
    assert ask(cora, thresholds=[{"metric": "x"}]).json()["code"] == "invalid_evaluation"
    assert ask(cora, target="x" * 600).status_code == 400
    assert not Evaluation.objects.exists()
    assert not TrainingJob.objects.exists()


@pytest.mark.parametrize(
    "bad",
    [
        [{"metric": "a"}],
        [{"metric": 1, "min": 0}],
        [{"metric": "a", "min": "0"}],
        [{"metric": "a", "min": True}],
        [{"metric": "a", "min": 0, "slice": "b", "sensitive": "c"}],
        [{"metric": "a", "min": 0, "more": 1}],
        "accuracy",
    ],
)
def test_thresholds_that_are_none(bad):
    with pytest.raises(InvalidInput):
        thresholds_normal(bad)
    with pytest.raises(InvalidInput):
        Asked(target="y", task="guess").facts()


@pytest.mark.parametrize(
    ("threshold", "value", "passed"),
    [
        ({"metric": "accuracy_score", "min": 0.9}, 0.9, True),
        ({"metric": "accuracy_score", "min": 0.91}, 0.9, False),
        ({"metric": "accuracy_score", "slice": "segment", "min": 0.7}, 0.6, False),
        ({"metric": "equalized_odds_difference", "sensitive": "sex", "max": 0.2}, 0.2, True),
        ({"metric": "nothing", "min": 0}, None, False),
        ({"metric": "accuracy_score", "slice": "nothing", "min": 0}, None, False),
    ],
)
def test_thresholds_hold_for_the_worst_group_and_never_for_what_is_missing(threshold, value, passed):
    outcome, results = judged(REPORT, [threshold])
    assert (results[0]["value"], results[0]["passed"], outcome) == (
        value,
        passed,
        "pass" if passed else "fail",
    )
    assert judged(REPORT, []) == ("info", [])


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "[]",
        "{}",
        json.dumps({**REPORT, "metrics": {"a": "b"}}),
        json.dumps(REPORT).replace("0.9", "NaN"),
    ],
)
def test_a_report_is_not_taken_for_granted(tmp_path, bad):
    folder = written(tmp_path, bad)
    with pytest.raises(BadReport):
        report_read(folder / "report/report.json")
    with pytest.raises(BadReport):
        report_read(folder / "nothing.json")


def test_the_report_becomes_metrics_and_evidence_when_the_job_ends(
    evaluation, version, cora, acting, tmp_path, api, bob
):
    taken(evaluation, cora, acting, written(tmp_path, REPORT))
    assert not Evidence.objects.exists()
    assert set(LatestMetric.objects.values_list("key", flat=True)) == {"accuracy_score", "roc_auc"}
    ended(evaluation, DONE)
    evidence = Evidence.objects.get(kind="evaluation")
    assert (evidence.subject_id, evidence.subject_digest) == (version.pk.hex, version.digest)
    assert (evidence.outcome, evidence.source) == ("pass", "training.evaluation")
    assert evidence.body["dataset"]["name"] == "applicants"
    assert evidence.body["slices"][0]["groups"][1]["metrics"] == {"accuracy_score": 0.6}
    assert "plots" not in evidence.body
    assert evaluation.evidence_id == evidence.pk
    found = api(bob).get(f"model-evaluations/{evaluation.pk}").json()
    assert (found["outcome"], found["report"]["plots"]["roc"]) == ("pass", [[0, 0], [1, 1]])
    assert "+0.02 against the champion" in found["summary"]


def test_an_evaluation_that_was_cancelled_or_reported_nothing_is_no_evidence(
    evaluation, cora, acting, tmp_path
):
    with pytest.raises(Permanent, match="no report"):
        taken(evaluation, cora, acting, tmp_path)
    ended(evaluation, CANCELLED)
    assert evaluation.ended_at is not None
    assert (evaluation.evidence_id, evaluation.outcome) == (None, "")
    assert not Evidence.objects.exists()


def test_a_version_that_was_deleted_meanwhile_does_not_keep_the_job_from_ending(
    evaluation, version, cora, acting, tmp_path
):
    taken(evaluation, cora, acting, written(tmp_path, REPORT))
    type(version).objects.filter(pk=version.pk).update(deleted_at=now())
    ended(evaluation, DONE)
    assert evaluation.ended_at is not None
    assert not Evidence.objects.exists()
