"""Command lines with values, requirements of code, and addresses of repositories: cheap, and many."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as portal_settings

from portal.kernel.errors import InvalidInput
from training.services.clones import spec_merged
from training.spec.places import git_protocol
from training.spec.reading import spec_read
from training.work.conda import requirement_of
from training.work.needs import Needs, needs_read
from training.work.project import project_read
from training.work.words import words_plain, words_template

NASTY = "$(id) `id` ; rm -rf / & | > x \"q\" 'p' \\ * {other} ${{inputs.data}}x\nnew"
GIT = {"code": {"git": "https://example.com/x.git"}, "experiment": "e", "command": "python x.py"}


@pytest.mark.parametrize(
    "line",
    ["python x.py {v}", "python x.py --v={v}", "python x.py '{v}'", 'python x.py "{v}"', "a '{v} {v}' | cat"],
)
def test_a_value_is_never_read_by_a_shell(line: str) -> None:
    words = words_template(
        line.replace("python x.py", "printf %s").replace("a '", "printf %s '"),
        {"v": NASTY, "other": "no"},
        {"inputs.data": "/in"},
    )
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    value = NASTY.replace("${{inputs.data}}", "/in")
    assert said in (value, f"--v={value}", f"{value} {value}")


def test_a_plain_line_keeps_unknown_braces_and_needs_no_shell() -> None:
    words = words_plain(
        "python -c 'print({})' {a} {b} ${{ outputs.model }}/x", {"a": "1 2"}, {"outputs.model": "/o"}
    )
    assert words == ["python", "-c", "print({})", "1 2", "{b}", "/o/x"]
    with pytest.raises(InvalidInput, match="has no inputs"):
        words_plain("cat ${{inputs.none}}", {}, {})
    with pytest.raises(InvalidInput, match="cannot be read"):
        words_plain("python 'x", {}, {})


def code_of(folder: Path, **files: str) -> Path:
    code = folder / "code"
    for name, text in files.items():
        path = code / name.replace("__", "/").replace("_yaml", ".yaml").replace("_txt", ".txt").replace(
            "_toml", ".toml"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "outputs").mkdir(exist_ok=True)
    return code


def needs(folder: Path, environment: dict[str, Any] | None = None, **files: str) -> Needs:
    code = code_of(folder, **files)
    return needs_read(environment or {}, code, code, None)


@pytest.mark.parametrize(
    ("text", "lines", "python"),
    [
        ("python: 3.10.2\ndependencies:\n- a==1\n- b\n", ["a==1", "b"], "3.10.2"),
        (
            "channels: [x]\ndependencies:\n- python=3.9\n- numpy=1\n- pip\n- pip:\n  - c>2\n",
            ["numpy==1.*", "c>2"],
            "3.9",
        ),
        ("{}", [], ""),
    ],
)
def test_environments_in_yaml(tmp_path: Path, text: str, lines: list[str], python: str) -> None:
    found = needs(tmp_path, python_env_yaml=text)
    assert (found.lines, found.python) == (lines, python)
    assert len(found.notes) == (1 if "numpy" in text else 0)


@pytest.mark.parametrize(
    ("conda", "pip"),
    [
        ("numpy", "numpy"), ("numpy=1.26", "numpy==1.26.*"), ("numpy=1.26.*", "numpy==1.26.*"),
        ("numpy==1.26.4", "numpy==1.26.4"), ("numpy=1.26.4=py311h64a7726_0", "numpy==1.26.4"),
        ("scikit-learn >=1.2, <2", "scikit-learn>=1.2,<2"), ("conda-forge::PyYAML=6", "pyyaml==6.*"),
        ("pytorch=2.1", "torch==2.1.*"), ("cudatoolkit=11.8", None), ("no-such-package", None),
        ("numpy[version='>=1']", None), ("numpy 1.26", None), ("numpy; rm -rf", None), ("-r other.txt", None),
    ],
)  # fmt: skip
def test_packages_of_conda_that_pip_has_as_well(conda: str, pip: str | None) -> None:
    assert requirement_of(conda) == pip


def test_what_is_taken_from_conda_and_what_not_is_noted(tmp_path: Path) -> None:
    text = "dependencies:\n- numpy=1.26\n- scipy\n- gcc=12\n- pip:\n  - scipy==1.11.4\n"
    found = needs(tmp_path, conda_yaml=text)
    assert found.lines == ["numpy==1.26.*", "scipy==1.11.4"]
    assert found.notes == [
        "In the place of conda, pip installs: numpy==1.26.*.",
        "Packages that only conda has are not installed: gcc=12.",
    ]


def test_includes_constraints_and_own_packages(tmp_path: Path) -> None:
    code = code_of(tmp_path, requirements_txt="")
    (code / "requirements.txt").write_text(
        "a==1  # why\n-r sub/more.txt\n-c limits.txt\n-e .\n-i https://x.example/s\n"
    )
    (code / "sub").mkdir()
    (code / "sub" / "more.txt").write_text("b \\\n  --hash=sha256:00\n../\n")
    (code / "limits.txt").write_text("c<2\n")
    found = needs_read({}, code, code, None)
    assert ([each.split()[0] for each in found.lines], found.limits) == (["a==1", "b"], ["c<2"])
    assert (set(found.own), found.indexes) == ({code.resolve()}, ["-i https://x.example/s"])


@pytest.mark.parametrize(
    "lines",
    [
        ["-r ../../outside.txt"], ["-r /etc/passwd"], ["-r no-such.txt"], ["-e ../.."], ["x @ file:///etc"],
        ["--unknown"], ["-i https://user:secret@x.example/"], ["-f wheels"], ["x @ ./wheel.whl"],
    ],
)  # fmt: skip
def test_requirements_lead_nowhere_else(tmp_path: Path, lines: list[str]) -> None:
    (tmp_path.parent / "outside.txt").write_text("a")
    with pytest.raises(InvalidInput):
        needs(tmp_path, {"requirements": lines}, train_txt="x")


@pytest.mark.slow  # the parser comes with all of mlflow
@pytest.mark.parametrize(
    "text",
    [
        "entry_points: [1, 2]", "a: &a [*a]\n}", "name: x\npython_env: /etc/passwd", "docker_env: {image: x}",
        "entry_points: {main: {command: ''}}", "entry_points: {main: {command: 'x {nothing}'}}",
        "entry_points: {main: {parameters: {p: path}, command: 'x {p}'}}", "[" * 2000, "python_env: ../../../etc/hosts",
    ],
)  # fmt: skip
def test_strange_projects_are_refused(tmp_path: Path, text: str) -> None:
    code = code_of(tmp_path, MLproject=text, a_txt="x")
    spec = spec_read(
        {"experiment": "e", "code": {"bundled": "x"}, "entry_point": "main", "parameters": {"p": "../x"}}
    )
    with pytest.raises(InvalidInput):
        project_read(spec, code)


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% /tmp/x", "file:///etc", "/etc", "../x", "--upload-pack=x", "-oProxyCommand=x", "https://u:p@h/x",
        "https://token@h/x", "ssh://-oProxyCommand=x/y", "git@-oProxyCommand=x:y", "https:///x", "ftp://h/x",
        "http://h/x", "https://h/x y", "https://h/\n", "fd::17/x", "ssh://h:99999999/x", "git@h:-x", "https://h:x/y",
        "bundled:../../x", "bundled:none", "", "ssh://a b@h/x",
    ],
)  # fmt: skip
def test_no_address_carries_an_option_a_credential_or_another_protocol(url: str) -> None:
    with pytest.raises(InvalidInput):
        spec_read({**GIT, "code": {"git": url}})


@pytest.mark.parametrize(
    ("url", "protocol"),
    [
        ("https://github.com/mlflow/mlflow", "https"), ("https://h:8443/x.git", "https"),
        ("ssh://git@h:22/x.git", "ssh"),
        ("git@github.com:mlflow/mlflow.git", "ssh"), ("git://h/x", "git"), ("bundled:diabetes", "bundled"),
        ("https://[::1]/x", "https"),
    ],
)  # fmt: skip
def test_usual_addresses(url: str, protocol: str) -> None:
    assert git_protocol(url) == protocol
    assert "file" not in portal_settings.TRAINING_GIT_PROTOCOLS


@pytest.mark.parametrize(
    "ref", ["-x", "a b", "a..b", "a:b", "+a", "HEAD^{tree}", "a*", "--upload-pack=x", "@{1}"]
)
def test_references_are_names(ref: str) -> None:
    with pytest.raises(InvalidInput):
        spec_read({**GIT, "code": {"git": "https://example.com/x", "ref": ref}})


def test_changes_are_a_merge_patch() -> None:
    spec = {"parameters": {"a": 1, "b": 2}, "command": "x", "limits": {"timeout": "1h"}}
    changes = {"parameters": {"a": None, "c": 3}, "command": None, "entry_point": "main"}
    assert spec_merged(spec, changes) == {
        "parameters": {"b": 2, "c": 3}, "limits": {"timeout": "1h"}, "entry_point": "main",
    }  # fmt: skip
    with pytest.raises(InvalidInput):
        spec_merged(spec, [1])
