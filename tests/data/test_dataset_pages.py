"""Pages of datasets and evaluations: lists, uploads, a version with its plots, checks, reports."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from experiments.models import Dataset, DatasetVersion, RunInput
from experiments.services.dataset_versions import dataset_describe
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.web.objects import page_address
from registry.models import ModelVersion
from tests.api.conftest import api
from tests.data.conftest import CSV
from tests.data.test_evaluations import REPORT, ask, evaluation, version
from training.models import DataCheck, Evaluation

__all__ = ["api", "ask", "evaluation", "version"]
pytestmark = pytest.mark.django_db
PROFILE: dict[str, Any] = {
    "rows": 3, "duplicate_rows": 0, "columns_left_out": 0,
    "columns": [
        {"name": "age", "type": "int64", "missing": 0, "unique": 3, "min": 31.0, "max": 52.0, "mean": 42.3,
         "histogram": {"edges": [31.0, 41.5, 52.0], "counts": [1, 2]}},
        {"name": "segment", "type": "string", "missing": 1, "unique": 2, "others": 1,
         "top": [{"value": "<b>", "count": 2}]},
    ],
}  # fmt: skip


@pytest.fixture
def browse() -> Callable[..., Client]:
    def client_of(person: Any, **more: Any) -> Client:
        client = Client(**more)
        client.force_login(person)
        return client

    return client_of


@pytest.fixture
def described(dataset: Any) -> DatasetVersion:
    made = dataset(datasheet="# Whom\nAbout *applicants*", role="train", classification="restricted")
    columns = [{"name": each["name"], "type": each["type"], "nullable": False} for each in PROFILE["columns"]]
    with transaction.atomic():
        dataset_describe(
            actor=Actor.system("test", actions={"experiments.dataset.describe"}), version=made, schema=columns,
            row_count=3, profile=PROFILE,
        )  # fmt: skip
    return DatasetVersion.objects.get(pk=made.pk)


def test_a_version_shows_its_columns_as_plots_and_nothing_of_it_is_markup(described, browse, bob, cleo, cora):
    page = browse(bob).get("/datasets/credit/applicants").content.decode()
    assert page.count("<rect") == 4
    assert "histogram from 31" in page
    assert "&lt;b&gt;: 2" in page
    assert "<em>applicants</em>" in page
    assert described.digest in page
    assert "style=" not in page
    assert "Check the data" not in page
    assert "Check the data" in browse(cora).get("/datasets/credit/applicants/versions/1").content.decode()
    assert browse(cleo).get("/datasets/credit/applicants").status_code == 404
    by_id = page_address("dataset_version", described.pk.hex)
    assert by_id
    assert browse(bob).get(by_id)["Location"] == "/datasets/credit/applicants/versions/1"
    assert browse(cleo).get(by_id).status_code == 404
    assert b"dataset \xc2\xb7 credit" in browse(bob).get("/search?q=applic").content
    assert b"dataset \xc2\xb7 credit" not in browse(cleo).get("/search?q=applic").content
    assert b"applicants" in browse(bob).get("/datasets").content
    assert b"applicants" not in browse(cleo).get("/datasets").content
    assert b"No dataset matches" in browse(bob).get("/datasets?text=zzz").content
    sent = browse(bob).get("/datasets/credit/applicants/versions/1/files/a.csv")
    assert b"".join(sent.streaming_content) == CSV


def test_a_version_and_the_runs_and_models_that_used_it_name_each_other(
    described, version, new_run, browse, bob
):
    run = new_run()
    for digest in (described.logged_digest, "other"):
        row = Dataset.objects.create(
            workspace=described.workspace, experiment=run.experiment, name="applicants", digest=digest,
            source_type="portal", source="{}",
        )  # fmt: skip
        RunInput.objects.create(run=run, dataset=row, context="training")
    ModelVersion.objects.filter(pk=version.pk).update(run=run)
    here = "/datasets/credit/applicants/versions/1"
    page = browse(bob).get(here).content.decode()
    assert f'href="/runs/{run.pk.hex}"' in page
    model = f"/models/credit/{version.model.name}/versions/1"
    assert f'href="{model}"' in page
    for address in (f"/runs/{run.pk.hex}/datasets", model):
        back = browse(bob).get(address).content.decode()
        assert back.count(f'href="{here}"') == 1, address
        assert "not registered" in back


def test_without_datasets_the_page_says_how_to_make_one(browse, cora, bob, workspace):
    page = browse(cora).get("/datasets").content.decode()
    assert "/api/v1/datasets/credit/my-data/versions" in page
    assert "Upload a version" in page
    assert "Upload a version" not in browse(bob).get("/datasets").content.decode()


def test_columns_of_two_versions_are_compared_on_the_page(dataset, browse, bob):
    dataset(schema=[{"name": "age", "type": "int64"}])
    dataset(
        files={"b.csv": CSV}, schema=[{"name": "age", "type": "float64"}, {"name": "zip", "type": "string"}]
    )
    page = browse(bob).get("/datasets/credit/applicants/versions/2?with=1").content.decode()
    assert "From v1 to v2" in page
    assert "zip string" in page
    assert browse(bob).get("/datasets/credit/applicants/versions/2?with=9").status_code == 404


def test_a_form_with_files_makes_a_version_and_needs_its_token(browse, cora, bob, workspace):
    def wish(*names):
        files = [SimpleUploadedFile(name, CSV) for name in names]
        return {"workspace": "credit", "name": "applicants", "files": files, "role": "test", "licence": "CC0"}

    made = browse(cora).post("/datasets/new", wish("a.csv", "b.csv"))
    assert made.status_code == 302, made.context["form"].errors
    found = DatasetVersion.objects.get()
    assert made.url == "/datasets/credit/applicants/versions/1"
    assert ([each["path"] for each in found.manifest], found.role) == (["a.csv", "b.csv"], "test")
    forged = browse(cora, enforce_csrf_checks=True).post("/datasets/new", wish("c.csv"))
    assert forged.status_code == 403
    assert "bob needs the role" in browse(bob).post("/datasets/new", wish("c.csv")).content.decode()
    none = browse(cora).post("/datasets/new", {"workspace": "credit", "name": "applicants"}).content.decode()
    assert "at least one file" in none
    assert DatasetVersion.objects.count() == 1


def test_rules_are_asked_for_and_shown_one_by_one(described, browse, cora, bob):
    here = "/datasets/credit/applicants/versions/1/checks"
    browse(cora).post(here, {"rules": "{"})
    assert not DataCheck.objects.exists()
    made = browse(cora).post(here, {"rules": '{"rows": {"min": 5}}'})
    check = DataCheck.objects.get()
    assert made.url == reverse("data-check", args=[check.pk])
    assert b"has not looked yet" in browse(bob).get(made.url).content
    result = {
        "column": "",
        "rule": "rows",
        "wanted": {"min": 5},
        "passed": False,
        "failures": 1,
        "examples": ["3"],
    }
    check.outcome, check.results, check.summary, check.ended_at = "fail", [result], "1 of 1 rules", now()
    check.save()
    assert "the table" in browse(bob).get(made.url).content.decode()
    assert "1 of 1 rules" in browse(bob).get("/datasets/credit/applicants").content.decode()


def test_the_report_of_an_evaluation_is_a_page(evaluation, version, browse, bob, cleo):
    address = reverse("model-evaluation", args=[evaluation.pk])
    assert b"has not ended yet" in browse(bob).get(address).content
    points = [{"value": 0.9, "shap": -0.2}, {"value": None, "shap": None}]
    report = {
        **REPORT, "thresholds": [{"metric": "accuracy_score", "min": 0.85, "value": 0.9, "passed": True}],
        "problems": ["slices: the data has no column zip"],
        "plots": {"roc": [[0, 0], [0.2, 0.9], [1, 1]], "calibration": [{"score": 0.2, "share": 0.1, "count": 9}],
                  "confusion": {"labels": ["0", "1"], "counts": [[130, 10], [13, 47]]}},
        "champion": {**REPORT["champion"], "main": "accuracy_score", "interval": [-0.01, 0.05]},
        "explanation": {"rows": 1, "columns": [{"column": "age", "importance": 0.3, "points": points}]},
    }  # fmt: skip
    rows = Evaluation.objects.filter(pk=evaluation.pk)
    rows.update(report=report, outcome="pass", summary="accuracy_score 0.9", champion=version)
    page = browse(bob).get(address).content.decode()
    for words in ("By segment", "Fairness by sex", "equalized_odds_difference", "no column zip", "0.880000"):
        assert words in page, words
    assert 'points="0.0,220.0 44.0,22.0 220.0,0.0"' in page
    assert 'class="tone-4"' in page
    assert "style=" not in page
    assert browse(cleo).get(address).status_code == 404
    listed = reverse("model-evaluations", args=["credit", version.model.name, 1])
    assert "accuracy_score 0.9" in browse(bob).get(listed).content.decode()
    assert "accuracy_score 0.9" in browse(bob).get("/datasets/credit/applicants").content.decode()
    rows.update(report={**report, "plots": {"roc": 3, "confusion": []}})
    assert "cannot be drawn" in browse(bob).get(address).content.decode()


def test_an_evaluation_is_asked_for_by_a_form(version, dataset, browse, cora, bob):
    dataset(role="test")
    address = reverse("model-evaluation-new", args=["credit", version.model.name, 1])
    assert "applicants v1 (test)" in browse(cora).get(address).content.decode()
    wish = {"dataset": "applicants/1", "target": "default", "task": "auto", "slices": "segment, age", "sensitive": "",
            "explain": "on", "thresholds": '[{"metric": "accuracy_score", "min": 0.8}]'}  # fmt: skip
    made = browse(cora).post(address, wish)
    found = Evaluation.objects.get()
    assert made.url == reverse("model-evaluation", args=[found.pk])
    assert found.asked["slices"] == ["segment", "age"]
    assert "This is no JSON" in browse(cora).post(address, {**wish, "thresholds": "{"}).content.decode()
    browse(bob).post(address, wish)
    assert Evaluation.objects.count() == 1
