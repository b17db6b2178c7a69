"""Models through the client: autolog, signatures, both kinds of model address."""

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split

# Told what a model needs, the client does not run it in another process to find out.
NEEDS = ["scikit-learn"]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]


@pytest.fixture(scope="module")
def data() -> tuple[pd.DataFrame, pd.Series]:
    features, labels = load_iris(return_X_y=True, as_frame=True)
    return features, labels


def test_autolog_of_scikit_learn(ann: str, data: tuple[pd.DataFrame, pd.Series]) -> None:
    features, labels = data
    mlflow.autolog(silent=True)
    train, test, train_labels, test_labels = train_test_split(features, labels, random_state=0)
    with mlflow.start_run() as run:
        model = LogisticRegression(C=0.5, max_iter=300).fit(train, train_labels)
        model.score(test, test_labels)
    found = mlflow.get_run(run.info.run_id)
    assert found.data.params["C"] == "0.5"
    assert 0 < found.data.metrics["training_accuracy_score"] <= 1
    assert any(key.startswith("LogisticRegression_score") for key in found.data.metrics)
    assert found.data.tags["estimator_name"] == "LogisticRegression"
    assert found.inputs.dataset_inputs[0].tags[0].value == "train"
    assert len(found.outputs.model_outputs) == 1
    loaded = mlflow.sklearn.load_model(f"models:/{found.outputs.model_outputs[0].model_id}")
    assert (loaded.predict(test) == model.predict(test)).all()


def test_autolog_of_a_grid_search(ann: str, data: tuple[pd.DataFrame, pd.Series]) -> None:
    mlflow.sklearn.autolog(silent=True, log_models=False, max_tuning_runs=4)
    with mlflow.start_run() as run:
        GridSearchCV(LogisticRegression(max_iter=200), {"C": [0.1, 1, 10]}, cv=3).fit(*data)
    assert "best_C" in mlflow.get_run(run.info.run_id).data.params
    children = mlflow.search_runs(
        filter_string=f"tags.mlflow.parentRunId = '{run.info.run_id}'", output_format="list"
    )
    assert {child.data.params["C"] for child in children} == {"0.1", "1", "10"}


def test_a_logged_model_with_signature_and_example(ann: str, data: tuple[pd.DataFrame, pd.Series]) -> None:
    features, labels = data
    model = LogisticRegression(max_iter=200).fit(features, labels)
    signature = infer_signature(features, model.predict(features))
    with mlflow.start_run() as run:
        info = mlflow.sklearn.log_model(
            model,
            name="classifier",
            signature=signature,
            input_example=features.head(2),
            params={"C": 1.0},
            pip_requirements=NEEDS,
        )
        mlflow.log_metric("accuracy", 0.9, model_id=info.model_id)
    for address in (f"runs:/{run.info.run_id}/classifier", f"models:/{info.model_id}", info.model_uri):
        loaded = mlflow.pyfunc.load_model(address)
        assert (loaded.predict(features) == model.predict(features)).all()
        assert loaded.metadata.signature == signature
    found = mlflow.get_logged_model(info.model_id)
    assert (found.name, found.status.value, found.source_run_id) == ("classifier", "READY", run.info.run_id)
    assert found.params == {"C": "1.0"}
    assert [(metric.key, metric.value) for metric in found.metrics] == [("accuracy", 0.9)]
    assert mlflow.models.Model.load(info.model_uri).saved_input_example_info is not None


def test_logged_models_are_found(ann: str) -> None:
    experiment = mlflow.get_experiment_by_name(ann).experiment_id
    models = [
        mlflow.create_external_model(name=f"m{n}", model_type="linear", params={"n": str(n)})
        for n in range(3)
    ]
    MlflowClient().set_logged_model_tags(models[1].model_id, {"best": "yes"})
    found = mlflow.search_logged_models([experiment], filter_string="tags.best = 'yes'", output_format="list")
    assert [model.model_id for model in found] == [models[1].model_id]
    found = mlflow.search_logged_models(
        [experiment], order_by=[{"field_name": "name", "ascending": False}], output_format="list"
    )
    assert [model.name for model in found] == ["m2", "m1", "m0"]
    assert "model_id" in mlflow.search_logged_models([experiment])
    MlflowClient().delete_logged_model_tag(models[1].model_id, "best")
    assert "best" not in mlflow.get_logged_model(models[1].model_id).tags
    MlflowClient().delete_logged_model(models[0].model_id)
    with pytest.raises(MlflowException, match="not found"):
        mlflow.get_logged_model(models[0].model_id)


def test_a_function_as_a_model(ann: str) -> None:
    class Doubler(mlflow.pyfunc.PythonModel):
        def predict(self, context: object, model_input: list[float]) -> list[float]:
            return [2 * value for value in model_input]

    with mlflow.start_run():
        info = mlflow.pyfunc.log_model(name="doubler", python_model=Doubler(), pip_requirements=[])
    assert mlflow.pyfunc.load_model(info.model_uri).predict([1.0, 2.0]) == [2.0, 4.0]


def test_a_model_that_a_run_reads(ann: str, data: tuple[pd.DataFrame, pd.Series]) -> None:
    features, labels = data
    model = mlflow.sklearn.log_model(
        LogisticRegression(max_iter=200).fit(features, labels), name="base", pip_requirements=NEEDS
    )
    with mlflow.start_run() as run:
        mlflow.log_input(mlflow.data.from_numpy(np.array([1.0])), model=None)
        MlflowClient().log_inputs(run.info.run_id, models=[mlflow.entities.LoggedModelInput(model.model_id)])
    assert [found.model_id for found in mlflow.get_run(run.info.run_id).inputs.model_inputs] == [
        model.model_id
    ]
