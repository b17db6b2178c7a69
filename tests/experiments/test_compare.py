"""Comparing runs: what differs first, best and worst by the metric's direction, and only what the reader sees."""

import csv
import io
import math
import sys

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from experiments.models import LatestMetric, Param, RunTag
from experiments.selectors.compared import beside, less_is_better, metric_group, text_group

pytestmark = pytest.mark.django_db


def logged(run, params=(), metrics=(), tags=()):
    for key, value in dict(params).items():
        Param.objects.create(run=run, experiment_id=run.experiment_id, key=key, value=value)
    for key, value in dict(tags).items():
        RunTag.objects.create(run=run, experiment_id=run.experiment_id, key=key, value=value)
    for key, value in dict(metrics).items():
        LatestMetric.objects.create(
            run=run, experiment_id=run.experiment_id, key=key, value=0 if math.isnan(value) else value,
            is_nan=math.isnan(value), step=0, timestamp=0,
        )  # fmt: skip


def test_best_and_worst_follow_the_direction():
    group = metric_group(
        [{"val/loss": 0.5, "auc": 0.9}, {"val/loss": 0.2, "auc": 0.9}, {"val/loss": math.nan}], 0
    )
    (line, *_) = (each for each in group.different if each.name == "val/loss")
    assert [cell.mark for cell in line.cells] == ["worst", "best", ""]
    assert [cell.delta for cell in line.cells] == [None, pytest.approx(-0.3), None]
    assert {line.name for line in group.different} == {"val/loss", "auc"}


def test_infinity_is_neither_best_nor_a_difference():
    group = metric_group([{"acc": 0.5}, {"acc": sys.float_info.max}, {"acc": 0.6}], 0)
    assert [(cell.mark, cell.delta) for cell in group.different[0].cells][1] == ("", None)


@pytest.mark.parametrize(
    ("key", "is_less"),
    [
        ("train_loss", True),
        ("val/RMSE", True),
        ("latency_ms", True),
        ("accuracy", False),
        ("glossary_score", False),
    ],
)
def test_directions(key, is_less):
    assert less_is_better(key) is is_less


def test_what_differs_comes_first():
    group = text_group("Params", [{"lr": "1", "depth": "3"}, {"lr": "2", "depth": "3"}, {"lr": "1"}], 0)
    assert [line.name for line in group.different] == ["depth", "lr"]
    assert [cell.is_changed for cell in group.different[1].cells] == [False, True, False]
    assert text_group("Params", [{"a": "1"}, {"a": "1"}], 1).same[0].values == ["1", "1"]


def test_a_comparison_costs_as_many_statements_for_two_runs_as_for_twenty(acting, bob, new_run):
    runs = [new_run() for _ in range(20)]
    for number, run in enumerate(runs):
        logged(run, {"lr": str(number)}, {"auc": number / 20}, {"team": "risk"})
    counts = []
    for some in (runs[:2], runs):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert len(beside(acting(bob), [run.pk for run in some])) == len(some)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 6


def test_as_csv_without_formulas(client: Client, bob, run, new_run):
    client.force_login(bob)
    other = new_run()
    logged(run, {"lr": "=1+1"}, {"auc": 0.9})
    logged(other, {"lr": "2"}, {"auc": 0.8})
    answer = client.get("/runs/compare.csv", {"run": [run.pk.hex, other.pk.hex]})
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[0] == ["", "run", run.pk.hex, other.pk.hex]
    assert ["param", "lr", "'=1+1", "2"] in rows
    assert ["metric", "auc", "0.9", "0.8"] in rows


def test_runs_of_others_are_as_if_they_were_not(client: Client, cleo, run):
    client.force_login(cleo)
    logged(run, {"lr": "secret-rate"})
    assert b"secret-rate" not in client.get("/runs/compare", {"run": run.pk.hex}).content
    assert client.get("/runs/compare.csv", {"run": run.pk.hex}).status_code == 400


def test_a_part_that_is_none_is_refused(client: Client, bob, run):
    client.force_login(bob)
    assert client.get("/runs/compare", {"run": run.pk.hex, "show": "moods"}).status_code == 400
