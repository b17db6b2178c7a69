"""Much output: bounded on the disk, in the database and in memory, and no burden for others."""

import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.models import JobAttempt, JobLogChunk, JobRun
from jobs.process import logs, run
from jobs.process.command import MIB, Exit
from jobs.process.selectors import log_bytes, log_pieces
from jobs.step import JobStep
from portal.kernel.errors import Unavailable
from tests.jobs.small_disk import SmallDisk

pytestmark = pytest.mark.slow
LINE = "0123456789" * 9 + "012345678"  # and a line feed: 100 bytes


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with SmallDisk.mounted(tmp_path / "disk", "1m") as disk:
        yield disk


def test_a_hundred_megabytes_are_kept_whole_with_few_rows_and_little_memory(
    shell: Callable[..., Exit], step: JobStep
) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ended = shell(f"yes {LINE} | head -c {100 * MIB}")
    assert ended.code == 0
    kept = JobAttempt.objects.get(job=step.run)
    assert kept.log_bytes == 100 * MIB
    assert JobLogChunk.objects.filter(job=step.run).count() <= 200
    assert sum(map(len, log_pieces(step.run.pk, 1, 0, kept.log_bytes))) == 100 * MIB
    start = 77 * MIB // 100 * 100
    assert log_bytes(step.run.pk, 1, start, start + 100) == f"{LINE}\n".encode()
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 60 * 1024


def test_what_is_over_the_limit_is_left_out_but_for_its_end(
    shell: Callable[..., Exit], step: JobStep
) -> None:
    ended = shell(f"yes {LINE} | head -c {300 * MIB}; echo; echo the end", log_bytes=2 * MIB)
    assert ended.code == 0
    assert ended.tail.endswith("\nthe end\n")
    size = JobAttempt.objects.get(job=step.run).log_bytes
    assert 2 * MIB - 200 < size < 2 * MIB + 200
    end = log_bytes(step.run.pk, 1, size - 66_000, size)
    assert b"bytes are left out here: a log may have 2097152." in end
    assert end.endswith(b"\nthe end\n")


def test_a_full_disk_of_the_worker_costs_output_and_not_the_work(
    small_disk: SmallDisk, shell: Callable[..., Exit], step: JobStep, settings: Any
) -> None:
    settings.JOBS_SPOOL = str(small_disk.path)
    freed = small_disk.path / "ballast"
    freed.write_bytes(b"x" * 700_000)
    ended = shell(f"yes {LINE} | head -c 1000000; echo; rm {freed}; echo room again; sleep 0.1; echo the end")
    assert (ended.code, ended.cause) == (0, "exited")
    assert ended.tail.endswith("the end\n")
    text = log_bytes(step.run.pk, 1, 0, JobAttempt.objects.get(job=step.run).log_bytes)
    assert b"bytes of output could not be kept: No space left on device." in text
    assert text.endswith(b"the end\n")


def test_a_worker_without_any_room_says_so_before_it_starts_anything(
    small_disk: SmallDisk, shell: Callable[..., Exit], settings: Any, tmp_path: Path
) -> None:
    settings.JOBS_SPOOL = str(small_disk.path / "spool")
    small_disk.fill()
    with pytest.raises(Unavailable, match="No space left on device"):
        shell(f"touch {tmp_path}/started")
    assert not (tmp_path / "started").exists()


def test_a_full_artifact_store_delays_a_log_and_fails_nothing(
    small_disk: SmallDisk,
    shell: Callable[..., Exit],
    step: JobStep,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.ARTIFACT_ROOT = str(small_disk.path)
    monkeypatch.setattr(run, "_LAST_FLUSH_SECONDS", 0.2)
    (small_disk.path / "job-logs").mkdir()
    small_disk.fill()
    ended = shell("echo one; head -c 300000 /dev/urandom | base64")
    assert (ended.code, ended.cause) == (0, "exited")
    kept = JobAttempt.objects.get(job=step.run)
    assert "could not be stored" in kept.note
    assert kept.log_bytes == 0
    small_disk.free()
    JobRun.objects.filter(pk=step.run.pk).update(state="queued", lease_until=None)
    monkeypatch.setattr(logs, "_QUIET_SECONDS", -1)
    logs.leftovers_take_in()
    kept.refresh_from_db()
    assert kept.log_bytes > 400_000
    assert log_bytes(step.run.pk, 1, 0, 4) == b"one\n"
    files = [path for path in small_disk.path.rglob("*") if path.is_file()]
    assert [path.suffix for path in files] == [".gz"]
