"""Datasets made directly, and calls with files."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from experiments.artifacts.locations import run_location
from experiments.data.keeping import files_keep
from experiments.models import DatasetVersion, Experiment, Run
from experiments.services.dataset_versions import NewVersion, dataset_register
from portal.accounts.actor import Actor
from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7

CSV = b"age,income,segment\n31,4000.5,a\n44,,b\n52,3100.0,a\n"


@pytest.fixture(autouse=True)
def own_store(settings: Any, tmp_path: Any, fresh_cache: None) -> None:
    settings.ARTIFACT_ROOT = str(tmp_path / "artifacts")


@pytest.fixture
def dataset(workspace: Workspace, ann: User) -> Callable[..., DatasetVersion]:
    """`dataset("applicants", {"a.csv": b"…"})` is a version of that name."""

    def make(name: str = "applicants", files: dict[str, bytes] | None = None, **said: Any) -> DatasetVersion:
        kept = files_keep(
            workspace.pk, [(path, BytesIO(body)) for path, body in (files or {"a.csv": CSV}).items()]
        )
        new = NewVersion(
            digest=kept.digest, path=kept.path, manifest=kept.manifest, size_bytes=kept.size_bytes, **said
        )
        return dataset_register(
            actor=Actor.of_user(ann, request_id="test"), workspace=workspace, name=name, new=new
        )

    return make


@pytest.fixture
def send(token_for: Callable[..., str]) -> Callable[..., Any]:
    """`send(ann, "applicants", {"a.csv": b"…"}, role="train")` is the answer to an upload."""

    def call(user: User, name: str, files: dict[str, bytes], **fields: Any) -> Any:
        client = Client(headers={"Authorization": f"Bearer {token_for(user)}"})
        parts = [SimpleUploadedFile(path, body) for path, body in files.items()]
        return client.post(f"/api/v1/datasets/credit/{name}/versions", {"files": parts, **fields})

    return call


@pytest.fixture
def new_run(experiment: Experiment) -> Callable[..., Run]:
    """Makes a run directly."""

    def make(**fields: Any) -> Run:
        run_id = uuid7()
        where = run_location(experiment.workspace_id, experiment.pk, run_id)
        values = {"name": "first", "status": "RUNNING", "start_time": 1_000, "artifact_uri": where, **fields}
        return Run.objects.create(id=run_id, experiment=experiment, workspace=experiment.workspace, **values)

    return make
