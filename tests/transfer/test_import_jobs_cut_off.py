"""Imports that are cancelled, and imports whose worker is killed: real workers, a real source, half-way."""

import os
import signal
import time
import zipfile
from pathlib import Path

import pytest
from django.db.models import Sum

from experiments.artifacts.store import artifact_store
from experiments.models import Experiment, MetricChunk, Run
from experiments.services.run_sets import runs_restore
from jobs.models import JobProgress, JobSecret
from jobs.process.logs import spool_folder
from jobs.secrets import secret_encrypt
from jobs.services.runs import job_cancel
from portal.audit.models import AuditEvent
from portal.embedded import processes
from tests.jobs.live import PATIENCE_SECONDS, ended, fresh
from tests.transfer.gate import gate
from transfer.models import Origin
from transfer.services.requests import SERVER, WANDB, Wish, import_request

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
TOKEN = "violet-token-8842-of-the-old-server"
SMALL, ROWS, KEYS = 20, 150_000, 3


@pytest.fixture(scope="session")
def archive(tmp_path_factory):
    """A page of small runs, and one behind them whose points take some seconds."""
    path = tmp_path_factory.mktemp("archive") / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(SMALL):
            packed.writestr(f"r{number:02}/history.csv", "_step,loss\n0,0.5\n1,0.25\n")
            packed.writestr(f"r{number:02}/config.json", '{"lr": 0.1}')
        rows = (f"{step},{step % 7},{step}.5,{-step}" for step in range(ROWS))
        packed.writestr("s-large/history.csv", "_step,a,b,c\n" + "\n".join(rows))
        packed.writestr("s-large/files/note.txt", "said at the end")
    return path


@pytest.fixture
def ask(live, workspace, ann, acting, archive):
    """Ask for the import of the archive, as it is uploaded anew each time."""

    def asked(name):
        path = f"imports/{workspace.pk}/{name}"
        artifact_store().put(path, [archive.read_bytes()])
        wish = Wish(kind=WANDB, archive=path, origin="export.zip", experiment="boards")
        return import_request(actor=acting(ann), workspace=workspace, wish=wish)

    return asked


def awaited(condition):
    assert processes.wait_until(condition, seconds=PATIENCE_SECONDS)


def processes_with(text: str) -> list[int]:
    """Every process that has a text in its command or its environment."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        for file in ("environ", "cmdline"):
            try:
                if text.encode() in Path(f"/proc/{name}/{file}").read_bytes():
                    found.append(int(name))
            except OSError:
                continue
    return found


def points_of(run):
    return MetricChunk.objects.filter(run=run).aggregate(sum=Sum("points"))["sum"] or 0


def half_way(job):
    """Wait until the small runs are whole and the large one has some of its points."""
    awaited(lambda: MetricChunk.objects.filter(run__name="s-large").exists() or fresh(job).is_terminal)
    assert fresh(job).state == "running"
    assert Run.objects.count() == SMALL + 1
    assert 0 < points_of(Run.objects.get(name="s-large")) < ROWS * KEYS
    assert Origin.objects.filter(kind="run", is_complete=True).count() == SMALL
    assert processes_with(str(job.pk))


def nothing_lies_about(live, job):
    assert not list(artifact_store().list_files("imports"))
    assert not [path for path in (live.folder / "data" / "jobs" / "imports").rglob("*") if path.is_file()]
    assert processes.wait_until(lambda: not processes_with(str(job.pk)), seconds=30)


def all_is_here():
    runs = Experiment.objects.get(name="boards").runs
    assert set(runs.values_list("lifecycle_stage", flat=True)) == {"active"}
    assert runs.count() == Run.objects.count() == SMALL + 1
    large = runs.get(name="s-large")
    assert points_of(large) == ROWS * KEYS
    assert MetricChunk.objects.aggregate(sum=Sum("points"))["sum"] == ROWS * KEYS + SMALL * 2
    assert [entry.name for entry in artifact_store().list_files(str(large.workspace_id))].count(
        "note.txt"
    ) == 1


def test_a_cancelled_import_leaves_whole_runs_and_the_next_one_completes_it(live, ask, client, ann, acting):
    live.worker_start()
    job = ask("first")
    half_way(job)
    job_cancel(actor=acting(ann), run=job)
    job = ended(job)
    assert (job.state, job.reason) == ("cancelled", "Cancelled while it ran.")
    nothing_lies_about(live, job)
    whole = Run.objects.filter(lifecycle_stage="active")
    assert (whole.count(), {points_of(run) for run in whole}) == (SMALL, {2})
    large = Run.objects.get(name="s-large")
    assert (large.lifecycle_stage, large.deleted_time is None) == ("deleted", False)
    event = AuditEvent.objects.get(action="transfer.run.set_aside")
    assert (event.outcome, event.workspace_id) == ("done", large.workspace_id)
    client.force_login(ann)
    assert "in part are among the deleted ones" in client.get(f"/imports/{job.pk}").content.decode()
    again = ended(ask("second"))
    assert (again.state, again.result["wrong"], again.result["made"]["runs"]) == ("done", [], 1)
    assert "runs" not in again.result["changed"]
    all_is_here()
    nothing_lies_about(live, again)


def test_a_run_that_somebody_restored_after_the_cancel_is_completed_as_it_is(
    live, ask, workspace, ann, acting
):
    live.worker_start()
    job = ask("first")
    half_way(job)
    job_cancel(actor=acting(ann), run=job)
    assert ended(job).state == "cancelled"
    large = Run.objects.get(name="s-large")
    runs_restore(actor=acting(ann), workspace=workspace, run_ids=[large.pk])
    assert ended(ask("second")).result["wrong"] == []
    all_is_here()


def test_an_import_whose_worker_is_killed_goes_on_and_ends_the_same(live, ask, client, ann):
    worker = live.worker_start()
    job = ask("only")
    half_way(job)
    processes.signal_group(worker.pid, signal.SIGKILL)
    awaited(lambda: not processes_with(str(job.pk)))  # before anybody else begins
    assert fresh(job).attempt == 1
    assert (
        live.folder / "data" / "jobs" / "imports" / job.pk.hex / "files"
    ).is_dir()  # nobody could remove it
    live.worker_start()
    job = ended(job)
    assert (job.state, job.attempt, job.result["wrong"]) == ("done", 2, [])
    assert job.result["checked"]["runs"] == SMALL + 1
    assert job.result["checked"]["metric points"] == ROWS * KEYS + SMALL * 2
    all_is_here()
    nothing_lies_about(live, job)
    assert not AuditEvent.objects.filter(action="transfer.run.set_aside").exists()
    bars = dict(JobProgress.objects.filter(job=job).values_list("name", "done"))
    assert (bars["runs"], bars["points"] > job.result["made"]["metric points"]) == (SMALL + 1, True)
    client.force_login(ann)
    assert "This took 2 attempts" in client.get(f"/imports/{job.pk}").content.decode()


def test_a_cancelled_import_from_a_server_leaves_no_secret(
    live, stock, made, workspace, ann, acting, settings, client
):
    JobSecret.objects.create(
        workspace=workspace, name="old-server", ciphertext=secret_encrypt(workspace.pk, "old-server", TOKEN)
    )
    with gate(stock.uri, "metrics/get-history") as server:
        settings.IMPORT_ALLOWED_HOSTS = [server.place]
        live.worker_start(IMPORT_ALLOWED_HOSTS=server.place)
        wish = Wish(kind=SERVER, uri=f"http://{server.place}", secret="old-server", with_files=False)
        job = import_request(actor=acting(ann), workspace=workspace, wish=wish)
        assert server.held.wait(PATIENCE_SECONDS), fresh(job).reason
        assert processes_with(TOKEN)
        assert server.tokens == {f"Bearer {TOKEN}"}
        assert set(Run.objects.values_list("lifecycle_stage", flat=True)) == {"active"}
        begun = time.monotonic()
        job_cancel(actor=acting(ann), run=job)
        job = ended(job)
        assert (job.state, time.monotonic() - begun < 30) == ("cancelled", True)
        awaited(lambda: not processes_with(TOKEN))
        nothing_lies_about(live, job)
        _is_nowhere(TOKEN, live.folder)
        assert set(Run.objects.values_list("lifecycle_stage", flat=True)) == {"deleted"}
        server.opened.set()
        again = import_request(actor=acting(ann), workspace=workspace, wish=wish)
        again = ended(again)
        assert (again.state, again.result["wrong"], again.result["made"]["runs"]) == ("done", [], 5)
    assert Run.objects.get(pk=made.parent).lifecycle_stage == "active"
    assert Run.objects.get(pk=made.deleted).lifecycle_stage == "deleted"


def _is_nowhere(text, folder):
    """Neither in what the worker wrote to its disk nor in the store with the job's log."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".log" for path in files)
    assert not [path for path in (*files, *spool_folder().glob("*")) if text.encode() in path.read_bytes()]
