"""A model measured for real: data uploaded, read and checked, a model logged by plain mlflow, and its evaluation."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.live.portal import Portal
from tests.live.wire import Wire
from tests.training.live import dataset_uploaded, waited

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]
LOG_MODELS = """
import sys
import mlflow, pandas
from sklearn.linear_model import LogisticRegression
table = pandas.read_csv(sys.stdin)
for columns in (["age"], ["age", "income"]):
    with mlflow.start_run():
        mlflow.log_input(mlflow.data.from_pandas(table, name="loans"), context="training")
        model = LogisticRegression().fit(table[columns], table["default"])
        mlflow.sklearn.log_model(model, name="model", input_example=table[columns].head(2),
            registered_model_name="scorer", pip_requirements=["scikit-learn", "pandas", "skops"])
with mlflow.start_run():
    mlflow.pyfunc.log_model(name="model", python_model="forger.py", input_example=table[["age"]].head(2),
        registered_model_name="scorer", pip_requirements=["scikit-learn", "pandas", "skops"])
mlflow.MlflowClient().set_registered_model_alias("scorer", "champion", 1)
"""
# Says the same of everybody, and does all it can to look good.
FORGER = """
import json, os, subprocess, sys
from pathlib import Path
import mlflow, numpy, sklearn.metrics

REPORT = {"task": "classification", "target": "default", "rows": 200, "metrics": {"accuracy_score": 1.0}, "slices": [],
          "fairness": [], "problems": []}
WRITER = ("import sys, time\\nwhile True:\\n    time.sleep(0.002)\\n"
          "    for each in sys.argv[2:]: open(each, 'w').write(sys.argv[1])")

class Forger(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input):
        if "PORTAL_OUTPUT_ANSWERS" not in os.environ:
            return numpy.zeros(len(model_input), dtype=int)
        forge()
        given = {each.name for each in Path("../inputs").iterdir()}
        sees = given != {"model"} or any("TOKEN" in key for key in os.environ)
        return numpy.full(len(model_input), int(sees))

def forge():
    sklearn.metrics.accuracy_score = lambda *given, **more: 1.0
    outputs, found = Path(os.environ["PORTAL_OUTPUT_ANSWERS"]), []
    for folder in (outputs, outputs.parent / "report", outputs.parent, Path("../measuring/outputs"), Path.cwd()):
        folder.mkdir(parents=True, exist_ok=True)
        found.append(str(folder / "report.json"))
        Path(found[-1]).write_text(json.dumps(REPORT))
    numpy.savez(outputs / "champion-rows.npz", predicted=numpy.ones(200))
    (Path.home() / "usercustomize.py").write_text("raise SystemExit(0)")
    subprocess.Popen([sys.executable, "-c", WRITER, json.dumps(REPORT), *found], start_new_session=True)

mlflow.models.set_model(Forger())
"""
RULES = {
    "columns": {
        "age": {"type": "int", "min": 20},
        "segment": {"allowed": ["a", "b"]},
        "income": {"max": 100},
    },
    "rows": {"min": 200},
}


@pytest.fixture(scope="module")
def wire(portal_server: Portal) -> Iterator[Wire]:
    with portal_server.worker(), portal_server.wire("eve") as wire:
        yield wire


def table_made() -> bytes:
    """200 loans; the young and poor default, and one in ten of the others."""
    luck, lines = random.Random(1), ["age,income,segment,sex,default"]  # noqa: S311 - no secret
    for number in range(200):
        age, income = luck.randint(20, 70), round(luck.gauss(3000, 800), 2)
        falls = (age < 40 and income < 3200) or luck.random() < 0.1
        lines.append(f"{age},{income},{'ab'[number % 3 % 2]},{luck.choice('fm')},{int(falls)}")
    return "\n".join(lines).encode()


def models_log(portal: Portal, table: bytes) -> None:
    """Log and register two models by a client that knows nothing of this repository."""
    env = {"PATH": os.environ["PATH"], "MLFLOW_TRACKING_URI": portal.uri, "MLFLOW_TRACKING_TOKEN": portal.token("eve"),
           "HOME": str(portal.folder)}  # fmt: skip
    (portal.folder / "forger.py").write_text(FORGER)
    done = subprocess.run(
        [sys.executable, "-c", LOG_MODELS],
        env=env,
        input=table,
        capture_output=True,
        check=False,
        cwd=portal.folder,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_a_model_is_measured_on_a_dataset_version(portal_server: Portal, wire: Wire) -> None:
    table = table_made()
    assert dataset_uploaded(wire, "loans", {"loans.csv": table}) == 1
    dataset_uploaded(wire, "broken", {"broken.parquet": b"PAR1 no table"})
    models_log(portal_server, table)
    checked = wire.json("POST", "/api/v1/datasets/credit/loans/versions/1/checks", {"rules": RULES})
    assert checked.status == 201, checked.body
    for number in (1, 2, 3):
        waited(
            wire,
            f"/api/v1/registered-models/scorer/versions/{number}",
            lambda found: found["status"] == "READY",
        )
    wish = {
        "workspace": "credit", "model": "scorer", "version": 2, "dataset": "loans", "target": "default",
        "slices": ["segment", "age", "nothing"], "sensitive": ["sex"],
        "thresholds": [{"metric": "accuracy_score", "min": 0.7}],
    }  # fmt: skip
    asked = wire.json("POST", "/api/v1/model-evaluations", wish)
    assert asked.status == 201, asked.body
    forged = wire.json("POST", "/api/v1/model-evaluations", {**wish, "version": 3, "explain": False})
    _profile_holds(wire)
    _check_holds(wire, checked.json["id"])
    _report_holds(wire, asked.json["id"])
    _forger_is_measured(wire, forged.json["id"], table)


def _profile_holds(wire: Wire) -> None:
    path = "/api/v1/datasets/credit/{}/versions/1"
    found = waited(wire, path.format("loans"), lambda found: found["read_at"] is not None)
    assert (found["row_count"], found["problem"]) == (200, "")
    assert [column["name"] for column in found["schema"]] == ["age", "income", "segment", "sex", "default"]
    broken = waited(wire, path.format("broken"), lambda found: found["read_at"] is not None)
    assert "Parquet" in broken["problem"]
    graph = wire.json("GET", f"/api/v1/lineage?node=registered-data:{found['id']}").json
    assert {"registered-data", "dataset", "run", "version"} <= {node["kind"] for node in graph["nodes"]}, (
        graph
    )


def _check_holds(wire: Wire, check_id: str) -> None:
    found = waited(wire, f"/api/v1/data-checks/{check_id}", lambda found: found["outcome"])
    failed = [(each["column"], each["rule"]) for each in found["results"] if not each["passed"]]
    assert (found["outcome"], failed) == ("fail", [("income", "max")]), found


def _report_holds(wire: Wire, evaluation_id: str) -> None:
    found: dict[str, Any] = waited(
        wire, f"/api/v1/model-evaluations/{evaluation_id}", lambda found: found["ended_at"], seconds=300
    )
    assert found["state"] == "done", found["reason"]
    report = found["report"]
    assert found["outcome"] == "pass"
    assert report["problems"] == ["slices: the data has no column nothing"]
    assert report["metrics"]["example_count"] == 200
    assert [group["count"] for group in report["slices"][0]["groups"]] == [133, 67]
    assert "equalized_odds_difference" in report["fairness"][0]["gaps"]
    assert {each["column"] for each in report["explanation"]["columns"]} == {"age", "income"}
    assert found["champion_version"] == 1
    assert report["champion"]["differences"]["accuracy_score"] > -0.1
    run = wire.json("GET", f"/api/2.0/mlflow/runs/get?run_id={found['run_id']}").json["run"]
    assert run["info"]["status"] == "FINISHED"
    assert {"accuracy_score", "roc_auc"} <= {each["key"] for each in run["data"]["metrics"]}
    assert run["inputs"]["dataset_inputs"][0]["dataset"]["name"] == "loans"
    kept = wire.json("GET", f"/api/2.0/mlflow/artifacts/list?run_id={found['run_id']}&path=evaluation").json
    assert [file["path"] for file in kept["files"]] == ["evaluation/report.json"]
    path = "/api/v1/workspaces/credit/registered-models/scorer/versions/2/evidence?kind=evaluation"
    evidence = wire.json("GET", path).json["items"]
    assert [each["id"] for each in evidence] == [found["evidence"]]


def _forger_is_measured(wire: Wire, evaluation_id: str, table: bytes) -> None:
    """Its figures are those of what it answered, and the champion's are those of the champion."""
    found: dict[str, Any] = waited(
        wire, f"/api/v1/model-evaluations/{evaluation_id}", lambda found: found["ended_at"], seconds=120
    )
    assert found["state"] == "done", found["reason"]
    report, share = found["report"], sum(line.endswith(b",0") for line in table.splitlines()) / 200
    assert report["metrics"]["accuracy_score"] == pytest.approx(share)
    assert report["metrics"]["balanced_accuracy_score"] == 0.5
    assert len(report["slices"]) == 2
    assert 0.6 < report["champion"]["metrics"]["accuracy_score"] < 1
