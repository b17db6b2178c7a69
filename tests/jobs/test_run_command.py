"""Commands of jobs: real processes, with their limits, their ends and what is kept of them."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.models import JobAttempt, JobProgress
from jobs.process.command import Command, Exit
from jobs.process.run import run_command
from jobs.step import JobStep
from tests.jobs.commands import PATH


def test_a_command_ends_with_its_code_and_its_last_lines(shell: Callable[..., Exit], step: JobStep) -> None:
    ended = shell("echo first; echo second >&2; exit 3", label="test")
    assert (ended.code, ended.signal, ended.cause, ended.tail) == (3, None, "exited", "first\nsecond\n")
    kept = JobAttempt.objects.get(job=step.run, number=1)
    assert (kept.exit_code, kept.cause, kept.tail) == (3, "exited", "first\nsecond\n")
    assert kept.log_bytes == len("[portal] test\nfirst\nsecond\n")
    assert kept.ended_at is not None


def test_a_command_has_no_environment_but_its_own(shell: Callable[..., Exit]) -> None:
    ended = shell("env | cut -d= -f1 | sort | tr '\\n' ' '", cpus=1)
    assert set(ended.tail.split()) == {
        "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PATH",
        "PORTAL_COMMAND", "PWD",
    }  # fmt: skip


def test_a_program_that_is_not_there_says_so(step: JobStep, tmp_path: Path) -> None:
    ended = run_command(step, Command(("no-such-program",), tmp_path, {"PATH": PATH}))
    assert (ended.code, ended.cause) == (127, "exited")
    assert "cannot start: No such file" in ended.tail


def test_limits_of_files_processors_and_cores_hold(shell: Callable[..., Exit]) -> None:
    ended = shell(
        "ulimit -c; nproc; head -c 2000000 /dev/zero > big; stat -c %s big", cpus=1, file_bytes=1_000_000
    )
    lines = ended.tail.split("\n")
    assert (lines[0], lines[1]) == ("0", "1")
    assert "1000000" in lines[-2]


def test_a_secret_is_masked_wherever_a_read_ends(shell: Callable[..., Exit]) -> None:
    value = "sw0rdfish-sw0rdfisch"
    ended = shell(
        'printf %s "${TOKEN%fisch}"; sleep 0.1; printf \'fisch and \'; printf %s "$TOKEN" | base64; echo sw0rdfish',
        secrets={"TOKEN": value},
    )
    assert ended.tail == "[secret] and [secret]\nsw0rdfish\n"


def test_bars_become_progress(shell: Callable[..., Exit], step: JobStep) -> None:
    shell(
        "printf 'load:  50%%|##  | 5/10 [00:01<00:01,  4.99row/s]\\r';"
        "printf 'load: 100%%|####| 10/10 [00:02<00:00]\\n'"
    )
    bar = JobProgress.objects.get(job=step.run)
    assert (bar.name, bar.done, bar.total) == ("load", 10, 10)


@pytest.mark.slow
def test_too_much_time_ends_all(shell: Callable[..., Exit]) -> None:
    started = time.monotonic()
    ended = shell("echo up; sleep 100", seconds=0.5)
    assert (ended.cause, ended.signal, ended.tail) == ("time", 15, "up\n")
    assert time.monotonic() - started < 3


@pytest.mark.slow
def test_too_much_memory_ends_all_in_any_process(shell: Callable[..., Exit], step: JobStep) -> None:
    eater = "import time; x = bytearray(200_000_000); time.sleep(60)"
    ended = shell(f"{sys.executable} -c '{eater}' & wait", memory_bytes=100_000_000)
    assert ended.cause == "memory"
    assert (JobAttempt.objects.get(job=step.run).peak_memory_bytes or 0) > 100_000_000


@pytest.mark.slow
def test_too_many_processes_end_all(shell: Callable[..., Exit]) -> None:
    assert shell("for i in $(seq 50); do sleep 60 & done; wait", processes=20).cause == "processes"
