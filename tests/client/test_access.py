"""Who may do what, as the client meets it."""

import re

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException, RestException

from tests.client.conftest import Login
from tests.live.portal import Portal

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]


def _run_of_ann(login: Login, name: str) -> str:
    login("ann")
    mlflow.set_experiment(f"access/{name}")
    with mlflow.start_run() as run:
        mlflow.log_metric("loss", 0.5)
        mlflow.log_text("secret", "secret.txt")
    return str(run.info.run_id)


def test_a_token_as_basic_password(portal: Portal, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    login("ann")
    monkeypatch.delenv("MLFLOW_TRACKING_TOKEN")
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ann")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", portal.token("ann"))
    mlflow.set_experiment("access/basic")
    with mlflow.start_run() as run:
        mlflow.log_text("x", "x.txt")
    assert mlflow.get_run(run.info.run_id).info.status == "FINISHED"


def test_without_a_token_nothing_is_told(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    login("ann")
    monkeypatch.delenv("MLFLOW_TRACKING_TOKEN")
    with pytest.raises(MlflowException, match=r"401|UNAUTHENTICATED"):
        mlflow.search_experiments()
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "mlp_wrong")
    with pytest.raises(MlflowException, match=r"401|UNAUTHENTICATED"):
        mlflow.search_experiments()


def test_a_viewer_reads_and_cannot_write(login: Login) -> None:
    run_id = _run_of_ann(login, "viewer")
    login("bob")
    assert mlflow.get_run(run_id).data.metrics == {"loss": 0.5}
    assert mlflow.artifacts.load_text(f"{mlflow.get_run(run_id).info.artifact_uri}/secret.txt") == "secret"
    with pytest.raises(RestException, match="PERMISSION_DENIED"):
        MlflowClient().log_metric(run_id, "loss", 0)
    with pytest.raises(Exception, match="PERMISSION_DENIED"):
        MlflowClient().log_text(run_id, "changed", "secret.txt")
    with pytest.raises(RestException, match="PERMISSION_DENIED"):
        mlflow.create_experiment("access/by bob")


def test_a_token_that_only_reads(login: Login) -> None:
    run_id = _run_of_ann(login, "read only")
    login("ann-reads")
    assert mlflow.get_run(run_id).info.status == "FINISHED"
    with pytest.raises(RestException, match="PERMISSION_DENIED"):
        MlflowClient().set_tag(run_id, "a", "b")


def test_an_outsider_sees_nothing(login: Login) -> None:
    run_id = _run_of_ann(login, "outsider")
    experiment = mlflow.get_run(run_id).info.experiment_id
    location = mlflow.get_run(run_id).info.artifact_uri
    login("cleo")
    for call in (
        lambda: mlflow.get_run(run_id),
        lambda: MlflowClient().log_metric(run_id, "loss", 0),
        lambda: MlflowClient().get_metric_history(run_id, "loss"),
        lambda: MlflowClient().delete_run(run_id),
        lambda: mlflow.get_experiment(experiment),
        lambda: MlflowClient().delete_experiment(experiment),
        lambda: MlflowClient().list_artifacts(run_id),
    ):
        with pytest.raises(RestException, match="RESOURCE_DOES_NOT_EXIST"):
            call()
    with pytest.raises(Exception, match=r"404|(?i:not found|no such|does not exist)"):
        mlflow.artifacts.load_text(f"{location}/secret.txt")
    assert mlflow.search_runs([experiment], output_format="list") == []
    assert experiment not in {found.experiment_id for found in mlflow.search_experiments()}
    assert mlflow.get_experiment_by_name("access/outsider") is None


def test_workspaces_keep_equal_names_apart(login: Login) -> None:
    numbers = {}
    for workspace in ("credit", "other"):
        login("max", workspace)
        numbers[workspace] = mlflow.set_experiment("access/same name").experiment_id
        with mlflow.start_run():
            mlflow.log_param("workspace", workspace)
    assert numbers["credit"] != numbers["other"]
    for workspace in ("credit", "other"):
        mlflow.set_workspace(workspace)
        (run,) = mlflow.search_runs(experiment_names=["access/same name"], output_format="list")
        assert run.data.params["workspace"] == workspace
    assert {found.name for found in mlflow.list_workspaces()} >= {"credit", "other"}


def test_a_workspace_of_others_is_not_found(login: Login) -> None:
    login("ann", "other")
    with pytest.raises(MlflowException, match=r"(?i)does not exist|not found"):
        mlflow.set_experiment("access/foreign")
    login("max-credit", "other")
    with pytest.raises(MlflowException, match=r"(?i)does not exist|not found"):
        mlflow.set_experiment("access/foreign")


def test_several_workspaces_have_to_be_named(login: Login) -> None:
    login("max")
    with pytest.raises(RestException, match="several workspaces"):
        mlflow.create_experiment("access/where")
    login("max-credit")
    assert mlflow.create_experiment("access/bound")


def test_the_printed_links(portal: Portal, login: Login, capsys: pytest.CaptureFixture[str]) -> None:
    run_id = _run_of_ann(login, "link")
    experiment = mlflow.get_run(run_id).info.experiment_id
    printed = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert f"{portal.uri}/#/experiments/{experiment}/runs/{run_id}" in printed
    assert f"{portal.uri}/#/experiments/{experiment}" in printed
