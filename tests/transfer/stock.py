"""A stock `mlflow server` on SQLite with artifacts that it serves, and what people would have in one."""

import math
import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelStatus, Metric, Param, RunTag
from mlflow.entities.logged_model_input import LoggedModelInput
from mlflow.entities.logged_model_output import LoggedModelOutput

from tests.live.processes import Server, free_port

LONG_KEY = "ключ-" + "ö" * 240  # 245 characters, some 490 bytes
BIG = os.urandom(7 * 1024 * 1024)


class SqliteStock:
    """A server as somebody starts it on a laptop."""

    def __init__(self, folder: Path, *, workers: int = 1) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.port = folder, free_port()
        self.database = f"sqlite:///{folder}/mlflow.db"
        self.artifacts = folder / "artifacts"
        program = shutil.which("mlflow", path=str(Path(sys.executable).parent)) or "mlflow"
        ours = ("MLFLOW_", "DJANGO_", "DATABASE_URL", "REDIS_URL", "PYTEST_")
        env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        self.server = Server(
            [program, "server", "--host", "127.0.0.1", "--port", str(self.port), "--workers", str(workers),
             "--backend-store-uri", self.database, "--serve-artifacts", "--artifacts-destination", str(self.artifacts)],
            port=self.port, log=folder / "server.log",
            env=env | {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}, cwd=folder,
            health="/health",
        )  # fmt: skip

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ready(self) -> "SqliteStock":
        self.server.wait_until_up()
        return self

    def close(self) -> None:
        self.server.stop()


def fill(uri: str, folder: Path) -> SimpleNamespace:
    """Nested runs, all lifecycles, odd numbers and names, files, logged models, a registry with aliases, a prompt."""
    client = MlflowClient(tracking_uri=uri, registry_uri=uri)
    ids: dict[str, Any] = {}
    experiment = client.create_experiment(
        "Кредит: scoring", tags={"team": "риск", "mlflow.note.content": "# Notes\n"}
    )
    gone = client.create_experiment("given up")
    ids["parent"] = _run(client, experiment, "parent", status="FINISHED")
    ids["child"] = _run(client, experiment, "child", status="FAILED", parent=ids["parent"])
    ids["running"] = _run(client, experiment, "still on", status=None)
    ids["deleted"] = _run(client, experiment, "deleted", status="KILLED")
    ids["given_up"] = _run(client, gone, "in a deleted experiment", status="FINISHED")
    _histories(client, ids["parent"])
    _files(client, ids["parent"], folder)
    client.log_artifact(ids["child"], str(_file(folder / "notes.txt", b"of the child\n")))
    client.log_artifact(ids["deleted"], str(_file(folder / "last words.txt", b"of the deleted\n")))
    ids["model"] = _logged_model(client, experiment, ids["parent"], folder)
    _inputs(client, ids)
    _registry(client, ids, folder)
    client.delete_run(ids["deleted"])
    client.delete_experiment(gone)
    return SimpleNamespace(**ids, experiment=experiment, gone=gone)


def _run(
    client: MlflowClient, experiment: str, name: str, *, status: str | None, parent: str | None = None
) -> str:
    tags = {"mlflow.user": "jürgen", "mlflow.source.git.commit": "0" * 40}
    if parent:
        tags["mlflow.parentRunId"] = parent
    run_id = client.create_run(experiment, start_time=1_700_000_000_000, tags=tags, run_name=name).info.run_id
    params = [Param("lr", "0.01"), Param("depth/max", "7"), Param(LONG_KEY, "ж" * 3000)]
    client.log_batch(run_id, metrics=[Metric("loss", 0.5, 1_700_000_000_100, 0)], params=params,
                     tags=[RunTag("note", "zwei\nZeilen — „ja“"), RunTag(LONG_KEY, "")])  # fmt: skip
    if status:
        client.set_terminated(run_id, status=status, end_time=1_700_000_900_000)
    return run_id


def _histories(client: MlflowClient, run_id: str) -> None:
    """Long, with equal steps and times, falling steps, NaN and infinity, and a long name."""
    batches = [
        [
            Metric("long", math.sin(step), 1_700_000_000_000 + step, step)
            for step in range(start, start + 1000)
        ]
        for start in range(0, 3000, 1000)
    ]
    odd = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1e-320, 1.7976931348623157e308]
    batches.append([Metric("odd", value, 1_700_000_000_000, 3) for value in odd])
    batches.append(
        [Metric("falling", float(step), 1_700_000_000_000 + 7 * step % 5, 9 - step) for step in range(9)]
    )
    batches.append([Metric("precision at k/10", 0.25, 1_700_000_000_000, -5), Metric(LONG_KEY, 1.0, 1, 1)])
    for batch in batches:
        client.log_batch(run_id, metrics=batch)


def _file(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _files(client: MlflowClient, run_id: str, folder: Path) -> None:
    client.log_artifact(run_id, str(_file(folder / "big.bin", BIG)), "data/großes")
    client.log_artifact(run_id, str(_file(folder / "empty", b"")), "data")
    old = _file(folder / "old-model" / "MLmodel", b"flavors: {}\n").parent
    _file(old / "weights.bin", b"\x00\x01" * 1000)
    client.log_artifacts(run_id, str(old), "old-model")


def _logged_model(client: MlflowClient, experiment: str, run_id: str, folder: Path) -> str:
    model = client.create_logged_model(
        experiment,
        name="forest",
        source_run_id=run_id,
        tags={"kind": "baum"},
        params={"trees": "10"},
        model_type="agent",
    )
    client.log_model_artifacts(
        model.model_id, str(_file(folder / "model" / "MLmodel", b"flavors: {x: 1}\n").parent)
    )
    client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
    client.log_metric(run_id, "auc", 0.91, timestamp=1_700_000_000_500, step=1, model_id=model.model_id,
                      dataset_name="train", dataset_digest="abc123")  # fmt: skip
    return model.model_id


def _inputs(client: MlflowClient, ids: dict[str, Any]) -> None:
    dataset = Dataset(
        "train", "abc123", "local", '{"uri": "s3://b/train.csv"}', schema="{}", profile='{"rows": 3}'
    )
    tags = [InputTag("mlflow.data.context", "training")]
    client.log_inputs(ids["parent"], [DatasetInput(dataset, tags)])
    client.log_outputs(ids["parent"], [LoggedModelOutput(ids["model"], step=2)])
    client.log_inputs(ids["child"], None, [LoggedModelInput(ids["model"])])


def _registry(client: MlflowClient, ids: dict[str, Any], folder: Path) -> None:
    client.create_registered_model("fraud", tags={"owner": "риск"}, description="Finds *fraud*.")
    client.create_model_version("fraud", f"models:/{ids['model']}", run_id=ids["parent"], tags={"v": "1"},
                                description="first", model_id=ids["model"])  # fmt: skip
    client.create_model_version("fraud", f"runs:/{ids['child']}/nothing", run_id=ids["child"])
    run = client.get_run(ids["parent"])
    client.create_model_version("fraud", f"{run.info.artifact_uri}/old-model", run_id=ids["parent"])
    client.create_model_version("fraud", f"{run.info.artifact_uri}/old-model", run_id=ids["parent"])
    client.delete_model_version("fraud", "3")
    client.set_registered_model_alias("fraud", "champion", "1")
    client.set_registered_model_alias("fraud", "challenger", "4")
    client.set_registered_model_alias("fraud", "broken", "2")
    client.register_prompt("greeting", "Say {{ hello }} to {{ name }}.", tags={"tone": "warm"})
    client.set_prompt_alias("greeting", "live", 1)
