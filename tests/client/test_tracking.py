"""Runs as a training script makes them and a notebook reads them."""

import math
import time

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException, RestException

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]


def test_a_run_keeps_what_was_logged(ann: str) -> None:
    with mlflow.start_run(run_name="first", tags={"team": "risk"}, description="why") as run:
        mlflow.log_param("depth", 3)
        mlflow.log_params({"rate": 0.1, "empty": "", "long": "x" * 6000})
        mlflow.log_metric("loss", 0.5, step=1)
        mlflow.log_metrics({"accuracy": 0.9, "nothing": math.nan, "most": math.inf, "least": -math.inf})
        mlflow.set_tag("stage", "dev")
        mlflow.set_tags({"reviewed": "no", "note": "größer 🚀"})
    found = mlflow.get_run(run.info.run_id)
    assert (found.info.run_name, found.info.status) == ("first", "FINISHED")
    assert found.data.params == {"depth": "3", "rate": "0.1", "empty": "", "long": "x" * 6000}
    assert found.data.metrics["loss"] == 0.5
    assert math.isnan(found.data.metrics["nothing"])
    assert found.data.metrics["most"] >= 1.7976931348623157e308
    assert found.data.metrics["least"] <= -1.7976931348623157e308
    tags = found.data.tags
    assert (tags["team"], tags["stage"], tags["note"]) == ("risk", "dev", "größer 🚀")
    assert tags["mlflow.note.content"] == "why"
    assert found.info.end_time >= found.info.start_time > 0


def test_a_failed_run_says_so(ann: str) -> None:
    with pytest.raises(ZeroDivisionError), mlflow.start_run() as run:
        1 / 0  # noqa: B018 - a script that breaks
    assert mlflow.get_run(run.info.run_id).info.status == "FAILED"


def test_nested_runs_know_their_parent(ann: str) -> None:
    with mlflow.start_run() as parent:
        children = []
        for depth in (2, 3):
            with mlflow.start_run(nested=True) as child:
                mlflow.log_param("depth", depth)
                children.append(child.info.run_id)
    found = mlflow.search_runs(
        filter_string=f"tags.mlflow.parentRunId = '{parent.info.run_id}'", output_format="list"
    )
    assert {run.info.run_id for run in found} == set(children)
    assert mlflow.get_parent_run(children[0]).info.run_id == parent.info.run_id


def test_search_into_a_data_frame(ann: str) -> None:
    for depth, score in ((1, 0.5), (2, 0.9), (3, 0.7)):
        with mlflow.start_run(run_name=f"depth {depth}"):
            mlflow.log_param("depth", depth)
            mlflow.log_metric("score", score)
    frame = mlflow.search_runs(
        experiment_names=[ann], filter_string="metrics.score > 0.6", order_by=["metrics.score DESC"]
    )
    assert list(frame["metrics.score"]) == [0.9, 0.7]
    assert list(frame["params.depth"]) == ["2", "3"]
    assert set(frame["status"]) == {"FINISHED"}
    assert str(frame["start_time"].dtype).startswith("datetime64")


def test_search_follows_page_tokens(ann: str) -> None:
    client, experiment = MlflowClient(), mlflow.get_experiment_by_name(ann).experiment_id
    made = {client.create_run(experiment, start_time=1_000 + number).info.run_id for number in range(7)}
    seen, token = [], None
    while True:
        page = client.search_runs([experiment], max_results=3, page_token=token, order_by=["start_time ASC"])
        seen += [run.info.run_id for run in page]
        token = page.token
        if not token:
            break
    assert sorted(seen) == sorted(made)


def test_metric_history_is_complete_and_in_order(ann: str) -> None:
    with mlflow.start_run() as run:
        for start in range(0, 2_500, 500):
            metrics = [
                Metric("loss", 1 / (1 + step), 1_000 + step, step) for step in range(start, start + 500)
            ]
            MlflowClient().log_batch(run.info.run_id, metrics=metrics)
    history = MlflowClient().get_metric_history(run.info.run_id, "loss")
    assert [point.step for point in history] == list(range(2_500))
    assert history[99].value == 1 / 100
    assert MlflowClient().get_metric_history(run.info.run_id, "other") == []


def test_a_batch_of_everything(ann: str) -> None:
    client = MlflowClient()
    run_id = client.create_run(mlflow.get_experiment_by_name(ann).experiment_id).info.run_id
    client.log_batch(
        run_id,
        metrics=[Metric(f"m{n}", n, 1, 0) for n in range(800)],
        params=[Param(f"p{n}", str(n)) for n in range(100)],
        tags=[RunTag(f"t{n}", str(n)) for n in range(100)],
    )
    data = client.get_run(run_id).data
    assert (len(data.metrics), len(data.params)) == (800, 100)
    assert len([key for key in data.tags if key.startswith("t")]) == 100


def test_a_param_cannot_change(ann: str) -> None:
    with mlflow.start_run():
        mlflow.log_param("rate", 1)
        mlflow.log_param("rate", 1)
        with pytest.raises(MlflowException, match="Changing param values is not allowed"):
            mlflow.log_param("rate", 2)


def test_the_life_of_a_run(ann: str) -> None:
    client = MlflowClient()
    experiment = mlflow.get_experiment_by_name(ann).experiment_id
    run_id = client.create_run(experiment, run_name="old").info.run_id
    client.update_run(run_id, name="new", status="SCHEDULED")
    assert client.get_run(run_id).info.run_name == "new"
    client.set_terminated(run_id, "KILLED", end_time=5_000_000_000_000)
    assert client.get_run(run_id).info.status == "KILLED"
    assert client.get_run(run_id).info.end_time == 5_000_000_000_000
    client.set_tag(run_id, "a", "b")
    client.delete_tag(run_id, "a")
    assert "a" not in client.get_run(run_id).data.tags
    client.delete_run(run_id)
    with pytest.raises(RestException, match="must be in the 'active' state"):
        client.log_metric(run_id, "m", 1)
    assert client.search_runs([experiment]) == []
    assert [
        run.info.run_id for run in client.search_runs([experiment], run_view_type=ViewType.DELETED_ONLY)
    ] == [run_id]
    client.restore_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "active"


def test_the_life_of_an_experiment(ann: str) -> None:
    client = MlflowClient()
    number = client.create_experiment(f"{ann} old", tags={"team": "risk"})
    client.set_experiment_tag(number, "stage", "dev")
    client.rename_experiment(number, f"{ann} new")
    found = client.get_experiment(number)
    assert (found.name, found.tags) == (f"{ann} new", {"team": "risk", "stage": "dev"})
    assert [e.experiment_id for e in client.search_experiments(filter_string=f"name = '{ann} new'")] == [
        number
    ]
    client.delete_experiment(number)
    assert client.get_experiment(number).lifecycle_stage == "deleted"
    with pytest.raises(MlflowException, match="deleted"):
        mlflow.set_experiment(f"{ann} new")
    client.restore_experiment(number)
    with pytest.raises(RestException, match="RESOURCE_ALREADY_EXISTS"):
        client.create_experiment(f"{ann} new")


def test_logging_in_the_background(ann: str) -> None:
    with mlflow.start_run() as run:
        waiting = [
            mlflow.log_metric("loss", 1 / (1 + step), step=step, synchronous=False) for step in range(200)
        ]
        mlflow.log_params({"a": 1}, synchronous=False)
        for operation in waiting:
            operation.wait()
    mlflow.flush_async_logging()
    assert len(MlflowClient().get_metric_history(run.info.run_id, "loss")) == 200
    assert mlflow.get_run(run.info.run_id).data.params == {"a": "1"}


def test_system_metrics(ann: str) -> None:
    mlflow.set_system_metrics_sampling_interval(0.2)
    mlflow.set_system_metrics_samples_before_logging(1)
    with mlflow.start_run(log_system_metrics=True) as run:
        time.sleep(1.2)
    assert "system/cpu_utilization_percentage" in mlflow.get_run(run.info.run_id).data.metrics


def test_datasets_of_a_run(ann: str) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"x": [1.0, 2.0], "y": [0, 1]})
    data = mlflow.data.from_pandas(frame, source="https://example.com/rows.csv", name="rows", targets="y")
    with mlflow.start_run() as run:
        mlflow.log_input(data, context="training", tags={"origin": "test"})
    (found,) = mlflow.get_run(run.info.run_id).inputs.dataset_inputs
    assert (found.dataset.name, found.dataset.digest) == ("rows", data.digest)
    assert {tag.key: tag.value for tag in found.tags} == {"mlflow.data.context": "training", "origin": "test"}
    assert mlflow.data.get_source(found.dataset).url == "https://example.com/rows.csv"
    assert len(mlflow.search_runs(filter_string="datasets.name = 'rows'", output_format="list")) == 1
