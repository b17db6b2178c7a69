"""Attempts that run commands in the process of the test."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobs import transitions
from jobs.heartbeat import Heartbeat
from jobs.models import JobRun
from jobs.process.command import Command, Exit, Limits
from jobs.process.run import run_command
from jobs.queue import enqueue
from jobs.registry import kind_get
from jobs.step import JobStep
from portal.accounts.models import Workspace
from tests.jobs.live import ACTOR

PATH = "/usr/bin:/bin"


@pytest.fixture
def step(workspace: Workspace, settings: Any, tmp_path: Path) -> JobStep:
    """An attempt that is claimed and never beats: its lease is long enough for a test."""
    settings.ARTIFACT_ROOT, settings.JOBS_SPOOL = str(tmp_path / "artifacts"), str(tmp_path / "spool")
    run = enqueue("faults.returns", key="k", args={"value": 1}, actor=ACTOR, workspace_id=workspace.pk)
    claimed = transitions.claim(run.pk, "tester:1")
    assert isinstance(claimed, JobRun)
    kind = kind_get(claimed.kind)
    return JobStep(claimed, kind, Heartbeat(claimed.pk, claimed.attempt, kind.lease))


@pytest.fixture
def shell(step: JobStep, tmp_path: Path) -> Callable[..., Exit]:
    """`shell(script, secrets={…}, seconds=1)` runs a script with limits."""

    def run(script: str, *, secrets: dict[str, str] | None = None, label: str = "", **limits: Any) -> Exit:
        command = Command(("sh", "-c", script), tmp_path, {"PATH": PATH}, Limits(**limits), secrets or {})
        return run_command(step, command, label=label)

    return run
