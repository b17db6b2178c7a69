"""What the gate finds in models that the real client logged, and what an outsider can check of it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.models import infer_signature
from sklearn.datasets import load_iris
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from tests.live.portal import Portal

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]
NEEDS = ["scikit-learn==1.9.1"]
# What a worker would do, one job after the other.
WORK = """
import django; django.setup()
from jobs.models import JobRun
from jobs.runner import run_job
while due := list(JobRun.objects.filter(state="queued", attempt=0)):
    for run in due:
        run_job(run.pk)
"""


class Runs:
    """Loading it would make the file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.path}",)


def registered(model: Any, name: str, form: str) -> None:
    features, _ = load_iris(return_X_y=True, as_frame=True)
    with mlflow.start_run():
        mlflow.log_params({"form": form})
        mlflow.log_metric("accuracy", 0.9)
        mlflow.log_input(mlflow.data.from_pandas(features, name="iris"), context="training")
        mlflow.sklearn.log_model(
            model, name="model", signature=infer_signature(features, model.predict(features)),
            pip_requirements=NEEDS, serialization_format=form, registered_model_name=name,
            await_registration_for=0,
        )  # fmt: skip


def looked(portal: Portal, name: str) -> dict[str, Any]:
    """The newest evidence of each kind about version 1."""
    portal.run("-c", WORK)
    address = f"/api/v1/workspaces/credit/registered-models/{name}/versions/1/evidence"
    items = json.loads(portal.wire("ann").send("GET", address).body)["items"]
    return {each["kind"]: each for each in reversed(items)}


@pytest.mark.parametrize("form", ["cloudpickle", "skops"])
def test_usual_models_are_clean_signed_described_and_listed(
    ann: str, portal: Portal, form: str, tmp_path: Path
) -> None:
    features, labels = load_iris(return_X_y=True, as_frame=True)
    models = [make_pipeline(StandardScaler(), LogisticRegression(max_iter=200)), Ridge()]
    if form == "cloudpickle":  # skops trusts no trees unless it is told to
        models += [RandomForestClassifier(5), HistGradientBoostingRegressor(max_iter=5)]
    for number, model in enumerate(models):
        registered(model.fit(features, labels), f"usual-{form}-{number}", form)
    for number in range(len(models)):
        found = looked(portal, f"usual-{form}-{number}")
        assert found["artifact_scan"]["body"]["findings"] == []
        assert {kind: found[kind]["outcome"] for kind in found} == {
            "artifact_scan": "pass", "signature": "pass", "model_version": "pass", "env_lock": "pass",
            "mlbom": "pass", "model_card": "info",
        }  # fmt: skip
    name = f"usual-{form}-0"
    assert MlflowClient().get_model_version(name, "1").status == "READY"
    version = f"/api/v1/workspaces/credit/registered-models/{name}/versions/1"
    card = json.loads(portal.wire("ann").send("GET", f"{version}/card").body)["content"]
    details = card["training_details"]["training_job_details"]
    assert details["training_metrics"] == [{"name": "accuracy", "value": 0.9}]
    assert details["hyper_parameters"] == [{"name": "form", "value": form}]
    assert [each["name"] for each in card["data_provenance"]["datasets"]] == ["iris"]
    outsider_agrees(portal, name, version, tmp_path)


def outsider_agrees(portal: Portal, name: str, version: str, folder: Path) -> None:
    """The stock command over what the stock client downloads, with what the API says."""
    files = mlflow.artifacts.download_artifacts(f"models:/{name}/1", dst_path=str(folder / "files"))
    (folder / "model.sig").write_bytes(portal.wire("ann").send("GET", f"{version}/signature").body)
    keys = json.loads(portal.wire("ann").send("GET", "/api/v1/model-signing-keys").body)["items"]
    (folder / "key.pub").write_text(keys[0]["pem"])
    for extra in Path(files).glob("registered_model_meta"):
        extra.unlink()  # the client writes it into what it downloads

    def verified() -> int:
        program = Path(sys.executable).with_name("model_signing")
        command = [
            program,
            "verify",
            "key",
            files,
            "--signature",
            folder / "model.sig",
            "--public_key",
            folder / "key.pub",
        ]
        return subprocess.run(command, capture_output=True, check=False).returncode

    assert verified() == 0
    path = Path(files, "MLmodel")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert verified() != 0


def test_a_model_with_code_in_it_is_found_and_not_run(ann: str, portal: Portal, tmp_path: Path) -> None:
    features, labels = load_iris(return_X_y=True, as_frame=True)
    model = make_pipeline(FunctionTransformer(lambda rows: rows), Ridge()).fit(features, labels)
    model.memory = Runs(str(tmp_path / "it-ran"))
    registered(model, "hostile", "cloudpickle")
    found = looked(portal, "hostile")["artifact_scan"]
    assert found["outcome"] == "fail"
    named = {each["detail"] for each in found["body"]["findings"]}
    assert "It names posix.system." in named
    assert any("cloudpickle.cloudpickle" in each for each in named)
    assert not (tmp_path / "it-ran").exists()
    findings = json.loads(portal.wire("ann").send("GET", "/api/v1/findings?workspace=credit").body)["items"]
    assert "The scan of hostile v1 failed" in [each["title"] for each in findings]
