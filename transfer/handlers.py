"""The job that imports: the same command as an operator's, in a process of its own, as whoever asked for it."""

import datetime as dt
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from jobs.errors import NothingToDo, Permanent, Transient
from jobs.models import JobRun
from jobs.process.command import Command, Exit, Limits
from jobs.process.run import run_command
from jobs.registry import job
from jobs.secrets import secret_values
from jobs.step import JobStep
from portal.accounts.actor import Actor
from transfer.selectors import IMPORT_JOB
from transfer.services.requests import MLRUNS, SERVER, TENSORBOARD, Wish
from transfer.uploads import archive_drop, archive_unpack

LIMITS = Limits(seconds=24 * 3600, memory_bytes=4 * 1024**3, processes=100)
LISTED = 200
# What the command says it by: the other side cannot be read; what came differs from it.
_UNREADABLE, _DIFFERENT = 2, 3
_COMMANDS = {SERVER: "import_mlflow", MLRUNS: "import_mlflow"}
# Nothing of these reaches the command: what the worker itself knows of MLflow, and where its own requests go through.
_KEPT_BACK = ("MLFLOW_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


def _ended(*, actor: Actor, run: JobRun, state: str) -> None:
    """The archive of an import goes when its job has ended, however it did."""
    path = run.args.get("wish", {}).get("archive", "")
    if path:
        transaction.on_commit(partial(archive_drop, path), robust=True)


@job(
    IMPORT_JOB, actions=["jobs.progress.report"], max_attempts=3, retry_after=dt.timedelta(seconds=30),
    restartable=True, time_limit=dt.timedelta(days=3), ended=_ended,
)  # fmt: skip
def import_source(step: JobStep, *, wish: dict[str, Any]) -> dict[str, Any]:
    """Bring over what a tracking server or an archive holds. Killed and run again, it goes on where it was."""
    wanted, run = Wish(**wish), step.run
    if run.created_by is None or run.workspace is None:
        raise NothingToDo("Nobody asked for this import.")
    secrets = _secrets(run.workspace.pk, wanted)
    with tempfile.TemporaryDirectory(prefix="import-") as name:
        folder = Path(name)
        place = (
            str(_inner(archive_unpack(wanted.archive, folder), wanted.kind)) if wanted.archive else wanted.uri
        )
        report = folder / "report.json"
        words = _words(wanted, place, report)
        command = Command(
            argv=(sys.executable, "manage.py", *words, "--workspace", run.workspace.name, "--as",
                  run.created_by.username, "--job", str(run.pk)),
            cwd=Path(settings.BASE_DIR), env=_environment(folder, wanted), limits=LIMITS, secrets=secrets,
        )  # fmt: skip
        return _facts(run_command(step, command, label=words[0]), report, wanted, place)


def _inner(root: Path, kind: str) -> Path:
    """Archives are often of one folder that holds the rest; one of event files or of an experiment is meant itself."""
    inside = list(root.iterdir())
    is_wrapped = len(inside) == 1 and inside[0].is_dir() and not (inside[0] / "meta.yaml").exists()
    return inside[0] if is_wrapped and kind != TENSORBOARD else root


def _words(wish: Wish, place: str, report: Path) -> list[str]:
    words = [_COMMANDS.get(wish.kind, f"import_{wish.kind}"), place, "--report", str(report)]
    words += ["--experiment", wish.experiment] if wish.experiment else []
    words += ["--origin", f"upload:{wish.origin}"] if wish.kind != SERVER else []
    words += ["--merge"] if wish.merge else []
    words += [] if wish.with_files else ["--no-files"]
    words += ["--no-registry"] if words[0] == "import_mlflow" and not wish.with_registry else []
    return words


def _secrets(workspace_id: int, wish: Wish) -> Mapping[str, str]:
    if not wish.secret:
        return {}
    value = secret_values(workspace_id, [wish.secret])[wish.secret]
    return {"MLFLOW_TRACKING_PASSWORD" if wish.username else "MLFLOW_TRACKING_TOKEN": value}


def _environment(folder: Path, wish: Wish) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_KEPT_BACK)}
    kept |= {"MLFLOW_TRACKING_USERNAME": wish.username} if wish.username else {}
    return {**kept, "TMPDIR": str(folder), "MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONUNBUFFERED": "1"}


def _facts(ended: Exit, report: Path, wish: Wish, place: str) -> dict[str, Any]:
    """What the command reports, with the first entries of its lists. Raises Permanent or Transient where it failed.

    A server may be there again later; an archive stays what it is.
    """
    if ended.code not in (0, _DIFFERENT) or not report.is_file():
        said = ended.tail.strip().splitlines()[-1:] or [f"it ended by {ended.cause}"]
        why = said[0].removeprefix("CommandError: ").replace(place, wish.uri or wish.origin)[:1000]
        raise Transient(why) if ended.code == _UNREADABLE and wish.kind == SERVER else Permanent(why)
    facts: dict[str, Any] = json.loads(report.read_bytes())
    for name in ("left_out", "wrong"):
        facts[f"{name}_count"], facts[name] = len(facts[name]), facts[name][:LISTED]
    return facts
