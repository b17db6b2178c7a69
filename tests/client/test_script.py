"""A whole script in a process of its own, with two variables in its environment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.portal import Portal

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]


def test_a_training_script_needs_an_address_and_a_token(portal: Portal, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("train.py"))],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "MLFLOW_TRACKING_URI": portal.uri,
            "MLFLOW_TRACKING_TOKEN": portal.token("eve"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "best " in done.stdout
    assert "View run alpha 0.0001 at: " in done.stdout
    with portal.wire("bob") as wire:
        found = wire.json(
            "GET", "/api/2.0/mlflow/experiments/get-by-name?experiment_name=Diabetes%20progression"
        )
        search = {
            "experiment_ids": [found.json["experiment"]["experiment_id"]],
            "order_by": ["metrics.r2 DESC"],
        }
        runs = wire.json("POST", "/api/2.0/mlflow/runs/search", search).json["runs"]
    assert [run["info"]["status"] for run in runs] == ["FINISHED", "FINISHED"]
    assert all(len(run["outputs"]["model_outputs"]) == 1 for run in runs)
