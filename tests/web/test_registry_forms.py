"""Registering from a run and editing models and versions in the browser: who may, and what is refused."""

from typing import Any

import pytest
from django.test import Client

from experiments.artifacts.locations import store_path
from experiments.artifacts.store import artifact_store
from experiments.models import Experiment, Run
from experiments.services.runs import NewRun, run_create
from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.kernel.versions import version_of
from registry.models import ModelVersion, RegisteredModel
from tests.web import governed

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def run(experiment: Experiment, cora: User, acting: Any) -> Run:
    made = run_create(actor=acting(cora), experiment=experiment, new=NewRun(name="fit"))
    root = store_path(made.artifact_uri)
    artifact_store().put(f"{root}/model/MLmodel", [b"flavors: {}\n"])
    return made


@pytest.fixture
def model(experiment: Experiment, cora: User) -> RegisteredModel:
    return governed.model_row(experiment.workspace, owner=cora)


@pytest.fixture
def post(client: Client) -> Any:
    def send(user: User, path: str, **data: str) -> Any:
        client.force_login(user, backend=BACKEND)
        return client.post(path, data, follow=True)

    return send


def test_a_run_is_registered_under_a_new_and_then_the_same_name(run: Run, cora: User, post: Any) -> None:
    said = {"name": "scorer", "source": f"runs:/{run.pk.hex}/model", "description": "First."}
    for number in (1, 2):
        answer = post(cora, f"/runs/{run.pk.hex}/register", **said)
        assert answer.redirect_chain[-1][0] == f"/models/credit/scorer/versions/{number}"
    made = ModelVersion.objects.get(version=1)
    assert (made.run_id, made.status, made.created_by, made.description) == (
        run.pk,
        "PENDING_REGISTRATION",
        cora,
        "First.",
    )


def test_who_only_views_registers_nothing(run: Run, bob: User, cleo: User, post: Any) -> None:
    said = {"name": "scorer", "source": f"runs:/{run.pk.hex}/model"}
    assert "needs the role" in post(bob, f"/runs/{run.pk.hex}/register", **said).text
    assert post(cleo, f"/runs/{run.pk.hex}/register", **said).status_code == 404
    assert not RegisteredModel.objects.exists()
    assert AuditEvent.objects.filter(action="registry.model.create", outcome="denied").count() == 1


def test_another_source_than_those_offered_is_refused(run: Run, cora: User, post: Any) -> None:
    answer = post(cora, f"/runs/{run.pk.hex}/register", name="scorer", source="file:///etc/passwd")
    assert "Select a valid choice" in answer.text
    assert not RegisteredModel.objects.exists()


def test_a_description_that_was_seen_is_replaced_and_another_is_kept(
    model: RegisteredModel, cora: User, post: Any
) -> None:
    seen = version_of(RegisteredModel.objects.get(pk=model.pk))
    path = "/models/credit/scorer/description"
    post(cora, path, description="Scores loans.", row_version=seen)
    answer = post(cora, path, description="Something else", row_version=seen)
    assert "changed by somebody else" in answer.text
    model.refresh_from_db()
    assert model.description == "Scores loans."


def test_tags_come_and_go(model: RegisteredModel, cora: User, bob: User, post: Any) -> None:
    path = "/models/credit/scorer/tags"
    post(cora, path, key="team", value="risk")
    post(bob, path, key="team", value="fraud")
    assert dict(model.tags.values_list("key", "value")) == {"team": "risk"}
    post(cora, path, key="team", remove="1")
    assert not model.tags.exists()


def test_a_version_is_described_tagged_and_deleted(
    model: RegisteredModel, ann: User, cora: User, post: Any
) -> None:
    version = governed.version_row(model)
    path = "/models/credit/scorer/versions/1"
    post(cora, f"{path}/tags", key="approved", value="no")
    seen = version_of(ModelVersion.objects.get(pk=version.pk))
    post(cora, f"{path}/description", description="Better.", row_version=seen)
    version.refresh_from_db()
    assert version.description == "Better."
    assert "needs the role" in post(cora, f"{path}/delete").text
    assert post(ann, f"{path}/delete").redirect_chain[-1][0] == "/models/credit/scorer"
    version.refresh_from_db()
    assert version.deleted_at is not None


def test_a_model_is_renamed_and_deleted_by_maintainers(
    model: RegisteredModel, ann: User, cora: User, post: Any
) -> None:
    assert "needs the role" in post(cora, "/models/credit/scorer/rename", name="other").text
    assert (
        post(ann, "/models/credit/scorer/rename", name="other").redirect_chain[-1][0]
        == "/models/credit/other"
    )
    assert "already exists" not in post(ann, "/models/credit/other/delete").text
    model.refresh_from_db()
    assert model.deleted_at is not None
