"""The pages of sweeps: list, form, plots, stop, registration."""

import json

import pytest
from django.test import Client

from registry.models import ModelVersion
from tests.training.sweeps.play import begin, complete, end, log, model_of, settle, sweep_spec, waiting
from training.models import Sweep

FORM = {
    "workspace": "credit", "name": "by hand", "training": json.dumps(sweep_spec()["training"]),
    "space": "x float -2..2\nrate float 1e-5..0.1 log\nn int 1..8 step 2\nkind choice a, true, 3",
    "objectives": "minimize loss", "sampler": "random", "pruner": "median", "parallel": "2", "trials": "7",
    "time": "2h", "patience": "3",
}  # fmt: skip


@pytest.fixture
def browse():
    def client(user):
        made = Client()
        made.force_login(user)
        return made

    return client


@pytest.fixture
def ended(started):
    """A sweep of five trials, the third being the best and the one that logged a model."""
    sweep = started(parallel=1, budget={"trials": 5})
    for loss in (4.0, 3.0, 1.0, 2.0, 5.0):
        training = begin(waiting(sweep)[0])
        log(training, "loss", (1, loss))
        if loss == 1.0:
            model_of(training)
        end(training)
        settle()
    return Sweep.objects.get(pk=sweep.pk)


def test_a_sweep_is_begun_by_hand(browse, cora, workspace):
    client = browse(cora)
    assert b"parabola" in client.get("/training/sweeps/new").content
    answer = client.post("/training/sweeps/new", FORM)
    sweep = Sweep.objects.get()
    assert answer.url == f"/training/sweeps/{sweep.pk}"
    spec = sweep.spec
    assert spec["space"] == {
        "x": {"type": "float", "low": -2.0, "high": 2.0},
        "rate": {"type": "float", "low": 1e-5, "high": 0.1, "log": True},
        "n": {"type": "int", "low": 1, "high": 8, "step": 2},
        "kind": {"type": "categorical", "choices": ["a", True, 3]},
    }  # fmt: skip
    assert (spec["budget"], spec["stop"]["patience"]) == ({"trials": 7, "time": "2h"}, 3)
    assert spec["pruner"]["type"] == "median"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"space": "x real 1..2"}, "is not understood"),
        ({"space": "x int 1..two"}, "a number that is none"),
        ({"training": "{"}, "This is no JSON"),
        ({"sampler": "grid"}, "a grid needs a step"),
        ({"pruner": "hyperband"}, "needs max_steps"),
        ({"training": "{}"}, "required"),
        ({"objectives": "small loss"}, "minimize loss"),
        ({"objectives": "minimize loss\nmaximize speed"}, "trials with several objectives cannot be pruned"),
        ({"space": "x int 1..2\nx int 1..3"}, "has two lines"),
        ({"time": "soon"}, "budget/time"),
        ({"trials": "0"}, "greater than or equal to 1"),
        ({"workspace": "elsewhere"}, "not one of the available choices"),
    ],
)
def test_what_is_wrong_is_said_on_the_form(browse, cora, workspace, given, said):
    answer = browse(cora).post("/training/sweeps/new", {**FORM, **given})
    assert said in answer.content.decode()
    assert not Sweep.objects.exists()


def test_the_page_shows_budget_best_plots_and_trials(browse, bob, cleo, ended):
    page = browse(bob).get(f"/training/sweeps/{ended.pk}").content.decode()
    for said in (
        "All 5 trials have been begun.",
        "5 complete",
        "Parallel coordinates",
        "Importance",
        "fANOVA, after 5",
    ):
        assert said in page
    assert page.count("<circle") == 5
    assert page.count('<circle class="best"') == 1
    assert page.count("<polyline") == 6
    assert "best is 1. The table of trials has every value." in page
    assert "Register the best trial" not in page
    assert "<live-region" not in page
    rows = page[page.index('region" aria-label="Trials"') :]
    assert rows.index(">2</a></th>") < rows.index(">3</a></th>") < rows.index(">1</a></th>")
    assert browse(cleo).get(f"/training/sweeps/{ended.pk}").status_code == 404
    listed = browse(bob).get("/training/sweeps?state=done&text=tun").content.decode()
    assert "5 of 5" in listed
    assert "tuning" not in browse(cleo).get("/training/sweeps").content.decode()


def test_a_sweep_that_has_just_begun_has_a_page_and_is_stopped_on_it(browse, started, cora, bob):
    sweep = started(parallel=2)
    client = browse(cora)
    page = client.get(f"/training/sweeps/{sweep.pk}").content.decode()
    assert "No trial is complete yet" in page
    assert "<live-region" in page
    complete(waiting(sweep)[0], 1.0)
    settle()
    assert (
        "<circle"
        in client.get(f"/training/sweeps/{sweep.pk}", headers={"HX-Request": "true"}).content.decode()
    )
    assert browse(bob).post(f"/training/sweeps/{sweep.pk}/stop").status_code in (302, 403)
    assert Sweep.objects.get().state == "running"
    client.post(f"/training/sweeps/{sweep.pk}/stop")
    assert Sweep.objects.get().ended_by == "stopped"


def test_the_best_trial_is_registered_with_one_click(browse, ended, cora):
    answer = browse(cora).post(f"/training/sweeps/{ended.pk}/register", {"model": "tuning"})
    version = ModelVersion.objects.get()
    assert answer.url == "/models/credit/tuning/versions/1"
    assert version.description == "Trial 2 of the sweep tuning."


def test_several_objectives_make_a_list_of_trials_that_none_beats(browse, started, cora):
    both = [
        {"metric": "loss", "direction": "minimize"},
        {"metric": "speed", "direction": "maximize"},
    ]
    sweep = started(parallel=1, objectives=both, budget={"trials": 3})
    for loss, speed in ((1.0, 2.0), (2.0, 1.0), (3.0, 5.0)):
        training = begin(waiting(sweep)[0])
        log(training, "loss", (1, loss))
        log(training, "speed", (1, speed))
        if speed == 5.0:
            model_of(training)
        end(training)
        settle()
    client = browse(cora)
    page = client.get(f"/training/sweeps/{sweep.pk}").content.decode()
    front = page[page.index('aria-label="Pareto front"') : page.index('region" aria-label="Trials"')]
    assert [f'aria-label="Register trial {number}"' in front for number in range(3)] == [True, False, True]
    client.post(f"/training/sweeps/{sweep.pk}/register", {"trial": "2"})
    assert ModelVersion.objects.get().description == "Trial 2 of the sweep tuning."


def test_the_form_begins_with_a_training_that_is_named(browse, started, cora, cleo):
    trial = waiting(started())[0]
    page = browse(cora).get(f"/training/sweeps/new?training={trial.training_id}").content.decode()
    assert "tuning 0" in page
    assert browse(cleo).get(f"/training/sweeps/new?training={trial.training_id}").status_code == 404
    assert browse(cora).get("/training/sweeps/new?training=nonsense").status_code == 404
