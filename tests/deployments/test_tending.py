"""What a node does about a process, second by second, and without a database; no process is started here."""

import signal
from concurrent.futures import Future
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError

from deployments.node import keeping, tending
from deployments.node.keeping import Node, NodeTaken
from deployments.node.processes import Start
from deployments.node.tending import Tended

START = Start({"python": "/", "model": "/"}, [], "key", "127.0.0.1")


class FakeProcess:
    """A process as its folder tells of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.is_alive, self.port, self.ended = folder, False, None, {}
        self.holder, self.signals = (0, ""), []

    def signal(self, number: int) -> None:
        self.signals.append(number)

    def kill(self) -> None:
        self.signals.append(signal.SIGKILL)

    def forget(self) -> None:
        self.folder = Path("/nowhere")


class Pool:
    """Runs at once what it is given."""

    def submit(self, function: Any, *given: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(function(*given))
        return done


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    at = [1000.0]
    monkeypatch.setattr(tending.time, "monotonic", lambda: at[0])
    return at


@pytest.fixture
def scene(tmp_path: Path, clock: list[float], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A process that is wanted; `well` says what its health check answers, `go(seconds)` lets time pass."""
    process = FakeProcess(tmp_path)
    each, said, started = Tended(process, START), {"well": True}, []  # type: ignore[arg-type]
    monkeypatch.setattr(tending, "answers", lambda *_: said["well"])

    def launch(one: Tended) -> None:
        started.append(clock[0])
        process.is_alive, process.port, process.ended = True, None, {}
        one.begun()

    def go(seconds: float) -> Tended:
        end = clock[0] + seconds
        while clock[0] < end:
            each.tend(Pool(), launch)  # type: ignore[arg-type]
            clock[0] += 0.25
        return each

    return process, said, started, go


def test_a_process_becomes_ready_when_it_answers(scene):
    process, said, started, go = scene
    said["well"] = False
    assert go(2).seen == "starting"
    process.port = 4001
    assert go(0.5).seen == "starting"
    said["well"] = True
    assert go(2).facts == {
        "seen": "ready", "port": 4001, "pid": None, "process_key": "", "detail": "",
    }  # fmt: skip
    assert len(started) == 1


def test_one_that_hangs_is_killed_after_three_looks_and_started_again(scene):
    process, said, started, go = scene
    go(0.5)
    process.port = 4001
    assert go(2).seen == "ready"
    said["well"] = False
    each = go(6)
    assert (each.seen, process.signals[0]) == ("failing", signal.SIGKILL)
    process.is_alive, said["well"] = False, True
    each = go(2)
    assert (each.facts["restarts"], each.facts["exit_code"], len(started)) == (1, None, 2)


def test_pauses_grow_and_end_when_it_has_settled(scene, clock):
    process, _, started, go = scene
    for _ in range(5):
        go(0.25)
        while not process.is_alive:
            go(0.25)
        process.is_alive, process.ended = False, {"code": 1, "cause": "exited", "tail": "no such file"}
    gaps = [round(later - earlier) for earlier, later in pairwise(started)]
    assert gaps == sorted(gaps)
    assert gaps[-1] >= 5
    each = go(0.25)
    assert "It ended with code 1. It said last:\nno such file" in each.facts["detail"]
    while not process.is_alive:
        go(0.25)
    process.port = 4002
    assert go(tending.SETTLED_SECONDS + 5).facts["failures"] == 0


def test_what_is_refused_is_not_tried_at_once_and_what_is_missing_is_no_failure(scene, clock):
    process, _, started, go = scene
    go(0.5)
    process.is_alive, process.ended = False, {"code": 3, "cause": "exited", "tail": "other files"}
    each = go(20)
    assert (len(started), each.facts["exit_code"]) == (1, 3)
    each.not_begun("model: it is not here")
    assert each.restart_at - clock[0] == tending.MISSING_SECONDS
    assert each.facts["failures"] == 1


def test_one_that_is_not_wanted_may_finish_and_is_killed_when_it_does_not(scene):
    process, _, _, go = scene
    go(0.5)
    each = go(0.5)
    each.wanted = "gone"
    go(tending.STOP_SECONDS - 5)
    assert process.signals == [signal.SIGHUP]
    go(10)
    assert signal.SIGKILL in process.signals
    process.is_alive = False
    assert go(0.5).seen == "gone"


def test_a_node_without_database_goes_on_and_there_is_one_of_a_name(settings, tmp_path, monkeypatch):
    settings.JOBS_DIR = str(tmp_path)
    node = Node("one")
    with pytest.raises(NodeTaken):
        Node("one")

    def away(*_: Any) -> None:
        raise OperationalError("no database")

    monkeypatch.setattr(node, "_read", away)
    monkeypatch.setattr(node, "_launch", lambda each: each.begun())
    monkeypatch.setattr(keeping.connection, "close", lambda: None)
    each = node.tended[uuid4()] = Tended(FakeProcess(tmp_path), START)  # type: ignore[arg-type]
    node.look()
    node.look()
    assert each.facts["seen"] in ("starting", "failing")
    node.stop()
    Node("one").stop()
