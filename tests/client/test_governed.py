"""No client, however it comes in, gets round the gate: the real client, raw calls, three people, one version."""

import re
import time
from collections.abc import Callable, Iterator
from uuid import UUID

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from tests.client.governed import APPROVER, OPERATOR, PASSWORD, Governed, governed
from tests.live.portal import Portal

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]
ALIAS, MODEL = "governed-champion", "fraud-governed"
NEEDS = ["scikit-learn"]
ALIASES, STAGES = "2.0/mlflow/registered-models/alias", "2.0/mlflow/model-versions/transition-stage"
SCAN_SECONDS = 120


@pytest.fixture(scope="module")
def place(portal_server: Portal) -> Iterator[Governed]:
    with governed(portal_server, ALIAS) as made:
        yield made


@pytest.fixture
def version(place: Governed, login: Callable[..., None]) -> ModelVersion:
    """A READY version that Eve trained and registered with the client; its scan is in."""
    login("eve")
    mlflow.set_experiment("client/governed")
    features, labels = load_iris(return_X_y=True)
    with mlflow.start_run():
        mlflow.log_metric("auc", 0.91)
        model = LogisticRegression(max_iter=200).fit(features, labels)
        mlflow.sklearn.log_model(
            model,
            name="model",
            registered_model_name=MODEL,
            input_example=features[:2],
            pip_requirements=NEEDS,
        )
    client = MlflowClient()
    newest = max(client.search_model_versions(f"name = '{MODEL}'"), key=lambda found: int(found.version))
    assert newest.status == "READY"
    return newest


def meaning() -> str | None:
    """What the protected alias means now, by the client."""
    try:
        return str(MlflowClient().get_model_version_by_alias(MODEL, ALIAS).version)
    except MlflowException:
        return None


def request_of(refusal: MlflowException) -> str:
    """The id of the request that a refusal names."""
    found = re.search(r"/approvals/([0-9a-f-]{32,36})", str(refusal.message))
    assert found, refusal.message
    return str(UUID(found[1]))


def opened(place: Governed, version: ModelVersion) -> str:
    """Ask until the scan is in and only persons are missing; the id of the open request."""
    deadline = time.monotonic() + SCAN_SECONDS
    while True:
        with pytest.raises(MlflowException) as refused:
            MlflowClient().set_registered_model_alias(MODEL, ALIAS, version.version)
        assert refused.value.error_code == "PERMISSION_DENIED"
        request_id = request_of(refused.value)
        shown = place.shown(request_id)
        if shown["state"] == "open":
            return request_id
        assert shown["state"] == "draft", shown
        assert time.monotonic() < deadline, shown
        time.sleep(1)


def test_every_door_is_shut_until_a_second_person_approves(place: Governed, version: ModelVersion) -> None:
    before = meaning()
    request_id = opened(place, version)
    assert meaning() == before
    named = {"name": MODEL, "alias": ALIAS}
    staged = {"name": MODEL, "version": version.version}
    moves = [
        ("POST", f"/api/{ALIASES}", {**named, "version": version.version}),
        ("POST", f"/ajax-api/{ALIASES}", {**named, "version": version.version}),
        ("POST", f"/api/{ALIASES}", {**named, "version": int(version.version)}),
        ("POST", f"/api/{STAGES}", {**staged, "stage": "Production", "archive_existing_versions": True}),
        ("POST", f"/api/{STAGES}", {**staged, "stage": "production", "archiveExistingVersions": False}),
        (
            "PUT",
            f"/api/v1/registered-models/{MODEL}/aliases/{ALIAS}?workspace=credit",
            {"version": int(version.version)},
        ),
    ]
    for person in ("eve", "ann", APPROVER, OPERATOR, "bob", "cleo", "aude"):
        for method, path, value in moves:
            answer = place.call(person, method, path, value)
            assert 400 <= answer.status < 500, (person, path, answer.status, answer.body)
            assert meaning() == before, (person, path)
    stage = MlflowClient().get_model_version(MODEL, version.version).current_stage
    assert stage == "None"
    for person, said, status in (
        ("eve", {"password": PASSWORD}, {403}),
        ("ann", {"password": PASSWORD}, {403}),
        (OPERATOR, {"password": PASSWORD}, {403}),
        ("cleo", {"password": PASSWORD}, {404}),
        (APPROVER, {}, {403}),
        (APPROVER, {"password": "wrong"}, {403}),
    ):
        answer = place.decide(person, request_id, **said)
        assert answer.status in status, (person, answer.status, answer.body)
        assert meaning() == before
    answer = place.decide(APPROVER, request_id, password=PASSWORD, reason="Seen.")
    assert answer.status in (200, 201), answer.body
    assert meaning() == version.version
    assert mlflow.sklearn.load_model(f"models:/{MODEL}@{ALIAS}").predict([[5.1, 3.5, 1.4, 0.2]]) is not None


def test_what_is_protected_cannot_be_taken_away_or_walked_around(
    place: Governed, version: ModelVersion
) -> None:
    request_id = opened(place, version)
    answer = place.decide(APPROVER, request_id, password=PASSWORD)
    assert answer.status in (200, 201), answer.body
    client = MlflowClient()
    walks: list[Callable[[], object]] = [
        lambda: client.delete_registered_model_alias(MODEL, ALIAS),
        lambda: client.delete_model_version(MODEL, version.version),
        lambda: client.delete_registered_model(MODEL),
    ]
    for walk in walks:
        with pytest.raises(MlflowException) as refused:
            walk()
        assert refused.value.error_code == "PERMISSION_DENIED", refused.value
        assert meaning() == version.version
    copied = client.copy_model_version(f"models:/{MODEL}/{version.version}", f"{MODEL}-copy")
    with pytest.raises(MlflowException):
        client.set_registered_model_alias(f"{MODEL}-copy", ALIAS, copied.version)


def test_a_version_deleted_under_approval_ends_its_request(
    place: Governed, version: ModelVersion, login: Callable[..., None]
) -> None:
    request_id = opened(place, version)
    login("ann")
    MlflowClient().delete_model_version(MODEL, version.version)
    assert place.shown(request_id)["state"] == "invalidated"
    answer = place.decide(APPROVER, request_id, password=PASSWORD)
    assert answer.status in (404, 409)


def test_a_rule_that_fails_leaves_a_draft_that_nobody_can_approve(
    place: Governed, login: Callable[..., None]
) -> None:
    login("eve")
    mlflow.set_experiment("client/governed")
    with mlflow.start_run():
        mlflow.log_metric("auc", 0.4)
        model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
        mlflow.sklearn.log_model(
            model, name="model", registered_model_name=f"{MODEL}-weak", pip_requirements=NEEDS
        )
    with pytest.raises(MlflowException, match="auc-floor") as refused:
        MlflowClient().set_registered_model_alias(f"{MODEL}-weak", ALIAS, "1")
    request_id = request_of(refused.value)
    answer = place.decide(APPROVER, request_id, password=PASSWORD)
    assert answer.status in (403, 409)
    with pytest.raises(MlflowException):
        MlflowClient().get_model_version_by_alias(f"{MODEL}-weak", ALIAS)
