"""Rules for data: which are taken, who may ask, and what becomes of the result."""

import pytest
from django.db import transaction

from compliance.models import Evidence
from experiments.models import Dataset, RunInput
from jobs.models import JobRun
from jobs.registry import kind_get
from portal.kernel.errors import Conflict, InvalidInput
from tests.api.conftest import api
from tests.registry.versions import version_make
from training.data.rules import rules_normal
from training.models import DataCheck
from training.services.data_checks import CHECK_JOB, data_check_record

__all__ = ["api"]
pytestmark = pytest.mark.django_db
CHECKS = "datasets/credit/applicants/versions/1/checks"
RULES = {"columns": {"age": {"type": "int", "min": 18, "nullable": False}}, "rows": {"min": 1}}


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"columns": {"age": {"min": "18"}}},
        {"columns": {"age": {"type": "date"}}},
        {"columns": {"age": {"more": 1}}},
        {"rows": {"min": -1}},
        {"unknown": 1},
        {"drift": {"columns": ["age"]}},
        {"drift": {"columns": ["age"], "max_psi": 0}},
    ],
)
def test_rules_that_are_none(bad):
    with pytest.raises(InvalidInput) as refused:
        rules_normal(bad, has_reference=False)
    assert refused.value.code == "invalid_rules"


def test_a_check_is_asked_for_and_its_result_is_evidence_about_models_made_from_the_data(
    dataset, api, cora, bob, cleo, experiment, new_run
):
    data = dataset()
    run = new_run()
    logged = Dataset.objects.create(
        workspace=experiment.workspace, experiment=experiment, name="applicants", digest=data.logged_digest,
        source_type="http", source="{}",
    )  # fmt: skip
    RunInput.objects.create(run=run, dataset=logged, context="training")
    made_from, other = (version_make(experiment, {"a": b"1"}, number=number) for number in (1, 2))
    type(made_from).objects.filter(pk=made_from.pk).update(run=run)
    assert api(bob).post(CHECKS, {"rules": RULES}).status_code == 403
    assert api(cleo).post(CHECKS, {"rules": RULES}).status_code == 404
    assert api(cora).post(CHECKS, {"rules": {"rows": 3}}).json()["code"] == "invalid_rules"
    made = api(cora).post(CHECKS, {"rules": RULES})
    assert (made.status_code, made.json()["state"], made.json()["outcome"]) == (201, "queued", "")
    check = DataCheck.objects.get()
    assert JobRun.objects.get(kind=CHECK_JOB).pk == check.job_id
    result = {
        "column": "age",
        "rule": "min",
        "wanted": 18,
        "passed": False,
        "failures": 1,
        "examples": ["17"],
    }
    actor = kind_get(CHECK_JOB).actor("test")
    with transaction.atomic():
        data_check_record(actor=actor, check=check, outcome="fail", results=[result], problem="", rows=3)
    evidence = Evidence.objects.get(kind="data_check")
    assert (evidence.subject_id, evidence.outcome) == (made_from.pk.hex, "fail")
    assert evidence.body["dataset"]["version"] == 1
    assert other.pk.hex != evidence.subject_id
    found = api(bob).get(f"data-checks/{check.pk}").json()
    assert (found["outcome"], found["summary"]) == ("fail", "1 of 1 rules do not hold: age min.")
    with pytest.raises(Conflict), transaction.atomic():
        data_check_record(actor=actor, check=check, outcome="pass", results=[], problem="", rows=3)
    assert [each["outcome"] for each in api(bob).get(CHECKS).json()["items"]] == ["fail"]
