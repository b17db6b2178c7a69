"""What really happens to servers and workers, done to them: no job is lost, none has two effects, no state lies."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from experiments.artifacts.store import artifact_store
from jobs import bell
from jobs.models import JobRun, JobWorker
from jobs.runner import run_job
from portal.embedded import processes
from portal.kernel import sql
from tests.jobs.fault_servers import FaultServers, ask
from tests.jobs.live import ROOT, effects, ended, events, fresh, processes_of, running, until

pytestmark = pytest.mark.slow
QUEUES = ("skewed", "old")
FLEET = 2


@pytest.fixture(scope="module")
def servers(django_db_blocker: Any) -> Iterator[FaultServers]:
    made = FaultServers()
    try:
        made.postgres_start()
        made.broker_start()
        with django_db_blocker.unblock():
            made.tables_make(*QUEUES)
        made.sweeper_start()
        made.sweeper_start()
        for _ in range(FLEET):
            made.worker_start()
        yield made
    finally:
        made.stop()


@pytest.fixture
def faults(servers: FaultServers, django_db_blocker: Any, settings: Any) -> Iterator[FaultServers]:
    settings.REDIS_URL = servers.broker.url
    bell._silence.end()
    with django_db_blocker.unblock(), servers.connected():
        yield servers


def once(run: JobRun) -> bool:
    return ended(run).state == "done" and len(effects(run)) == 1


def test_redis_is_killed_with_bells_in_it_and_comes_back_empty(faults: FaultServers) -> None:
    for worker in faults.workers_alive():
        os.killpg(worker.pid, signal.SIGSTOP)
    runs = [ask("faults.slow", seconds=0) for _ in range(20)]
    assert bell.waiting("default")
    faults.broker_kill()
    late = ask("faults.slow", seconds=0)
    faults.broker_start()
    assert bell.waiting("default") == 0
    for worker in faults.workers_alive():
        os.killpg(worker.pid, signal.SIGCONT)
    assert all(once(run) for run in [*runs, late])


def test_postgresql_is_killed_while_a_job_runs(faults: FaultServers) -> None:
    run = running(ask("faults.slow", seconds=1.5))
    faults.postgres_kill()
    connection.close()
    time.sleep(0.5)
    faults.postgres_start()
    run = ended(run)
    assert (run.state, len(effects(run))) == ("done", 1)
    assert [attempt for attempt, _ in effects(run)] == [run.attempt]


def test_postgresql_is_killed_in_the_middle_of_an_effect(faults: FaultServers) -> None:
    """The effect was written and not committed: nothing of it stays, and the next attempt makes it."""
    run = ask("faults.kills", pid=faults.postgres_pid)
    connection.close()
    faults.postgres_await_death()
    faults.postgres_start()
    run = ended(run)
    assert (run.state, effects(run)) == ("done", [(run.attempt, "kills")])
    assert run.attempt == 2


def test_a_caller_that_dies_between_commit_and_bell_loses_nothing(faults: FaultServers) -> None:
    script = (
        "import os, signal, django; django.setup()\n"
        "from jobs import bell\n"
        "bell.ring = lambda *a: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from tests.jobs.live import asked\n"
        "asked('faults.slow', seconds=0)\n"
    )
    before = set(JobRun.objects.filter(kind="faults.slow").values_list("pk", flat=True))
    died = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=faults.environment, check=False)
    assert died.returncode == -signal.SIGKILL
    [run] = JobRun.objects.filter(kind="faults.slow").exclude(pk__in=before)
    assert once(run)


def test_twenty_callers_with_one_key_at_once_get_one_job(faults: FaultServers) -> None:
    found: list[JobRun] = []
    gate = threading.Barrier(20)

    def call() -> None:
        try:
            gate.wait()
            found.append(ask("faults.slow", key="the same", seconds=1))
        finally:
            connection.close()

    callers = [threading.Thread(target=call) for _ in range(20)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30)
    assert (len(found), len({run.pk for run in found})) == (20, 1)
    assert once(found[0])
    assert events(found[0]) == ["queued", "started", "done"]


def test_bells_out_of_order_many_times_and_for_nothing_have_one_effect(faults: FaultServers) -> None:
    runs = [ask("faults.slow", seconds=0) for _ in range(10)]
    bells = [run.pk for run in runs] * 10
    random.shuffle(bells)
    assert bell.ring_all(bells, "default") == 100
    assert all(once(run) for run in runs)
    assert all(events(run).count("started") == 1 for run in runs)


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler to make a clock wrong")
def test_workers_and_sweepers_whose_clocks_are_wrong_take_nothing_early(
    faults: FaultServers, tmp_path: Path
) -> None:
    library = tmp_path / "skewed_clock.so"
    source = Path(__file__).with_name("skewed_clock.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    wrong = {"LD_PRELOAD": str(library)}
    worker = faults.worker_for("skewed", CLOCK_SHIFT="-3600", **wrong)
    sweeper = faults.program("manage.py scheduler --interval 0.3", log="skewed", CLOCK_SHIFT="7200", **wrong)
    told = [sys.executable, "-c", "import time; print(time.time())"]
    shown = subprocess.run(
        told, env={**wrong, "CLOCK_SHIFT": "3600"}, capture_output=True, text=True, check=True
    )
    assert float(shown.stdout) - time.time() > 3500, "the clock is wrong"
    runs = [ask("faults.slow", queue="skewed", seconds=3) for _ in range(2)]
    assert all(once(run) for run in runs)
    for run in runs:
        run = fresh(run)
        assert (run.attempt, events(run)) == (1, ["queued", "started", "done"])
        assert run.started_at is not None
        assert run.finished_at is not None
        assert 2.5 < (run.finished_at - run.started_at).total_seconds() < 1_800, (
            "a wrong clock is an hour off at least"
        )
    for process in (worker, sweeper):
        processes.signal_group(process.pid, signal.SIGKILL)


def test_a_worker_of_an_older_release_leaves_what_it_does_not_know(faults: FaultServers) -> None:
    faults.worker_for("old", DJANGO_SETTINGS_MODULE="portal.settings.test")
    assert processes.wait_until(lambda: JobWorker.objects.filter(queues=["old"]).exists(), seconds=30)
    run = ask("faults.slow", queue="old", seconds=0)
    assert bell.ring_all([run.pk] * 3, "old") == 3
    assert processes.wait_until(lambda: bell.waiting("old") == 0, seconds=20)
    assert (fresh(run).state, fresh(run).attempt) == ("queued", 0)
    assert run_job(run.pk)
    assert once(run)


def test_a_file_that_is_half_stored_or_not_recorded_is_not_there(faults: FaultServers, settings: Any) -> None:
    """The first attempt dies in the middle of the upload, the second between the upload and the commit."""
    settings.ARTIFACT_ROOT = str(faults.folder / "artifacts")
    run = ask("faults.publishes")
    until(run, lambda now: now.attempt == 2 or (now.state == "queued" and now.attempt == 1))
    assert artifact_store().list_dir("published") == []
    run = ended(run)
    assert (run.state, effects(run)) == ("done", [(3, "published")])
    [stored] = artifact_store().list_dir("published")
    assert (stored.name, stored.size) == (str(run.pk), 24 * 1024 * 1024)


def test_fifty_jobs_in_flight_survive_whatever_is_killed(faults: FaultServers) -> None:
    """Commands, pool processes, workers, sweepers and both servers, killed or stopped while fifty jobs run."""
    chance = random.Random(4)  # noqa: S311 - no secret
    slow = [ask("faults.slow", seconds=chance.uniform(0.1, 0.8)) for _ in range(39)]
    commands = [ask("faults.command", script="sleep 1; echo ran", later="echo ran") for _ in range(10)]
    counts = ask("faults.counts", parts=5, die_after=[2, 4])
    havoc = Havoc(faults, chance, commands)
    havoc.wreak()
    assert all(once(run) for run in slow)
    assert (ended(counts).state, [note for _, note in effects(counts)]) == ("done", ["15"])
    # A command that was killed fails its job and is not run again; one whose worker was killed is.
    states = Counter((ended(run).state, len(effects(run))) for run in commands)
    assert set(states) <= {("done", 1), ("failed", 0)}
    assert states["failed", 0] <= havoc.commands_killed
    assert {fresh(run).reason for run in commands} <= {"", "The command ended: signal 9."}
    assert sql.rows("SELECT job_id FROM fault_effect GROUP BY job_id HAVING count(*) > 1") == []
    assert not JobRun.objects.filter(state__in=["queued", "running"]).exclude(queue="system").exists()
    assert processes.wait_until(lambda: not any(map(processes_of, commands)), seconds=5), "orphans"


class Havoc:
    """Seven seconds of it. Who falls is started again, as a supervisor would."""

    def __init__(self, faults: FaultServers, chance: random.Random, commands: list[JobRun]) -> None:
        self.faults, self.chance, self.commands = faults, chance, commands
        self.commands_killed = 0
        self._stopped: list[int] = []

    def wreak(self) -> None:
        plan = {
            3: self._command, 4: self._sweeper, 5: self._postgres, 7: self._command, 8: self._broker, 9: self._worker,
            11: self._worker_politely,
        }  # fmt: skip
        for turn in range(14):
            self._supervise()
            plan.get(turn, self._stop_one if turn % 3 == 2 else self._kill_one)()
            time.sleep(0.5)
        for pid in self._stopped:
            _signal(pid, signal.SIGCONT)
        self._supervise()
        bell._silence.end()

    def _kill_one(self) -> None:
        if pids := self._pool():
            _signal(self.chance.choice(pids), signal.SIGKILL)

    def _stop_one(self) -> None:
        if pids := self._pool():
            self._stopped.append(self.chance.choice(pids))
            _signal(self._stopped[-1], signal.SIGSTOP)

    def _command(self) -> None:
        if pids := [pid for run in self.commands for pid in processes_of(run)]:
            self.commands_killed += 1
            _signal(self.chance.choice(pids), signal.SIGKILL)

    def _sweeper(self) -> None:
        self.faults.sweepers_alive()[0].kill()
        self.faults.sweeper_start()

    def _worker(self) -> None:
        self.faults.workers_alive()[0].kill()

    def _worker_politely(self) -> None:
        self.faults.workers_alive()[0].terminate()

    def _postgres(self) -> None:
        self.faults.postgres_kill()
        connection.close()
        self.faults.postgres_start()

    def _broker(self) -> None:
        self.faults.broker_kill()
        self.faults.broker_start()

    def _pool(self) -> list[int]:
        return [pid for worker in self.faults.workers_alive() for pid in self.faults.children_of(worker)]

    def _supervise(self) -> None:
        while len(self.faults.workers_alive()) < FLEET:
            self.faults.worker_start()


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
