"""Pipelines in the browser: writing, running, watching, and what starts them."""

import pytest
from django.test import Client

from tests.training.pipelines.play import finish, row, step
from tests.training.sweeps.play import settle
from training.models import Pipeline, PipelineRun, PipelineSchedule, PipelineTrigger
from training.web.pipeline_words import EXAMPLE


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def pipeline(saved) -> Pipeline:
    steps = {
        "train": step(),
        "each": step(
            "python b.py {i}", foreach=["a", "b"], needs=["train"], job={"parameters": {"i": "${{ item }}"}}
        ),
    }
    return saved(steps, parameters={"n": 1, "rate": 0.5, "deep": False}).pipeline


def test_a_document_is_checked_drawn_and_saved(workspace, cora, bob):
    page = client_of(cora).get("/training/pipelines/new").content.decode()
    assert "facts.steps.train.values.accuracy" in page
    assert "Pipeline: 2 steps" in page
    given = {"name": "nightly", "workspace": "credit", "text": EXAMPLE}
    looked = client_of(cora).post("/training/pipelines/new", {**given, "go": "look"})
    assert looked.status_code == 200
    wrong = client_of(cora).post("/training/pipelines/new", {**given, "text": "steps: {}"})
    assert wrong.status_code == 400
    assert "cannot be taken" in wrong.content.decode()
    assert client_of(bob).post("/training/pipelines/new", given).status_code in (200, 403)
    assert not Pipeline.objects.exists()
    saved = client_of(cora).post("/training/pipelines/new", given)
    assert saved.status_code == 302
    assert Pipeline.objects.get().versions.count() == 1
    edit = f"{saved['Location']}/edit"
    assert "facts.steps.train" in client_of(cora).get(edit).content.decode()
    client_of(cora).post(edit, {"text": EXAMPLE.replace("least: 0.9", "least: 0.8")})
    assert Pipeline.objects.get().versions.count() == 2
    assert "nightly" in client_of(bob).get("/training/pipelines").content.decode()


def test_a_run_from_the_form_to_its_end(pipeline, cora, bob, cleo):
    address = f"/training/pipelines/{pipeline.pk}"
    assert "It never ran" in client_of(bob).get(address).content.decode()
    refused = client_of(cora).post(f"{address}/runs", {"parameter.n": "many"}, follow=True)
    assert "n: many is not a number." in refused.content.decode()
    begun = client_of(cora).post(
        f"{address}/runs", {"parameter.n": "3", "parameter.deep": "true", "is_cached": "on"}
    )
    settle()
    run = PipelineRun.objects.get()
    assert run.parameters == {"n": 3, "rate": 0.5, "deep": True}
    finish(run, "train")
    page = client_of(bob).get(begun["Location"]).content.decode()
    assert "each: 2 running" in page
    training = client_of(bob).get(f"/training/{row(run, 'train').training_id}").content.decode()
    assert begun["Location"] in training, "a training leads to the run that it is a step of"
    assert "Cancel the run" not in page
    finish(run, "each", 1, state="failed")
    finish(run, "each", 0)
    page = client_of(cora).get(begun["Location"]).content.decode()
    assert "Failed: each." in page
    assert client_of(bob).post(f"{begun['Location']}/resume").status_code == 302
    assert PipelineRun.objects.get().state == "failed", "who only looks resumes nothing"
    client_of(cora).post(f"{begun['Location']}/resume")
    assert PipelineRun.objects.get().state == "running"
    client_of(cora).post(f"{begun['Location']}/cancel")
    settle()
    assert PipelineRun.objects.get().state == "cancelled"
    assert {client_of(cleo).get(each).status_code for each in (address, begun["Location"])} == {404}


def test_schedules_and_triggers_from_the_page(pipeline, cora, bob):
    address = f"/training/pipelines/{pipeline.pk}"
    client_of(bob).post(f"{address}/schedules", {"cron": "0 3 * * *"})
    assert not PipelineSchedule.objects.exists()
    client_of(cora).post(
        f"{address}/schedules", {"cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin", "overlaps": "on"}
    )
    given = {"kind": "dataset", "subject": "sales", "parameter.n": "${{ event.version }}"}
    client_of(cora).post(f"{address}/triggers", given)
    page = client_of(bob).get(address).content.decode()
    assert "At 09:00 on Monday through Friday" in page
    assert "sales" in page
    assert PipelineSchedule.objects.get().overlaps
    assert PipelineTrigger.objects.get().parameters == {"n": "${{ event.version }}"}
    for model, kind in ((PipelineSchedule, "schedules"), (PipelineTrigger, "triggers")):
        change = f"/training/{kind}/{model.objects.get().pk}"
        client_of(cora).post(change, {"go": "pause"})
        assert model.objects.get().is_paused
        client_of(cora).post(change, {"go": "on"})
        assert not model.objects.get().is_paused
        client_of(cora).post(change, {"go": "delete"})
        assert not model.objects.exists()
