"""A training from the API to its run, and the same again with a certificate: a real worker, a real environment."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pytest
from mlflow import MlflowClient
from sklearn.datasets import load_iris

from compliance.verify_certificate import main as verify
from tests.live.portal import Portal
from tests.live.wire import Wire
from tests.training.live import dataset_uploaded, ended, submitted, waited

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]
SPEC: dict[str, Any] = {
    "name": "first", "experiment": "trainings", "command": "python train.py --c {c}",
    "code": {"bundled": "iris"}, "parameters": {"c": 0.5}, "seed": 7, "limits": {"timeout": "5m"},
}  # fmt: skip
MODEL = "iris-trained"
VERSION = f"/api/v1/workspaces/credit/registered-models/{MODEL}/versions"


@pytest.fixture(scope="module")
def wire(portal_server: Portal) -> Iterator[Wire]:
    with portal_server.worker(), portal_server.wire("eve") as wire:
        yield wire


@pytest.fixture(scope="module")
def trained(wire: Wire) -> dict[str, Any]:
    rows = load_iris(as_frame=True).data.sample(40, random_state=1)
    dataset_uploaded(wire, "iris-held-out", {"rows.csv": rows.to_csv(index=False).encode()})
    held_out = {"held_out": {"dataset": "iris-held-out", "context": "evaluation"}}
    return ended(wire, submitted(wire, {**SPEC, "inputs": held_out}))


@pytest.fixture
def client(portal_server: Portal, monkeypatch: pytest.MonkeyPatch) -> MlflowClient:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", portal_server.token("eve"))
    mlflow.set_tracking_uri(portal_server.uri)
    return MlflowClient(portal_server.uri)


def reproduced(wire: Wire, number: int) -> dict[str, Any]:
    made = wire.json("POST", f"{VERSION}/{number}/reproductions", {})
    assert made.status == 201, made.body
    return waited(wire, f"/api/v1/reproductions/{made.json['id']}", lambda found: found["verdict"])


def certificate(wire: Wire, reproduction_id: str, folder: Path) -> tuple[Path, str]:
    """The certificate as a file, and the key that it names."""
    found = wire.json("GET", f"/api/v1/reproductions/{reproduction_id}/certificate").json
    path = folder / "certificate.json"
    path.write_text(json.dumps(found))
    return path, found["signatures"][0]["keyid"]


def test_a_training_makes_a_run_with_what_it_ran_with(wire: Wire, trained: dict[str, Any]) -> None:
    assert trained["state"] == "done", trained["reason"]
    run = wire.json("GET", f"/api/2.0/mlflow/runs/get?run_id={trained['run_id']}").json["run"]
    assert run["info"]["status"] == "FINISHED"
    assert {"key": "c", "value": "0.5"} in run["data"]["params"]
    assert {each["key"] for each in run["data"]["metrics"]} == {"accuracy", "log_loss"}
    listed = wire.json("GET", f"/api/2.0/mlflow/artifacts/list?run_id={trained['run_id']}&path=portal").json
    paths = [file["path"] for file in listed["files"]]
    assert paths == ["portal/machine.json", "portal/requirements.lock", "portal/specification.json"]


def test_a_version_is_trained_again_and_certified(
    wire: Wire,
    trained: dict[str, Any],
    client: MlflowClient,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    models = client.search_logged_models([client.get_run(trained["run_id"]).info.experiment_id])
    version = mlflow.register_model(f"models:/{models[0].model_id}", MODEL)
    found = reproduced(wire, int(version.version))
    assert found["verdict"] in ("identical", "within_tolerance"), found
    assert found["comparison"]["predictions"]["source"] == "evaluation data"
    assert found["comparison"]["predictions"]["rows"] == 40
    assert found["training"] != trained["id"]
    again = ended(wire, found["training"])
    assert again["run_id"] != trained["run_id"]
    assert again["environment_digest"] == trained["environment_digest"]
    path, key = certificate(wire, found["id"], tmp_path)
    files = mlflow.artifacts.download_artifacts(
        f"models:/{MODEL}/{version.version}", dst_path=str(tmp_path / "model")
    )
    (Path(files) / "registered_model_meta").unlink(missing_ok=True)  # the client writes it beside the model
    assert verify([str(path), "--key", key, "--model", files]) == 0
    assert found["verdict"] in capsys.readouterr().out
    altered = json.loads(path.read_text())
    payload = base64.b64decode(altered["payload"]).replace(found["verdict"].encode(), b"failed")
    path.write_text(json.dumps({**altered, "payload": base64.b64encode(payload).decode()}))
    assert verify([str(path), "--key", key]) == 1
    evidence = wire.json("GET", f"{VERSION}/{version.version}/evidence").json["items"]
    assert [each["outcome"] for each in evidence if each["kind"] == "reproduction"] == ["pass"]


def test_what_was_logged_from_elsewhere_is_not_attempted(
    wire: Wire, trained: dict[str, Any], client: MlflowClient, tmp_path: Path
) -> None:
    (tmp_path / "MLmodel").write_text("flavors: {}\n")
    run = client.create_run(client.get_run(trained["run_id"]).info.experiment_id)
    client.log_artifacts(run.info.run_id, str(tmp_path), "model")
    version = client.create_model_version(MODEL, f"runs:/{run.info.run_id}/model", run_id=run.info.run_id)
    waited(wire, f"/api/2.0/mlflow/model-versions/get?name={MODEL}&version={version.version}",
           lambda found: found["model_version"]["status"] == "READY")  # fmt: skip
    found = reproduced(wire, int(version.version))
    assert found["verdict"] == "not_attempted"
    assert "not made by a training" in found["why"]
