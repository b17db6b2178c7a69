"""What a command started ends with it, whichever way the machine offers to keep processes together."""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.errors import Transient
from jobs.models import JobAttempt
from jobs.process import isolation as isolations
from jobs.process import run
from jobs.process.command import Exit
from jobs.process.masking import Masker
from jobs.process.spool import Ring

STUBBORN = (
    "trap '' TERM; (setsid sh -c \"trap '' TERM; echo lives > {0}; sleep 60\" &) ; "
    "while [ ! -s {0} ]; do sleep 0.02; done; {1}"
)


@pytest.fixture(params=[isolations.NAMESPACE, isolations.SUBREAPER])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == isolations.NAMESPACE and isolations.isolation() != isolations.NAMESPACE:
        pytest.skip("this kernel or container allows no process namespace")
    monkeypatch.setattr(run, "isolation", lambda: request.param)
    return str(request.param)


def sleepers(mark: Path) -> list[int]:
    """Processes whose command line names the file of this test."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if str(mark).encode() in Path(f"/proc/{name}/cmdline").read_bytes():
                found.append(int(name))
        except OSError:
            continue
    return found


def test_what_stays_behind_is_ended_with_the_command(
    kind: str, shell: Callable[..., Exit], tmp_path: Path
) -> None:
    ended = shell(STUBBORN.format(tmp_path / "up", "exit 5"))
    assert (ended.code, ended.cause) == (5, "exited")
    assert not sleepers(tmp_path / "up")


@pytest.mark.slow
def test_time_ends_what_ignores_it(kind: str, shell: Callable[..., Exit], tmp_path: Path) -> None:
    begun = time.monotonic()
    ended = shell(STUBBORN.format(tmp_path / "up", "while :; do sleep 1; done"), seconds=0.3)
    assert (ended.cause, ended.signal) == ("time", 9)
    assert time.monotonic() - begun < 8
    assert not sleepers(tmp_path / "up")


@pytest.mark.slow
def test_memory_of_all_processes_counts(kind: str, shell: Callable[..., Exit]) -> None:
    eater = "python3 -c 'import time; x = bytearray(40_000_000); time.sleep(60)'"
    ended = shell(f"{eater} & {eater} & {eater} & wait", memory_bytes=100_000_000)
    assert ended.cause == "memory"


def test_a_command_sees_the_processes_that_are_its_own(kind: str, shell: Callable[..., Exit]) -> None:
    own = shell('test "$(cat /proc/$$/comm)" = sh && echo right')
    assert own.tail == "right\n"


def test_what_is_masked_does_not_depend_on_where_reads_end() -> None:
    rng = random.Random(7)  # noqa: S311 - to be repeatable
    secrets = ["aabaab", "aab-secret", "x\ny-long-value"]
    for _ in range(300):
        text = "".join(rng.choice([*secrets, "a", "b", "aab", "x\n", "-", "sec"]) for _ in range(12))
        whole = Masker(secrets)
        expected = whole.feed(text.encode()) + whole.finish()
        parts, rest, masker = [], text.encode(), Masker(secrets)
        while rest:
            cut = rng.randint(1, 7)
            parts.append(masker.feed(rest[:cut]))
            rest = rest[cut:]
        got = b"".join([*parts, masker.finish()])
        assert got == expected
        assert not any(secret.encode() in got for secret in secrets)


def test_a_secret_is_also_found_as_others_write_it() -> None:
    masker = Masker(["p&ss/word=1"])
    told = masker.feed(b"http://u:p%26ss%2Fword%3D1@h cCZzcy93b3JkPTE= ") + masker.finish()
    assert told == b"http://u:[secret]@h [secret] "


def test_a_ring_keeps_the_end() -> None:
    ring = Ring(5)
    fallen = [ring.add(part) for part in (b"abc", b"def", b"", b"0123456789")]
    assert (bytes(ring), fallen) == (b"56789", [0, 1, 0, 10])


def test_a_command_that_kills_its_supervisor_leaves_nothing_behind(
    shell: Callable[..., Exit], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "isolation", lambda: isolations.SUBREAPER)
    with pytest.raises(Transient, match="killed from outside"):
        shell(STUBBORN.format(tmp_path / "up", "kill -9 $PPID; sleep 60"))
    assert JobAttempt.objects.get().cause == "lost"
    assert not sleepers(tmp_path / "up")
