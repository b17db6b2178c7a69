"""The home page: what waits for a person, and the newest models of their workspaces."""

from datetime import timedelta
from typing import Any

import pytest

from experiments.models import Experiment, LoggedModel, Run
from experiments.services.runs import NewRun, run_create, run_update
from portal.accounts.models import ApiToken, User, Workspace
from portal.kernel.clock import now, now_ms
from portal.web.search import found_by
from portal.web.selectors import home_overview
from tests.web import governed

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed(experiment: Experiment, ann: User, acting: Any) -> Run:
    made = run_create(
        actor=acting(ann), experiment=experiment, new=NewRun(name="broken", start_time=now_ms())
    )
    return run_update(actor=acting(ann), run=made, status="FAILED", end_time=now_ms())


def waiting(actor: Any) -> list[str]:
    return [each.label for each in home_overview(actor).waiting]


def test_a_failed_run_waits_for_who_made_it(
    failed: Run, ann: User, bob: User, cleo: User, acting: Any
) -> None:
    assert waiting(acting(ann)) == ["broken"]
    assert waiting(acting(bob)) == waiting(acting(cleo)) == []


def test_a_token_waits_before_it_expires(ann: User, bob: User, token_for: Any, acting: Any) -> None:
    token_for(ann)
    assert waiting(acting(ann)) == []
    ApiToken.objects.update(expires_at=now() + timedelta(days=3))
    assert waiting(acting(ann)) == ["test"]
    assert waiting(acting(bob)) == []


def test_models_are_shown_to_who_sees_their_workspace(
    experiment: Experiment, bob: User, cleo: User, acting: Any
) -> None:
    LoggedModel.objects.create(
        id="m-" + "0" * 32, workspace=experiment.workspace, experiment=experiment, name="scorer",
        artifact_location="mlflow-artifacts:/1", status="LOGGED_MODEL_READY", creation_timestamp=1,
        last_updated_timestamp=1,
    )  # fmt: skip
    assert [model.name for model in home_overview(acting(bob)).models] == ["scorer"]
    assert home_overview(acting(cleo)).models == []


def test_the_newest_versions_are_shown_to_who_sees_their_workspace(
    workspace: Workspace, bob: User, cleo: User, acting: Any
) -> None:
    governed.version_row(governed.model_row(workspace))
    governed.version_row(governed.model_row(workspace, "greeting", is_prompt=True))
    assert [str(each) for each in home_overview(acting(bob)).versions] == ["scorer v1"]
    assert home_overview(acting(cleo)).versions == []


def test_the_search_finds_models_versions_and_requests(
    workspace: Workspace, bob: User, cora: User, cleo: User, acting: Any
) -> None:
    version = governed.version_row(governed.model_row(workspace))
    asked = governed.request_row(version, cora)
    urls = {each.url for each in found_by(acting(bob), "Scorer", [])}
    assert {"/models/credit/scorer", f"/approvals/{asked.pk}"} <= urls
    assert found_by(acting(bob), "scorer v1", [])[0].url == "/models/credit/scorer/versions/1"
    for text in ("scorer", "scorer v1"):
        assert found_by(acting(cleo), text, []) == []
