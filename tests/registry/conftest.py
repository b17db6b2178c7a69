"""Versions for the tests of the registry."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from experiments.models import Experiment, Run
from jobs import heartbeat
from jobs.registry import JOB_KINDS
from registry.models import ModelVersion
from tests.experiments.conftest import caller, new_run, run
from tests.experiments.tracking import Client
from tests.registry.registering import model_new, ready
from tests.registry.versions import version_make

__all__ = ["caller", "new_run", "run"]


@pytest.fixture
def store(settings: Any, tmp_path: Path) -> str:
    """An artifact store of the test's own."""
    settings.ARTIFACT_ROOT = str(tmp_path / "artifacts")
    return str(settings.ARTIFACT_ROOT)


@pytest.fixture
def version_of(experiment: Experiment, store: str) -> Callable[..., ModelVersion]:
    """`version_of(files)` is a READY version of `fraud` with these files."""
    return lambda files, **given: version_make(experiment, files, **given)


@pytest.fixture
def fraud(caller: Callable[[str], Client], run: Run, store: str) -> list[ModelVersion]:
    """Two READY versions of `fraud`, registered by cora."""
    client = caller("cora")
    model_new(client)
    return [ready(client, run, folder=folder) for folder in ("one", "two")]


@pytest.fixture(autouse=True)
def patient_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A heartbeat does not see a job whose row is not committed: here the first lease lasts for all of the work."""
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 600.0)
    for name, kind in list(JOB_KINDS.items()):
        if name.startswith("registry."):
            monkeypatch.setitem(JOB_KINDS, name, replace(kind, lease=timedelta(hours=2)))
