"""The registry through the client: registering waits for a real worker, everything else is a call."""

from collections.abc import Iterator

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities.webhook import WebhookAction, WebhookEntity, WebhookEvent
from mlflow.exceptions import MlflowException
from sklearn.linear_model import LogisticRegression

from tests.live.portal import Portal

NEEDS = ["scikit-learn"]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]


@pytest.fixture(scope="module", autouse=True)
def worker(portal_server: Portal) -> Iterator[None]:
    with portal_server.worker():
        yield


@pytest.fixture
def model() -> LogisticRegression:
    return LogisticRegression().fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])


def registered(model: LogisticRegression, name: str) -> str:
    """Logs and registers a model in one call; the id of its run."""
    with mlflow.start_run() as run:
        mlflow.sklearn.log_model(model, name="model", registered_model_name=name, pip_requirements=NEEDS)
    return str(run.info.run_id)


def test_register_load_and_promote(ann: str, model: LogisticRegression) -> None:
    client = MlflowClient()
    run_id = registered(model, "loaded")
    first = client.get_model_version("loaded", "1")
    assert (first.status, first.run_id, first.current_stage) == ("READY", run_id, "None")
    second = mlflow.register_model(f"runs:/{run_id}/model", "loaded", tags={"from": "run"})
    assert (second.version, second.status) in (("2", "READY"), ("2", "PENDING_REGISTRATION"))
    assert client.get_model_version("loaded", "2").status == "READY"
    model_id = mlflow.search_logged_models(filter_string=f"source_run_id = '{run_id}'", output_format="list")[
        0
    ].model_id
    third = mlflow.register_model(f"models:/{model_id}", "loaded")
    client.set_registered_model_alias("loaded", "champion", third.version)
    assert client.get_model_version_by_alias("loaded", "champion").version == "3"
    for address in ("models:/loaded@champion", "models:/loaded/1", "models:/loaded/latest"):
        loaded = mlflow.sklearn.load_model(address)
        assert (loaded.predict([[0.0], [3.0]]) == model.predict([[0.0], [3.0]])).all()
    assert mlflow.pyfunc.load_model("models:/loaded@champion").metadata.model_id == model_id
    assert client.get_model_version_download_uri("loaded", "1").startswith("mlflow-artifacts:/")


def test_copies_names_and_deletion(ann: str, model: LogisticRegression) -> None:
    client = MlflowClient()
    registered(model, "copied")
    copy = client.copy_model_version("models:/copied/1", "copied-prod")
    assert (copy.name, copy.version, copy.source) == ("copied-prod", "1", "models:/copied/1")
    client.set_registered_model_alias("copied", "champion", "1")
    assert client.copy_model_version("models:/copied@champion", "copied-prod").version == "2"
    client.rename_registered_model("copied", "copied-eu")
    assert client.get_model_version_by_alias("copied-eu", "champion").version == "1"
    with pytest.raises(MlflowException, match="not found"):
        client.get_registered_model("copied")
    client.update_registered_model("copied-eu", "of Europe")
    client.update_model_version("copied-eu", "1", "the first")
    client.set_registered_model_tag("copied-eu", "team", "risk")
    client.set_model_version_tag("copied-eu", "1", "checked", "yes")
    found = client.get_registered_model("copied-eu")
    assert (found.description, found.tags, found.aliases) == (
        "of Europe",
        {"team": "risk"},
        {"champion": "1"},
    )
    assert client.get_model_version("copied-eu", "1").tags["checked"] == "yes"
    client.delete_model_version_tag("copied-eu", "1", "checked")
    client.delete_registered_model_tag("copied-eu", "team")
    client.delete_registered_model_alias("copied-eu", "champion")
    client.delete_model_version("copied-eu", "1")
    client.delete_registered_model("copied-eu")
    assert [m.name for m in client.search_registered_models("name LIKE 'copied%'")] == ["copied-prod"]


def test_stages_as_old_scripts_use_them(ann: str, model: LogisticRegression) -> None:
    client = MlflowClient()
    for _ in range(2):
        registered(model, "staged")
    client.transition_model_version_stage("staged", "1", "Production")
    client.transition_model_version_stage("staged", "2", "Production", archive_existing_versions=True)
    stages = {
        v.version: v.current_stage for v in client.get_latest_versions("staged", ["Production", "Archived"])
    }
    assert stages == {"1": "Archived", "2": "Production"}
    assert (mlflow.sklearn.load_model("models:/staged/Production").predict([[3.0]]) == [1]).all()


def test_search_in_pages(ann: str, model: LogisticRegression) -> None:
    client = MlflowClient()
    run_id = registered(model, "paged")
    for number in range(2, 6):
        made = client.create_model_version(
            "paged", f"runs:/{run_id}/model", run_id, tags={"odd": str(number % 2)}, await_creation_for=0
        )
        assert made.version == str(number)
    found, token = [], None
    while True:
        page = client.search_model_versions(
            "name = 'paged'", max_results=2, order_by=["version_number ASC"], page_token=token
        )
        found += [version.version for version in page]
        token = page.token
        if not token:
            break
    assert found == ["1", "2", "3", "4", "5"]
    odd = client.search_model_versions(f"run_id = '{run_id}' AND tags.odd = '1' AND version_number > 3")
    assert [version.version for version in odd] == ["5"]
    assert [m.name for m in client.search_registered_models("name ILIKE 'PAGED'")] == ["paged"]
    with pytest.raises(MlflowException, match="INVALID_PARAMETER_VALUE"):
        client.search_model_versions("color = 'red'")


def test_prompts(ann: str) -> None:
    made = mlflow.genai.register_prompt(
        "greet", "Hello {{name}}", commit_message="first", tags={"team": "risk"}
    )
    assert (made.version, made.variables) == (1, {"name"})
    mlflow.genai.register_prompt("greet", [{"role": "user", "content": "Hi {{name}}"}])
    mlflow.genai.set_prompt_alias("greet", "live", 1)
    loaded = mlflow.genai.load_prompt("prompts:/greet@live")
    assert loaded.format(name="Eve") == "Hello Eve"
    assert mlflow.genai.load_prompt("greet", version=2).template == [
        {"role": "user", "content": "Hi {{name}}"}
    ]
    assert "greet" in [prompt.name for prompt in mlflow.genai.search_prompts()]
    client = MlflowClient()
    assert [m.name for m in client.search_registered_models("name = 'greet'")] == []
    assert client.search_model_versions("name = 'greet'") == []
    mlflow.genai.set_prompt_version_tag("greet", 1, "checked", "yes")
    assert mlflow.genai.load_prompt("greet", version=1).tags["checked"] == "yes"
    mlflow.genai.delete_prompt_alias("greet", "live")
    with pytest.raises(MlflowException):
        mlflow.genai.register_prompt("loaded/../x", "no")


def test_refusals_read_as_mlflow_says_them(ann: str) -> None:
    client = MlflowClient()
    client.create_registered_model("taken")
    with pytest.raises(MlflowException, match="Registered Model \\(name=taken\\) already exists") as refused:
        client.create_registered_model("taken")
    assert refused.value.error_code == "RESOURCE_ALREADY_EXISTS"
    for source in ("/etc", "file:///etc", "s3://bucket/x", "runs:/" + "0" * 32 + "/model"):
        with pytest.raises(MlflowException):
            client.create_model_version("taken", source)
    with pytest.raises(MlflowException, match="reserved"):
        client.set_registered_model_alias("taken", "latest", "1")


def test_webhooks(ann: str) -> None:
    client = MlflowClient()
    created = WebhookEvent(WebhookEntity.MODEL_VERSION, WebhookAction.CREATED)
    moved = WebhookEvent(WebhookEntity.MODEL_VERSION_ALIAS, WebhookAction.CREATED)
    made = client.create_webhook("ours", "https://hooks.example.com/x", [created], secret="whispered")
    assert (made.name, made.events, made.status.value) == ("ours", [created], "ACTIVE")
    changed = client.update_webhook(made.webhook_id, events=[created, moved], status="DISABLED")
    assert (changed.events, changed.status.value) == ([created, moved], "DISABLED")
    assert client.get_webhook(made.webhook_id).url == "https://hooks.example.com/x"
    assert [hook.name for hook in client.list_webhooks()] == ["ours"]
    for address in ("http://169.254.169.254/latest", "https://127.0.0.1/", "ftp://hooks.example.com/x"):
        with pytest.raises(MlflowException, match="Invalid webhook URL"):
            client.create_webhook("theirs", address, [created])
    for address, said in (("   ", "cannot be empty or just whitespace"), ("ftp://x.example", "URL scheme")):
        with pytest.raises(
            MlflowException, match=f"INVALID_PARAMETER_VALUE: .*webhook {said}|Webhook URL {said}"
        ):
            client.update_webhook(made.webhook_id, url=address)
    client.delete_webhook(made.webhook_id)
    for gone in (made.webhook_id, "nonexistent"):
        with pytest.raises(
            MlflowException, match=f"RESOURCE_DOES_NOT_EXIST: Webhook with ID {gone} not found"
        ):
            client.get_webhook(gone)
