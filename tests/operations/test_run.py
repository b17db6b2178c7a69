"""`make run` from start to stop: the program behind it, with real servers, real training and real signals."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.embedded import processes
from portal.embedded.ports import port_free
from tests.live.wire import Wire
from tests.operations.processes import processes_about

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROOT = Path(__file__).resolve().parents[2]


def start(data: Path, port: int) -> subprocess.Popen[str]:
    """The program of `make run`, without what the test run itself has put into the environment."""
    ours = (
        "DATABASE_URL",
        "REDIS_URL",
        "ARTIFACT_ROOT",
        "SECRET_KEY",
        "DJANGO_",
        "MLFLOW_",
        "PYTEST_",
        "TEST_",
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.Popen(
        [sys.executable, "-m", "portal.embedded", "--port", str(port), "--data-dir", str(data)],
        cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


@dataclass
class Run:
    """A started portal: what it printed until it was up."""

    process: subprocess.Popen[str]
    printed: str
    port: int

    @classmethod
    def begin(cls, data: Path, port: int) -> "Run":
        process = start(data, port)
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "Ctrl-C stops everything" in line:
                break
        return cls(process, "".join(lines), port)

    @property
    def token(self) -> str:
        found = re.search(
            r"^export MLFLOW_TRACKING_URI=(\S+) MLFLOW_TRACKING_TOKEN=(\S+)$", self.printed, re.MULTILINE
        )
        assert found, self.printed
        assert found[1] == f"http://127.0.0.1:{self.port}"
        return found[2]

    def runs(self) -> list[dict[str, object]]:
        """All runs, asked for with the printed token."""
        with Wire(self.port, token=self.token) as wire:
            experiments = wire.json("POST", "/api/2.0/mlflow/experiments/search", {"max_results": 100}).json
            ids = [each["experiment_id"] for each in experiments["experiments"]]
            found = wire.json(
                "POST", "/api/2.0/mlflow/runs/search", {"experiment_ids": ids, "max_results": 1000}
            ).json
        listed: list[dict[str, object]] = found["runs"]
        return listed

    def end(self, number: int) -> str:
        """Send a signal; the rest of what it printed."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate()
        return rest


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder in which a portal was started once, trained, and stopped by Ctrl-C."""
    folder = tmp_path_factory.mktemp("run") / "data"
    run = Run.begin(folder, port_free())
    trained = run.runs()
    (folder.parent / "first.json").write_text(json.dumps({"runs": len(trained), "printed": run.printed}))
    assert "all stopped" in run.end(signal.SIGINT)
    assert processes_about(folder) == {}
    yield folder
    assert processes.wait_until(lambda: not processes_about(folder), seconds=60), processes_about(folder)


def test_the_first_start_trains_real_models(data: Path) -> None:
    first = json.loads((data.parent / "first.json").read_text())
    assert first["runs"] >= 10
    assert re.search(r"\d+ runs in \d+ experiments are logged", first["printed"])


def test_logins_are_printed_and_no_file_with_a_secret_is_open_to_others(data: Path) -> None:
    printed = json.loads((data.parent / "first.json").read_text())["printed"]
    passwords = re.findall(r"^  (ann|bob|dia) +(\S+)", printed, re.MULTILINE)
    assert len({password for _, password in passwords}) == 3
    assert all(len(password) >= 16 for _, password in passwords)
    for path in (data / "secrets").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_no_log_holds_a_password_or_the_token(data: Path) -> None:
    printed = json.loads((data.parent / "first.json").read_text())["printed"]
    secrets = [path.read_text().strip() for path in (data / "secrets").glob("password-*")]
    secrets += re.findall(r"MLFLOW_TRACKING_TOKEN=(\S+)", printed)
    logs = "".join(path.read_text(errors="replace") for path in (data / "logs").iterdir())
    assert [secret for secret in secrets if secret in logs] == []


def test_the_next_start_finds_the_data_the_logins_and_the_token(data: Path) -> None:
    first = json.loads((data.parent / "first.json").read_text())
    again = Run.begin(data, port_free())
    try:
        assert len(again.runs()) == first["runs"]
        assert "training" not in again.printed
        assert again.token in first["printed"]
    finally:
        again.end(signal.SIGTERM)
    assert processes_about(data) == {}


def test_a_second_start_on_the_same_folder_says_so(data: Path) -> None:
    first = Run.begin(data, port_free())
    try:
        second = start(data, port_free())
        said, _ = second.communicate()
        assert second.returncode != 0
        assert "A portal already runs on" in said
        assert str(first.process.pid) in said
        assert first.runs()
    finally:
        first.end(signal.SIGTERM)


def test_a_killed_supervisor_leaves_no_orphan_and_the_data_survives(data: Path) -> None:
    run = Run.begin(data, port_free())
    count = len(run.runs())
    run.end(signal.SIGKILL)
    assert processes.wait_until(lambda: not processes_about(data), seconds=60), processes_about(data)
    again = Run.begin(data, port_free())
    try:
        assert len(again.runs()) == count
    finally:
        again.end(signal.SIGHUP)
    assert processes_about(data) == {}


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        refused = start(tmp_path / "data", port)
        said, _ = refused.communicate()
    assert refused.returncode != 0
    assert f"Port {port} is taken" in said
    assert "PORT=" in said
    assert not (tmp_path / "data" / "postgres").exists()
