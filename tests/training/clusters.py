"""What the tests of executors share: a small program, and how a cluster looks from the portal."""

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.live.portal import Portal
from tests.live.wire import Wire
from tests.training.live import waited

Spec = dict[str, Any]
GO = Path(tempfile.gettempdir())
SECRET = "open-sesame-0123456789"
TINY = Path(__file__).parent / "tiny"
KEEP = """
import sys, django; django.setup()
from pathlib import Path
from portal.accounts.models import Workspace
from training.work.code import snapshot_keep
print(snapshot_keep(Workspace.objects.get(name="credit").pk, Path(sys.argv[1]), source="upload").pk)
"""


def tiny_on(portal: Portal, executor: str) -> Callable[..., Spec]:
    """`made(mark, *words)` is a specification that runs `tiny/work.py` with these words."""
    with portal.wire("ann") as ann:
        assert ann.json("PUT", "/api/v1/workspaces/credit/secrets/door", {"value": SECRET}).status == 200
    code = portal.run("-c", KEEP, str(TINY)).split()[-1]

    def made(mark: str, *words: str) -> Spec:
        return {
            "experiment": "on clusters", "command": " ".join(["python", "work.py", mark, str(GO), *words]),
            "code": {"snapshot": code}, "outputs": {"report": {}}, "limits": {"timeout": "3m"},
            "environment": {"requirements": [], "secrets": {"DOOR": "door"}}, "executor": executor,
        }  # fmt: skip

    return made


def go(mark: str) -> None:
    """Tell the program that waits to end."""
    (GO / f"portal-go-{mark}").touch()


def log_of(wire: Wire, training: Spec) -> str:
    return wire.send("GET", f"/api/v1/jobs/{training['job']}/logs").body.decode()


def run_of(wire: Wire, training: Spec) -> Spec:
    run: Spec = wire.json("GET", f"/api/2.0/mlflow/runs/get?run_id={training['run_id']}").json["run"]
    return run


def until_log(wire: Wire, training_id: str, text: str, seconds: float = 120) -> Spec:
    """The training when its log says so."""

    def has_said(found: Spec) -> bool:
        assert found["state"] not in ("failed", "cancelled"), found["reason"]
        return text in log_of(wire, found)

    return waited(wire, f"/api/v1/training-jobs/{training_id}", has_said, seconds)


def processes_of(mark: str) -> list[int]:
    """The processes on this machine whose command line names the mark."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def key_of(training_id: str, attempt: int = 1) -> str:
    """The name of the submission of an attempt."""
    return f"{training_id.replace('-', '')}-{attempt}"
