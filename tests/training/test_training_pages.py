"""One training as a page, and running it again from there."""

import pytest
from django.test import Client
from django.urls import reverse

from experiments.services.runs import NewRun, run_create
from portal.accounts.actor import Actor
from training.models import TrainingJob
from training.services.jobs import training_submit

SPEC = {
    "experiment": "trainings",
    "command": "python train.py",
    "code": {"bundled": "iris"},
    "name": "page",
    "outputs": {"model": {}},
}


@pytest.fixture
def training(workspace, cora) -> TrainingJob:
    return training_submit(actor=Actor.of_user(cora), workspace=workspace, spec=SPEC)


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_page_shows_how_it_stands_to_those_inside_only(training, bob, cleo):
    training.seen = {
        "exit": {"code": 3, "cause": "exited", "signal": None, "seconds": 1.5, "peak_memory_bytes": 4096},
        "outputs": {"model": {"files": 2, "digest": "a" * 64, "size_bytes": 9}},
    }  # fmt: skip
    training.save()
    address = reverse("training", args=[training.pk])
    page = client_of(bob).get(address).content.decode()
    assert all(text in page for text in ("page", "not fetched yet", "code 3", "Output model", "train.py"))
    assert "Run the same again" not in page
    assert "Cancel training" not in page
    assert client_of(cleo).get(address).status_code == 404


def test_its_run_leads_back_to_it(training, cora):
    new = NewRun(name="page", user_name="cora", start_time=1, tags=[])
    training.run = run_create(actor=Actor.of_user(cora), experiment=training.experiment, new=new)
    training.save()
    page = client_of(cora).get(reverse("run", args=[training.run.pk.hex])).content.decode()
    assert reverse("training", args=[training.pk]) in page


def test_a_contributor_runs_the_same_again(training, cora, bob):
    address = reverse("training-again", args=[training.pk])
    client_of(bob).post(address)
    assert TrainingJob.objects.count() == 1
    assert client_of(cora).post(address).status_code == 302
    made = TrainingJob.objects.exclude(pk=training.pk).get()
    assert (made.cloned_from, made.requested_by) == (training, cora)
    assert reverse("training", args=[made.pk]) in client_of(cora).get(reverse("trainings")).content.decode()


def test_whoever_asked_cancels_it_from_its_page(training, cora, bob):
    address = reverse("training-cancel", args=[training.pk])
    client_of(bob).post(address)
    training.job.refresh_from_db()
    assert training.job.state == "queued"
    client_of(cora).post(address, {"reason": "not needed"})
    training.job.refresh_from_db()
    assert training.job.state == "cancelled"
    assert "not needed" in client_of(bob).get(reverse("training", args=[training.pk])).content.decode()
