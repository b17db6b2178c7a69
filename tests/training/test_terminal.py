"""The program for a terminal with sweeps and pipelines, as somebody uses it who downloaded it."""

import ast
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.embedded import processes
from tests.live.portal import ROOT, Portal
from tests.live.wire import Wire
from tests.training.live import waited
from tests.training.sweeps import bowl
from training.web.client_program import client_source

ID = r"[0-9a-f]{8}-[0-9a-f-]{27}"
TRAINING = bowl.training("", code={})
SWEEP: dict[str, Any] = {
    "name": "from a terminal", "training": TRAINING, "space": bowl.SPACE, "seed": 3, "budget": {"trials": 9},
    "objectives": [{"metric": "loss", "direction": "minimize"}],
}  # fmt: skip
PIPELINE = """
# a remark that is kept
experiment: pipelines
parameters: {day: 1}
steps:
  look:
    job:
      code: {bundled: parabola}
      environment: {requirements: []}
      command: >-
        python -c 'import json, os, sys;
        json.dump({"day": int(sys.argv[1])}, open(os.environ["PORTAL_VALUES"], "w"))' {day}
      parameters: {day: "${{ parameters.day }}"}
  break:
    inputs: {}
    when: facts.steps.look.values.day > 2.0
    job: {code: {bundled: parabola}, environment: {requirements: []}, command: "python -c 'raise SystemExit(3)'"}
"""


class Terminal:
    """A folder with the program in it, and somebody's token."""

    def __init__(self, server: Portal, folder: Path) -> None:
        self.folder = folder
        (folder / "portal.py").write_bytes(Wire(server.port).send("GET", "/cli/portal.py").body)
        self.env = {"PATH": "/usr/bin:/bin", "PORTAL_TOKEN": server.token("eve"), "HOME": str(folder)}

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-I", "portal.py", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=self.env, cwd=self.folder,
        )  # fmt: skip

    def run(self, *words: str) -> tuple[int, str, str]:
        """Exit code, output, and what was told beside it."""
        process = self.start(*words)
        output, told = process.communicate(timeout=200)
        return process.returncode, output, told


@pytest.fixture(scope="module")
def working(portal_server: Portal) -> Iterator[None]:
    """Workers and a scheduler."""
    command = [sys.executable, "manage.py", "scheduler", "--interval", "0.5"]
    log = portal_server.folder / "scheduler.log"
    scheduler = processes.start(command, log=log, env=portal_server.env, cwd=ROOT)
    try:
        with portal_server.worker(), portal_server.worker():
            yield
    finally:
        processes.signal_group(scheduler.pid, signal.SIGKILL)
        scheduler.wait(10)


@pytest.fixture
def terminal(portal_server: Portal, tmp_path: Path) -> Terminal:
    return Terminal(portal_server, tmp_path)


def test_the_program_is_one_file_for_old_pythons_too() -> None:
    text = client_source("https://portal.example")
    tree = ast.parse(text, feature_version=(3, 9))
    assert "HOME = 'https://portal.example'" in text
    assert "training.programs" not in text
    names = [each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.ClassDef)]
    assert len(names) == len(set(names)), "one part hides what another one means"
    for line in ("submit", "sweep", "pipeline", "follow", "show", "cancel"):
        assert f"portal.py {line}" in text


@pytest.mark.slow
@pytest.mark.xdist_group("live")
def test_a_sweep_is_sent_followed_and_shown(terminal: Terminal, working: None) -> None:
    (terminal.folder / "sweep.json").write_text(json.dumps(SWEEP))
    code, output, told = terminal.run(
        "sweep", "sweep.json", "--code", str(bowl.CODE), "--workspace", "credit", "--trials", "2", "--follow"
    )
    assert code == 0, (output, told)
    lines = output.splitlines()
    assert sorted(line.split("  ")[0] for line in lines[:2]) == ["trial 0", "trial 1"]
    assert all("complete" in line and "loss=" in line and "x=" in line for line in lines[:2])
    best = json.loads(lines[-1])
    assert best["loss"] == pytest.approx(bowl.loss_of(best["parameters"]))
    sweep_id = re.findall(rf"sweep ({ID})", told)[0]
    code, output, told = terminal.run("show", sweep_id)
    assert (code, json.loads(output), "2 complete" in told) == (0, best, True)
    code, output, _ = terminal.run("show", sweep_id, "--json")
    assert (code, json.loads(output)["state"]) == (0, "done")


@pytest.mark.slow
@pytest.mark.xdist_group("live")
def test_a_sweep_that_is_cancelled_from_elsewhere_ends_who_follows_it(
    terminal: Terminal, working: None, portal_server: Portal
) -> None:
    command = "python train.py --x {x} --steps 100 --pause 1"
    slow = {**TRAINING, "code": {"bundled": "parabola"}, "command": command}
    spec = {**SWEEP, "training": slow, "space": {"x": bowl.SPACE["x"]}, "parallel": 1}
    (terminal.folder / "sweep.json").write_text(json.dumps(spec))
    code, _, told = terminal.run("sweep", "sweep.json", "--workspace", "credit")
    assert code == 0, told
    sweep_id = re.findall(rf"sweep ({ID})", told)[0]
    follower = terminal.start("follow", sweep_id)
    with portal_server.wire("eve") as wire:
        waited(wire, f"/api/v1/sweeps/{sweep_id}", lambda found: found["trials"]["running"] > 0, 60)
    code, _, told = terminal.run("cancel", sweep_id, "--reason", "enough")
    assert (code, "is being stopped" in told) == (0, True), told
    output, told = follower.communicate(timeout=90)
    assert (follower.returncode, "enough" in told) == (130, True), (output, told)


@pytest.mark.slow
@pytest.mark.xdist_group("live")
def test_a_pipeline_is_saved_run_and_run_again_by_its_name(terminal: Terminal, working: None) -> None:
    (terminal.folder / "told.yaml").write_text(PIPELINE)
    words = ("--workspace", "credit", "--follow")
    code, output, told = terminal.run("pipeline", "told.yaml", *words)
    assert code == 0, (output, told)
    assert re.search(r"look +done", output)
    assert re.search(r"break +skipped", output)
    run_id = re.findall(rf"run ({ID})", told)[0]
    code, output, _ = terminal.run("show", run_id)
    assert (code, json.loads(output)) == (0, {"state": "done", "values": {"look": {"day": 1}}})
    code, output, told = terminal.run("pipeline", "told", *words, "-p", "day=3")
    assert (code, bool(re.search(r"break +failed", output))) == (1, True), (output, told)


@pytest.mark.slow
@pytest.mark.xdist_group("live")
def test_what_is_wrong_is_said_with_its_place(terminal: Terminal, portal_server: Portal) -> None:
    idle = {
        **SWEEP,
        "training": {**TRAINING, "code": {"bundled": "parabola"}, "command": "python train.py {x}"},
    }
    for name, text in (("idle.json", json.dumps(idle)), ("list.json", "[]"), ("bad.yaml", "steps: {a: 1}")):
        (terminal.folder / name).write_text(text)
    unknown = "00000000-0000-7000-8000-000000000000"
    for words, reason in (
        (("sweep", "idle.json"), "space/kind: the training uses it nowhere"),
        (("sweep", "list.json"), "is no object with keys such as training, space and objectives"),
        (("pipeline", "bad.yaml"), "experiment"),
        (("pipeline", "no-such"), "neither a file here nor a pipeline that you may see"),
        (("follow", unknown), f"the id {unknown}"),
        (("cancel", "no id"), "the id no id"),
    ):
        places = ("--workspace", "credit") if words[0] in ("sweep", "pipeline") else ()
        code, output, told = terminal.run(*words, *places)
        assert (code, output) == (2, ""), (words, told)
        assert reason in told, told
        assert "Traceback" not in told
    terminal.env["PORTAL_TOKEN"] = "mlp_wrong"
    code, _, told = terminal.run("jobs")
    assert (code, told.startswith("portal: ")) == (2, True)
