"""Projects by Git, notebooks and scripts by a real worker in a real environment."""

import fcntl
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kept import CACHE
from tests.live.portal import Portal
from tests.live.wire import Wire
from tests.training.live import ended, submitted

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]
BUNDLE = Path(__file__).resolve().parents[2] / "examples" / "repositories" / "diabetes.bundle"
BASE: dict[str, Any] = {"experiment": "kinds", "limits": {"timeout": "5m"}}


@pytest.fixture(scope="module")
def wire(portal_server: Portal) -> Iterator[Wire]:
    with portal_server.worker(), portal_server.wire("eve") as wire:
        yield wire


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with everything that must do nothing: a hook, a filter, a link, a submodule."""
    place = tmp_path_factory.mktemp("git") / "diabetes"
    git(place.parent, "clone", "--quiet", str(BUNDLE), place.name)
    (place / "link").symlink_to("/etc/passwd")
    (place / ".gitattributes").write_text("*.py filter=evil\nREADME.md export-ignore\n")
    (place / ".gitmodules").write_text('[submodule "x"]\n\tpath = x\n\turl = ext::sh -c touch% /tmp/pwned\n')
    git(place, "add", "-A")
    git(place, "commit", "--quiet", "-m", "Add what must do nothing")
    return place


def git(folder: Path, *arguments: str) -> str:
    named = ("-c", "user.name=tester", "-c", "user.email=tester@example.com")
    done = subprocess.run(["git", *named, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def run_of(wire: Wire, training: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = wire.json("GET", f"/api/2.0/mlflow/runs/get?run_id={training['run_id']}").json[
        "run"
    ]
    return found


def pairs(listed: list[dict[str, Any]]) -> dict[str, Any]:
    return {each["key"]: each["value"] for each in listed}


def artifacts(wire: Wire, run_id: str, path: str) -> list[str]:
    listed = wire.json("GET", f"/api/2.0/mlflow/artifacts/list?run_id={run_id}&path={path}").json
    return [file["path"] for file in listed["files"]]


def test_a_project_of_a_repository_runs_at_a_commit_with_its_defaults(wire: Wire, repository: Path) -> None:
    code = {"git": f"file://{repository}", "ref": "main"}
    spec = {**BASE, "entry_point": "main", "code": code, "parameters": {"rows": 100}, "seed": 3}
    found = ended(wire, submitted(wire, spec))
    assert found["state"] == "done", found["reason"]
    run, commit = run_of(wire, found), git(repository, "rev-parse", "HEAD")
    tags = pairs(run["data"]["tags"])
    assert pairs(run["data"]["params"]) == {"alpha": "0.5", "rows": "100", "rows_used": "100"}
    assert tags["mlflow.source.git.commit"] == commit
    assert tags["mlflow.source.git.repoURL"] == f"file://{repository}"
    assert (tags["portal.seed"], tags["portal.code.dirty"]) == ("3", "false")
    assert tags["portal.python"].startswith("3.11.")
    assert set(artifacts(wire, found["run_id"], "portal")) == {
        "portal/machine.json", "portal/requirements.lock", "portal/specification.json",
    }  # fmt: skip


def test_values_reach_a_shell_as_they_are(wire: Wire) -> None:
    title = "a; touch pwned `id` $HOME \"q\" 'p'"
    code = {"git": "bundled:diabetes", "ref": "v1"}
    found = ended(
        wire,
        submitted(wire, {**BASE, "entry_point": "summary", "code": code, "parameters": {"title": title}}),
    )
    assert found["state"] == "done", found["reason"]
    assert pairs(run_of(wire, found)["data"]["tags"])["title"] == title


def test_an_environment_that_is_gone_is_built_again_from_its_lock(wire: Wire) -> None:
    """Others may find theirs from an earlier run; this one is built in each."""
    spec = {
        **BASE, "command": "python -c 'import six; print(six.__file__)'", "code": {"bundled": "digits"},
        "environment": {"requirements": ["six"]},
    }  # fmt: skip
    first = ended(wire, submitted(wire, spec))
    home = CACHE / "environments" / first["environment_digest"]
    with home.with_suffix(".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        shutil.rmtree(home)
    again = ended(wire, submitted(wire, spec))
    assert (first["state"], again["state"]) == ("done", "done"), again["reason"]
    assert again["environment_digest"] == first["environment_digest"]
    log = wire.send("GET", f"/api/v1/jobs/{again['job']}/logs").body.decode()
    assert f"/{home.name}/lib/" in log
    assert (home / "bin" / "python").exists()


def test_a_notebook_runs_with_parameters_and_is_kept(wire: Wire) -> None:
    spec = {**BASE, "notebook": "digits.ipynb", "code": {"bundled": "digits"}, "parameters": {"gamma": 0.002}}
    found = ended(wire, submitted(wire, spec))
    assert found["state"] == "done", found["reason"]
    assert "accuracy" in pairs(run_of(wire, found)["data"]["metrics"])
    path = "executed/digits.ipynb"
    assert artifacts(wire, found["run_id"], "executed") == [path]
    kept = wire.send("GET", f"/get-artifact?run_uuid={found['run_id']}&path={path}")
    cells = json.loads(kept.body)["cells"]
    assert "gamma = 0.002" in "".join(cells[2]["source"])
    log = wire.send("GET", f"/api/v1/jobs/{found['job']}/logs").body.decode()
    assert "with gamma=0.002" in log


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"entry_point": "train"}, "no_such_entry_point"),
        ({"entry_point": "main"}, "missing_parameter"),
        ({"entry_point": "main", "parameters": {"rows": "many"}}, "wrong_type"),
    ],
)
def test_what_does_not_fit_the_project_is_found_before_a_run_begins(
    wire: Wire, change: dict[str, Any], code: str
) -> None:
    found = ended(wire, submitted(wire, {**BASE, "code": {"git": "bundled:diabetes"}, **change}))
    assert (found["state"], found["run_id"]) == ("failed", None)
    assert found["seen"]["refused"]["code"] == code


def portal_program(server: Portal, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the program that the portal hands out, as somebody does who downloaded it."""
    program = folder / "portal.py"
    with server.wire("eve") as wire:
        program.write_bytes(Wire(wire.port).send("GET", "/cli/portal.py").body)
    env = {"PATH": "/usr/bin:/bin", "PORTAL_TOKEN": server.token("eve"), "HOME": str(folder)}
    return subprocess.run(
        [sys.executable, "-I", str(program), *words],
        capture_output=True,
        text=True,
        env=env,
        cwd=folder,
        timeout=120,
    )


def test_a_folder_is_sent_from_a_terminal_followed_and_run_again(
    portal_server: Portal, wire: Wire, repository: Path, tmp_path: Path
) -> None:
    (repository / "say.py").write_text("import sys\nprint('said', sys.argv[1])\nsys.exit(int(sys.argv[1]))\n")
    spec = {**BASE, "name": "told", "command": "python say.py {code}", "environment": {"requirements": []}}
    (tmp_path / "job.json").write_text(json.dumps({**spec, "parameters": {"code": 0}}))
    words = ("submit", "job.json", "--code", str(repository), "--workspace", "credit", "--follow")
    done = portal_program(portal_server, tmp_path, *words)
    assert (done.returncode, "said 0" in done.stdout) == (0, True), done.stderr
    training_id = re.findall(r"training ([0-9a-f-]{36})", done.stderr)[0]
    found = wire.json("GET", f"/api/v1/training-jobs/{training_id}").json
    code = wire.json("GET", f"/api/v1/code-snapshots/{found['code']}").json
    assert code["git_commit"] == git(repository, "rev-parse", "HEAD")
    assert code["is_dirty"]
    assert "say.py" in code["diff"]
    assert "portal/code.diff" in artifacts(wire, found["run_id"], "portal")

    failed = portal_program(portal_server, tmp_path, *words, "-p", "code=7")
    assert (failed.returncode, "said 7" in failed.stdout) == (7, True), failed.stderr

    again = wire.json(
        "POST", f"/api/v1/training-jobs/{training_id}/clones", {"changes": {"parameters": {"code": 3}}}
    )
    assert again.status == 201, again.body
    clone = ended(wire, again.json["id"])
    assert clone["seen"]["exit"]["code"] == 3
    assert (clone["code"], clone["environment_digest"]) == (found["code"], found["environment_digest"])
    assert (clone["cloned_from"], clone["state"], clone["name"]) == (training_id, "failed", "told")
    listed = portal_program(portal_server, tmp_path, "jobs", "-n", "1")
    assert clone["id"] in listed.stdout
    shown = portal_program(portal_server, tmp_path, "logs", clone["id"])
    assert "said 3" in shown.stdout


def test_a_terminal_is_told_what_is_wrong(portal_server: Portal, tmp_path: Path) -> None:
    (tmp_path / "job.json").write_text(json.dumps({**BASE, "command": "x", "code": {"git": "file"}}))
    done = portal_program(portal_server, tmp_path, "submit", "job.json", "--workspace", "credit")
    assert (done.returncode, "code/git" in done.stderr) == (2, True), done.stderr


def test_a_reference_that_is_not_there_fails_with_what_git_said(wire: Wire, repository: Path) -> None:
    code = {"git": f"file://{repository}", "ref": "no-such-branch"}
    found = ended(wire, submitted(wire, {**BASE, "command": "python fit.py", "code": code}))
    assert found["state"] == "failed"
    assert "no-such-branch" in found["reason"]
