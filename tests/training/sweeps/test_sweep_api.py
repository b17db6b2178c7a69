"""Sweeps over the API: beginning, reading, stopping, and registering the best trial."""

import pytest

from registry.models import ModelVersion
from tests.api.conftest import api, own_throttle
from tests.training.sweeps.play import begin, complete, end, log, model_of, settle, sweep_spec, waiting
from training.models import Sweep

__all__ = ["api", "own_throttle"]


@pytest.fixture
def sweep(api, cora):
    made = api(cora).post("sweeps", {"workspace": "credit", "spec": sweep_spec(budget={"trials": 4})})
    assert made.status_code == 201, made.json()
    assert made.json()["trials"]["running"] == 0
    settle()
    return Sweep.objects.get(pk=made.json()["id"])


def test_a_sweep_is_begun_read_and_stopped(api, sweep, cora, bob, cleo):
    path = f"sweeps/{sweep.pk}"
    complete(waiting(sweep)[0], 2.0)
    settle()
    found = api(bob).get(path).json()
    assert (found["state"], found["best"]["values"], found["spec"]["seed"]) == ("running", [2.0], 7)
    assert found["trials"] == {"running": 2, "complete": 1, "pruned": 0, "failed": 0, "cancelled": 0}
    assert found["cost"] >= 0
    listed = api(bob).get("sweeps?workspace=credit&state=running").json()["items"]
    assert [one["id"] for one in listed] == [str(sweep.pk)]
    trials = api(bob).get(f"{path}/trials?limit=2").json()
    assert [one["number"] for one in trials["items"]] == [2, 1]
    assert trials["next_cursor"]
    assert api(cleo).get(path).status_code == 404
    assert api(cleo).get("sweeps").json()["items"] == []
    assert api(bob).post(f"{path}/stops", {}).status_code == 403
    stopped = api(cora).post(f"{path}/stops", {"reason": "enough"})
    assert (stopped.status_code, stopped.json()["state"]) == (200, "ending")
    settle()
    again = api(cora).post(f"{path}/stops", {})
    assert (again.status_code, again.json()["code"]) == (409, "invalid_state")


def test_what_makes_no_sense_is_refused_with_its_place(api, cora, bob):
    refused = api(cora).post("sweeps", {"workspace": "credit", "spec": sweep_spec(sampler="grid")})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_sweep")
    assert "space/x" in refused.json()["detail"]
    assert api(bob).post("sweeps", {"workspace": "credit", "spec": sweep_spec()}).status_code == 403
    assert "sampler" in api(bob).get("sweep-schema").json()["properties"]


def test_the_best_trial_is_registered(api, sweep, cora, bob):
    path, asked = f"sweeps/{sweep.pk}/registrations", {"model": "tuned"}
    none_yet = api(cora).post(path, asked)
    assert (none_yet.status_code, none_yet.json()["code"]) == (409, "no_best_trial")
    complete(waiting(sweep)[0], 3.0)
    settle()
    training = begin(waiting(sweep)[0])
    log(training, "loss", (1, 1.0))
    logged = model_of(training)
    end(training)
    settle()
    assert api(bob).post(path, asked).status_code == 403
    made = api(cora).post(path, asked)
    assert made.status_code == 201, made.json()
    version = ModelVersion.objects.get(model__name="tuned")
    assert (made.json()["version"], version.logged_model_id, version.run_id) == (
        1,
        logged.pk,
        training.run_id,
    )
    assert version.description == "Trial 1 of the sweep tuning."
    assert api(cora).post(path, asked).json()["version"] == 2
    without = api(cora).post(path, {**asked, "trial": 0})
    assert (without.status_code, without.json()["code"]) == (409, "no_model")
    assert api(cora).post(path, {**asked, "trial": 9}).status_code == 404
