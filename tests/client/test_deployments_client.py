"""MLflow's deployments client with the portal's plugin, installed from the wheel that the portal hands out."""

import json
import os
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from tests.client.test_gate import WORK, registered
from tests.live.portal import Portal

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]
WHEEL = "/cli/portal_mlflow-1.0.0-py3-none-any.whl"
SCRIPT = """
import json, sys
from mlflow.deployments import get_deploy_client
from mlflow.exceptions import MlflowException
client = get_deploy_client(sys.argv[1])
where = {"workspace": "credit", "environment": "staging", "wait": 0, "strategy": "canary", "steps": "10:60,100"}
said = {"made": client.create_deployment("plugged", "models:/plugged/1", config=where)}
said["again"] = client.update_deployment("plugged", "models:/plugged/1", config={"wait": 0, "reason": "again"})
said["listed"] = [each["name"] for each in client.list_deployments()]
said["one"] = client.get_deployment("plugged")
said["refused"] = {}
for name, act in {
    "unknown version": lambda: client.create_deployment("plugged", "models:/plugged/9", config={"wait": 0}),
    "no version": lambda: client.create_deployment("plugged", "runs:/x/y", config={"wait": 0}),
    "unknown endpoint": lambda: client.get_endpoint("nowhere"),
    "taken": lambda: client.create_endpoint("plugged", {"workspace": "credit"}),
}.items():
    try:
        act()
    except MlflowException as no:
        said["refused"][name] = no.error_code
client.delete_endpoint("plugged")
said["left"] = client.list_endpoints()
print(json.dumps(said, default=str))
"""


@pytest.fixture
def plugged(portal: Portal, tmp_path: Path) -> Path:
    """A folder with the plugin as an installer unpacks it."""
    with portal.wire("ann") as wire:
        zipfile.ZipFile(BytesIO(wire.send("GET", WHEEL).body)).extractall(tmp_path)
    return tmp_path


def said(plugged: Path, portal: Portal, target: str) -> dict[str, Any]:
    env = os.environ | {
        "PYTHONPATH": str(plugged), "MLFLOW_TRACKING_URI": portal.uri, "MLFLOW_TRACKING_TOKEN": portal.token("ann"),
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, target],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        cwd=plugged,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_version_is_deployed_from_mlflow(ann: str, portal: Portal, plugged: Path) -> None:
    features, labels = load_iris(return_X_y=True, as_frame=True)
    registered(LogisticRegression(max_iter=200).fit(features, labels), "plugged", "skops")
    portal.run("-c", WORK)
    found = said(plugged, portal, "portal")
    assert (found["made"]["number"], found["made"]["version"], found["again"]["number"]) == (1, 1, 2)
    assert found["one"]["environment"] == "staging"
    assert found["one"]["invocations_url"].endswith("/endpoints/plugged/invocations")
    assert "plugged" in found["listed"]
    assert found["refused"] == {
        "unknown version": "RESOURCE_DOES_NOT_EXIST", "no version": "INVALID_PARAMETER_VALUE",
        "unknown endpoint": "RESOURCE_DOES_NOT_EXIST", "taken": "RESOURCE_CONFLICT",
    }  # fmt: skip
    assert found["left"] == []
    assert said(plugged, portal, f"portal://127.0.0.1:{portal.port}")["made"]["number"] == 1
