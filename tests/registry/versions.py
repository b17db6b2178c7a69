"""Versions made directly as rows, with real files in the artifact store."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.artifacts.locations import model_location, store_path
from experiments.artifacts.store import artifact_store
from experiments.models import Experiment, LoggedModel, Run
from experiments.services.digests import manifest_digest
from jobs.models import JobRun
from jobs.runner import run_job
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from registry.gate.queue import gate_job_enqueue
from registry.models import ModelVersion, RegisteredModel

ACTOR = Actor.system("test", actions=["jobs.job.enqueue"])
MLMODEL = b"""artifact_path: model
flavors:
  python_function: {loader_module: mlflow.sklearn, model_path: model.pkl, python_version: 3.11.4}
  sklearn: {pickled_model: model.pkl, serialization_format: cloudpickle, sklearn_version: 1.9.1}
mlflow_version: 3.17.2
model_id: m-0
signature:
  inputs: '[{"type": "double", "name": "age", "required": true}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
"""
REQUIREMENTS = b"mlflow==3.17.2\nscikit-learn==1.9.1\n"


def version_make(
    experiment: Experiment, files: Mapping[str, bytes], *, number: int = 1, run: Run | None = None,
    name: str = "fraud",
) -> ModelVersion:  # fmt: skip
    """A READY version of `fraud` with these files."""
    model, _ = RegisteredModel.objects.get_or_create(
        workspace=experiment.workspace, name=name,
        defaults={"creation_timestamp": 1, "last_updated_timestamp": 1},
    )  # fmt: skip
    model_id = f"m-{number:032x}"
    location = model_location(experiment.workspace_id, experiment.pk, model_id)
    logged = LoggedModel.objects.create(
        id=model_id, workspace=experiment.workspace, experiment=experiment, name=name, source_run=run,
        artifact_location=location, status="LOGGED_MODEL_READY", creation_timestamp=1, last_updated_timestamp=1,
    )  # fmt: skip
    for path, content in files.items():
        artifact_store().put(f"{store_path(location)}/{path}", iter([content]), size=len(content))
    manifest: list[dict[str, Any]] = [
        {"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in sorted(files.items())
    ]
    return ModelVersion.objects.create(
        workspace=experiment.workspace, model=model, version=number, source=location, artifact_location=location,
        logged_model=logged, run=run, status="READY", digest=manifest_digest(manifest), manifest=manifest,
        ready_at=now(), creation_timestamp=1, last_updated_timestamp=1,
    )  # fmt: skip


def folder_of(version: ModelVersion, root: str) -> Path:
    """Where the files of a version lie, when the store is a local folder."""
    return Path(root, store_path(version.artifact_location))


def done(version: ModelVersion, kind: str) -> JobRun:
    """The job of a kind about a version, after one attempt."""
    run = gate_job_enqueue(ACTOR, version, kind)
    run_job(run.pk)
    run.refresh_from_db()
    return run
