"""What a comparison says of packages, data, files and a set of runs."""

import json
import math

import numpy as np
import pytest
from django.test import Client

from experiments.artifacts.locations import store_path
from experiments.artifacts.store import artifact_store
from experiments.models import Dataset, Param, RunInput, RunTag
from experiments.selectors.compared import beside
from experiments.selectors.compared_files import (
    file_differences,
    files_beside,
    text_difference,
)
from experiments.selectors.compared_sources import (
    dataset_columns,
    environments,
    packages_of,
    schema_differences,
)
from experiments.selectors.run_sets import Column, influences, rank_correlation, set_columns
from experiments.web.compared_plots import EVALUATION, plots_beside
from tests.experiments.test_compare import logged

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(acting, bob, new_run, settings, tmp_path):
    """Two runs with files, as a comparison holds them."""
    settings.ARTIFACT_ROOT = str(tmp_path / "artifacts")
    return beside(acting(bob), [new_run().pk, new_run().pk])


def put(each, name, content):
    artifact_store().put(f"{store_path(each.run.artifact_uri)}/{name}", [content])


def test_packages_are_read_by_their_normal_names():
    text = "NumPy==2.1\nscikit_learn[all] == 1.5 ; python_version > '3'\n# a comment\n-e .\npandas>=2\n"
    assert packages_of(text) == {"numpy": "2.1", "scikit-learn": "1.5", "pandas": ">= 2"}


def test_packages_of_runs(pair):
    put(pair[0], "requirements.txt", b"numpy==2.1\n")
    put(pair[0], "python_env.yaml", b"python: 3.11.2\n")
    assert environments(pair) == [{"Python": "3.11.2", "numpy": "2.1"}, {}]


def test_datasets_with_schema_rows_and_digest(pair):
    for each, columns in zip(pair, (["a", "b"], ["a", "c"]), strict=True):
        schema = {"mlflow_colspec": [{"name": name, "type": "long", "required": True} for name in columns]}
        dataset = Dataset.objects.create(
            workspace=each.run.workspace, experiment=each.run.experiment, name="loans", digest=columns[1],
            source_type="local", source="{}", schema=json.dumps(schema), profile=json.dumps({"num_rows": 9}),
        )  # fmt: skip
        RunInput.objects.create(run=each.run, dataset=dataset, context="train")
    first, second = dataset_columns(pair)
    assert (first["loans (train), digest"], second["loans (train), rows"]) == ("b", 9)
    (found,) = schema_differences(pair, pair[0])
    assert [column["name"] for column in found.difference.added] == ["c"]
    assert [column["name"] for column in found.difference.removed] == ["b"]


def test_a_schema_that_is_no_json_is_none(pair):
    dataset = Dataset.objects.create(
        workspace=pair[0].run.workspace, experiment=pair[0].run.experiment, name="odd", digest="1",
        source_type="local", source="x", schema="[[[", profile="{",
    )  # fmt: skip
    RunInput.objects.create(run=pair[0].run, dataset=dataset)
    assert dataset_columns(pair)[0] == {"odd, digest": "1", "odd, source": "local: x"}


def test_files_that_differ_come_first(pair):
    for each in pair:
        put(each, "a/same.txt", b"one")
    put(pair[0], "only.txt", b"here")
    lines = files_beside(pair)
    assert [(line.path, line.sizes) for line in lines] == [("only.txt", [4, None]), ("a/same.txt", [3, 3])]


def test_a_file_of_two_runs_as_text(pair):
    put(pair[0], "log.txt", b"one\ntwo\n")
    put(pair[1], "log.txt", b"one\n2\n")
    (found,) = file_differences(pair, pair[0], "log.txt")
    assert [(line.kind, line.text) for line in found.lines if line.kind in ("add", "remove")] == [
        ("remove", "-two"), ("add", "+2")]  # fmt: skip
    assert text_difference("a", "a") == []


def test_shares_and_correlations_find_what_moves_a_metric(acting, bob, new_run):
    runs = [new_run() for _ in range(24)]
    for number, run in enumerate(runs):
        params = {
            "lr": str(10 ** -(number % 6)),
            "kind": "ab"[number % 2],
            "same": "1",
            "noise": str(number * 7 % 5),
        }
        logged(run, params, {"auc": number % 6 + number % 5 / 100})
    columns = set_columns(beside(acting(bob), [run.pk for run in runs]))
    assert "params.same" not in columns
    found = influences([each for each in columns.values() if each.kind == "params"], columns["metrics.auc"])
    assert found[0].name == "lr"
    assert found[0].share > 0.99
    assert found[0].correlation == pytest.approx(-1, abs=0.02)
    assert next(each for each in found if each.name == "kind").correlation is None


def test_a_correlation_of_what_never_changes_is_none():
    assert rank_correlation(np.ones(4), np.arange(4.0)) is None


def test_infinite_and_missing_values_do_not_break_a_set():
    column = Column("lr", "params", [1.0, None, 3.0])
    assert influences([column], Column("auc", "metrics", [math.pi, 2.0, None])) == []


@pytest.mark.parametrize(
    "part", ["values", "charts", "set", "code", "data", "files", "files&path=log.txt", "files&path=a.png"]
)
def test_every_part_of_the_page_answers(client: Client, bob, new_run, part, settings, tmp_path):
    settings.ARTIFACT_ROOT = str(tmp_path / "artifacts")
    client.force_login(bob)
    runs = [new_run() for _ in range(3)]
    for number, run in enumerate(runs):
        logged(
            run,
            {"lr": str(number), "long": "x" * 5000},
            {"auc": float(number), "bad": math.nan},
            {"t": "<b>"},
        )
        RunTag.objects.create(
            run=run, experiment_id=run.experiment_id, key="mlflow.source.git.diff", value="+ <i>\n- b"
        )
    Param.objects.filter(run=runs[0], key="long").delete()
    answer = client.get(f"/runs/compare?{'&'.join('run=' + run.pk.hex for run in runs)}&show={part}")
    assert answer.status_code == 200
    assert b"<i>" not in answer.content


def test_a_path_out_of_the_artifacts_is_refused(client: Client, bob, run):
    client.force_login(bob)
    assert (
        client.get("/runs/compare", {"run": run.pk.hex, "show": "files", "path": "../x"}).status_code == 400
    )


def test_curves_lie_over_one_another_and_pictures_side_by_side(pair, bob, client):
    rows = "".join(f"{n / 400},{min(1, n / 200)}\n" for n in range(401))
    put(pair[0], "plots/roc.csv", f"fpr,tpr\n{rows}".encode())
    put(pair[1], "plots/roc.csv", b"fpr,tpr\n0,0\n1,1\n")
    plots = {
        "roc": [[0, 0], [0.5, 0.9], [1, 1]], "calibration": [{"score": 0.2, "share": 0.1, "count": 3}],
        "confusion": {"labels": ["no", "yes"], "counts": [[8, 2], [1, 9]]},
    }  # fmt: skip
    put(pair[0], EVALUATION, json.dumps({"plots": plots}).encode())
    for number, broken in enumerate(
        (b"[]", b'{"plots": {"roc": [1], "confusion": {"labels": 3}}}', b"\xff{")
    ):
        put(pair[1], EVALUATION if number == 1 else f"broken_curve{number}.json", broken)
    put(pair[1], "training_confusion_matrix.png", b"x")
    found = plots_beside(pair)
    drawn = {(each.title, each.path): [run.id for run, _ in each.lines] for each in found.overlays}
    assert drawn == {
        ("ROC", "plots/roc.csv"): [pair[0].id, pair[1].id],
        ("ROC", EVALUATION): [pair[0].id], ("Calibration", EVALUATION): [pair[0].id],
    }  # fmt: skip
    whole = next(each for each in found.overlays if each.path == "plots/roc.csv").lines[0][1]
    assert whole.endswith("320.000,0.000")  # the last of more rows than a page of a table has
    ((path, confusions),) = found.confusions
    assert (path, confusions[0][1].rows[0]) == (EVALUATION, ("no", [("8", 4), ("2", 1)]))
    assert [(name, [run.id for run in having]) for name, having in found.pictures] == [
        ("training_confusion_matrix.png", [pair[1].id])
    ]
    client.force_login(bob, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/runs/compare?run={pair[0].id}&run={pair[1].id}&show=plots").content.decode()
    assert page.count("<polyline") == 4
    assert "training_confusion_matrix.png" in page
