"""Reproductions in the browser's pages, and who may ask for one."""

import pytest
from django.test import Client
from django.urls import reverse

from portal.kernel.clock import now
from registry.models import ModelVersion
from tests.registry.versions import version_make
from training.models import Reproduction


@pytest.fixture
def version(experiment, tmp_path, settings) -> ModelVersion:
    settings.ARTIFACT_ROOT = str(tmp_path)
    return version_make(experiment, {"MLmodel": b"flavors: {}"})


@pytest.fixture
def address(version: ModelVersion) -> list:
    return [version.workspace.name, version.model.name, version.version]


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_page_says_what_is_missing_and_a_contributor_may_ask(address, cora, bob):
    page = client_of(bob).get(reverse("version-reproductions", args=address)).content.decode()
    assert "It cannot be trained again" in page
    assert "Certify that it cannot be done" not in page
    client = client_of(cora)
    assert (
        "Certify that it cannot be done"
        in client.get(reverse("version-reproductions", args=address)).content.decode()
    )
    asked = client.post(reverse("version-reproduce", args=address))
    assert asked.status_code == 302
    found = Reproduction.objects.get()
    assert (found.requested_by, found.training, found.verdict) == (cora, None, "")
    client.post(reverse("version-reproduce", args=address))
    assert Reproduction.objects.count() == 1


def test_viewers_and_outsiders_cannot_ask(address, bob, cleo):
    denied = client_of(bob).post(reverse("version-reproduce", args=address), follow=True)
    assert "bob" in denied.content.decode()
    assert client_of(cleo).post(reverse("version-reproduce", args=address)).status_code == 404
    assert not Reproduction.objects.exists()


def test_the_page_of_one_shows_what_was_measured(version, workspace, cora, bob, cleo):
    found = Reproduction.objects.create(
        workspace=workspace, version=version, tolerance={"relative": 1e-6, "margin_deviations": 0.05}, verdict="failed",
        why="1 of 2 files differ.", requested_by=cora, created_at=now(), ended_at=now(),
        comparison={
            "files": [{"path": "model.pkl", "original": "a" * 64, "reproduced": None, "is_equal": False}],
            "metrics": {"auc": {"original": 0.9, "reproduced": 0.8, "relative": 0.11}},
            "predictions": {"problem": "no rows"},
        },
        certificate={"payloadType": "x", "payload": "", "signatures": [{"keyid": "here+0+AA", "sig": ""}]},
    )  # fmt: skip
    page = client_of(bob).get(reverse("reproduction", args=[found.pk])).content.decode()
    assert all(
        text in page for text in ("1 of 2 files differ.", "model.pkl", "not there", "no rows", "here+0+AA")
    )
    assert client_of(cleo).get(reverse("reproduction", args=[found.pk])).status_code == 404
