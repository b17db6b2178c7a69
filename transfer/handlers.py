"""The job that imports: the same command as an operator's, in a process of its own, as whoever asked for it."""

import datetime as dt
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from jobs.errors import NothingToDo, Permanent, Transient
from jobs.models import ACTIVE_STATES, DONE, JobRun
from jobs.process.command import Command, Exit, Limits
from jobs.process.run import run_command
from jobs.registry import job
from jobs.secrets import secret_values
from jobs.step import JobStep
from portal.accounts.actor import Actor
from transfer.models import IN, MLFLOW, TENSORBOARD, Peer
from transfer.selectors import IMPORT_JOB
from transfer.services.half_runs import SET_ASIDE, half_runs, half_runs_set_aside
from transfer.services.requests import MLRUNS, SERVER, Wish
from transfer.sources.addresses import address_of
from transfer.uploads import archive_drop, archive_unpack

LIMITS = Limits(seconds=24 * 3600, memory_bytes=4 * 1024**3, processes=100)
LISTED = 200
# What the command says it by: the other side cannot be read; what came differs from it.
_UNREADABLE, _DIFFERENT = 2, 3
_OF_MLFLOW = (SERVER, MLRUNS)
# Nothing of these reaches the command: what the worker itself knows of MLflow, and where its own requests go through.
_KEPT_BACK = ("MLFLOW_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


def _ended(*, actor: Actor, run: JobRun, state: str) -> None:
    """The archive goes however the job has ended; runs that came in part are set aside where it is not done."""
    wish = Wish(**run.args["wish"])
    if wish.archive:
        transaction.on_commit(partial(archive_drop, wish.archive), robust=True)
    for peer in [] if state == DONE else _peers(run, wish):
        if half_runs(peer).exists():
            half_runs_set_aside(actor=actor, peer=peer)


def _peers(run: JobRun, wish: Wish) -> list[Peer]:
    """The source, if the import came as far as reading it."""
    kind = MLFLOW if wish.kind in _OF_MLFLOW else wish.kind
    address = address_of(wish.uri) if wish.kind == SERVER else _upload(wish)
    return list(Peer.objects.filter(workspace=run.workspace_id, direction=IN, kind=kind, address=address))


@job(
    IMPORT_JOB, actions=["jobs.progress.report", SET_ASIDE], max_attempts=3, retry_after=dt.timedelta(seconds=30),
    restartable=True, time_limit=dt.timedelta(days=3), ended=_ended,
)  # fmt: skip
def import_source(step: JobStep, *, wish: dict[str, Any]) -> dict[str, Any]:
    """Bring over what a tracking server or an archive holds. Killed and run again, it goes on where it was."""
    wanted, run = Wish(**wish), step.run
    if run.created_by is None or run.workspace is None:
        raise NothingToDo("Nobody asked for this import.")
    secrets = _secrets(run.workspace.pk, wanted)
    with _folder(run) as folder:
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


@contextmanager
def _folder(run: JobRun) -> Iterator[Path]:
    """A folder of this attempt. What killed ones left on this machine goes first, theirs and those of ended jobs."""
    root = Path(settings.JOBS_DIR) / "imports"
    for left in root.iterdir() if root.is_dir() else ():
        others = JobRun.objects.filter(pk=UUID(left.name), state__in=ACTIVE_STATES).exclude(pk=run.pk)
        if not others.exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = root / run.pk.hex
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _inner(root: Path, kind: str) -> Path:
    """Archives are often of one folder that holds the rest; one of event files or of an experiment is meant itself."""
    inside = list(root.iterdir())
    is_wrapped = len(inside) == 1 and inside[0].is_dir() and not (inside[0] / "meta.yaml").exists()
    return inside[0] if is_wrapped and kind != TENSORBOARD else root


def _words(wish: Wish, place: str, report: Path) -> list[str]:
    words = [
        "import_mlflow" if wish.kind in _OF_MLFLOW else f"import_{wish.kind}",
        place,
        "--report",
        str(report),
    ]
    words += ["--experiment", wish.experiment] if wish.experiment else []
    words += ["--origin", _upload(wish)] if wish.kind != SERVER else []
    words += ["--merge"] if wish.merge else []
    words += [] if wish.with_files else ["--no-files"]
    words += ["--no-registry"] if words[0] == "import_mlflow" and not wish.with_registry else []
    return words


def _upload(wish: Wish) -> str:
    """The address under which an archive is known."""
    return f"upload:{wish.origin}"


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
