"""The project's own files: locks, reasons for dependencies, layers that know every app."""

import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def direct_dependencies() -> set[str]:
    lines = [
        line
        for name in ("base", "dev", "uv")
        for line in (ROOT / f"requirements/{name}.in").read_text().splitlines()
    ]
    return {re.split(r"[\[=<>]", line)[0] for line in lines if line and not line.startswith(("#", "-r"))}


def test_locks_name_no_host_and_hash_everything() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert "://" not in text
        assert "--index" not in text
        for entry in re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL):
            assert "--hash=sha256:" in entry, entry


def test_every_direct_dependency_has_a_reason() -> None:
    told = set(re.findall(r"^- `([^`]+)`: .{10,}", (ROOT / "docs/dependencies.md").read_text(), re.MULTILINE))
    assert told == direct_dependencies()


def test_the_layers_know_every_app() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert apps <= set(contracts["root_packages"])
    inside = next(each for each in contracts["contracts"] if each["name"] == "Inside an app")
    assert apps <= set(inside["containers"])


def test_help_lists_the_targets() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("run", "test", "test-fast", "lint", "typecheck", "bench", "lock", "help"):
        assert re.search(rf"^  make {target} +\S", said, re.MULTILINE), target


def test_the_build_server_calls_the_same_target() -> None:
    assert "make test" in (ROOT / ".ci/run").read_text()
    assert (ROOT / ".ci/run").stat().st_mode & 0o111
