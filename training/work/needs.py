"""Which packages and which Python code asks for, in any of the files that people write that into."""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from portal.kernel.errors import InvalidInput
from training.work.conda import requirement_of

_FILE_BYTES, _LINES, _DEPTH = 256 * 1024, 5000, 8
# What says where packages come from: the kind of place, and whether it is an address or a page of links.
_PLACES = {"index": "url", "extra-index": "url", "find": "links"}
_INDEX_OPTIONS = {"-i", "-f", *(f"--{kind}-{what}" for kind, what in _PLACES.items())}
_COMPILE_OPTIONS = ("--pre", "--no-binary", "--only-binary")
_LEFT_OUT = ("--trusted-host", "--prefer-binary", "--use-feature", "--no-cache-dir", "--require-hashes")
_INCLUDES = {"-r": "lines", "--requirement": "lines", "-c": "limits", "--constraint": "limits"}


@dataclass
class Needs:
    """Requirement lines, limits on versions, options about indexes, folders whose own package is meant, and a Python.

    Nothing outside of `root` is read. `notes` says what was not taken over.
    """

    root: Path
    lines: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    indexes: list[str] = field(default_factory=list)
    own: list[Path] = field(default_factory=list)
    python: str = ""
    notes: list[str] = field(default_factory=list)


def needs_read(environment: Mapping[str, Any], root: Path, folder: Path, named: Path | None) -> Needs:
    """What the specification asks for, else what the code says. `named` is a file that the project names."""
    needs = Needs(root.resolve())
    if "requirements" in environment:
        _lines_add(needs, environment["requirements"], folder, "lines")
    elif "requirements_file" in environment:
        _lines_add(needs, [f"-r {environment['requirements_file']}"], folder, "lines")
    else:
        _code_read(needs, folder, named)
    needs.python = environment.get("python") or needs.python
    return needs


def _code_read(needs: Needs, folder: Path, named: Path | None) -> None:
    for path in (named, folder / "python_env.yaml", folder / "conda.yaml"):
        if path is not None and path.is_file():
            _yaml_read(needs, path)
            return
    if (folder / "requirements.txt").is_file():
        _lines_add(needs, ["-r requirements.txt"], folder, "lines")
    elif (folder / "pyproject.toml").is_file():
        needs.own.append(folder)


def _yaml_read(needs: Needs, path: Path) -> None:
    """A python_env.yaml, or a conda.yaml: its part for pip, and what pip has by the same name."""
    try:
        said = yaml.safe_load(_text(path, needs.root)) or {}
        listed, python = said.get("dependencies") or [], str(said.get("python") or "")
        lines = [each for each in listed if isinstance(each, str)]
        pips = [each["pip"] for each in listed if isinstance(each, Mapping)]
        is_conda = bool(pips) or "channels" in said
        if is_conda:
            python = next((each for each in lines if re.match(r"python\s*[=<>]", each)), "")
            others = [each for each in lines if not re.match(r"(python|pip|setuptools|wheel)\b", each)]
            own = [str(line) for part in pips for line in part]
            lines = [*_conda_read(needs, others, own), *own]
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, RecursionError) as error:
        raise InvalidInput(
            f"{path.name} cannot be read: {str(error)[:300]}", code="bad_environment"
        ) from error
    needs.python = _version(python)
    _lines_add(needs, lines, path.parent, "lines")


def _conda_read(needs: Needs, listed: Sequence[str], own: Sequence[str]) -> list[str]:
    """What of conda's packages pip can install as well, unless its own part names it; the notes say which."""
    named = {re.split(r"[^\w.-]", line.strip(), maxsplit=1)[0].lower() for line in own}
    read = {each: requirement_of(each) for each in listed}
    taken = [line for line in read.values() if line and re.split(r"[<>=!~]", line)[0] not in named]
    left = [each for each, line in read.items() if line is None]
    if taken:
        needs.notes.append(f"In the place of conda, pip installs: {', '.join(taken)[:500]}.")
    if left:
        needs.notes.append(f"Packages that only conda has are not installed: {', '.join(left)[:500]}.")
    return taken


def _version(text: str) -> str:
    found = re.search(r"3\.\d{1,2}(\.\d{1,3})?", text)
    return found[0] if found else ""


def _lines_add(needs: Needs, lines: Iterable[str], folder: Path, kind: str, depth: int = 0) -> None:
    if depth > _DEPTH:
        raise InvalidInput("The requirements include each other too deeply.", code="bad_environment")
    for line in lines:
        text = re.sub(r"(^|\s)#.*", "", line).strip()
        if text:
            _line_add(needs, text, folder, kind, depth)
        if len(needs.lines) + len(needs.limits) > _LINES:
            raise InvalidInput(f"There are at most {_LINES} requirements.", code="bad_environment")


def _line_add(needs: Needs, text: str, folder: Path, kind: str, depth: int) -> None:
    option, value = _option(text)
    if option in _INCLUDES:
        path = (folder / value).resolve()
        inside = _text(path, needs.root).replace("\\\n", " ").splitlines()
        _lines_add(needs, inside, path.parent, _INCLUDES[option] if kind == "lines" else kind, depth + 1)
    elif option in ("-e", "--editable") or re.match(r"\.{1,2}(/|\[|$)", text):
        needs.own.append(_own(needs, folder / re.sub(r"\[[^]]*\]$", "", value if option else text)))
    elif option in _INDEX_OPTIONS:
        needs.indexes.append(_index(option, value))
    elif option in _COMPILE_OPTIONS:
        needs.lines.append(text)
    elif option in _LEFT_OUT:
        needs.notes.append(f"The option {option} of the requirements is not taken over.")
    elif option:
        raise InvalidInput(
            f"The requirements hold {text[:200]!r}, which is unknown here.", code="bad_environment"
        )
    elif re.search(r"\bfile:|@\s*[./]", text):
        raise InvalidInput(
            f"The requirement {text[:200]!r} is a file. Name a folder of the code, as in ./package.",
            code="bad_environment",
        )
    else:
        (needs.lines if kind == "lines" else needs.limits).append(text)


def _option(text: str) -> tuple[str, str]:
    if not text.startswith("-"):
        return "", ""
    words: Sequence[str] = shlex.split(text.replace("=", " ", 1) if text.startswith("--") else text) or [""]
    if len(words) == 1 and not text.startswith("--") and len(text) > 2:
        return text[:2], text[2:]
    return words[0], words[1] if len(words) > 1 else ""


def _own(needs: Needs, folder: Path) -> Path:
    """A folder of the code that is a package: what it needs is installed, and itself is found where it lies."""
    path = folder.resolve()
    if not path.is_relative_to(needs.root) or not path.is_dir():
        raise InvalidInput(f"The code has no folder {folder.name[:100]}.", code="no_such_file")
    return path


def _index(option: str, url: str) -> str:
    if not re.match(r"https?://[^\s@]+\Z", url):
        raise InvalidInput(
            f"The index {url[:100]!r} is no https address without a password.", code="bad_environment"
        )
    return f"{option} {url}"


def _text(path: Path, root: Path) -> str:
    """A file of the code. Raises InvalidInput for one elsewhere, and for one that is not there or too long."""
    if not path.resolve().is_relative_to(root) or not path.is_file():
        raise InvalidInput(f"The code has no file {path.name[:100]}.", code="no_such_file")
    if path.stat().st_size > _FILE_BYTES:
        raise InvalidInput(f"{path.name[:100]} is too long.", code="bad_environment")
    return path.read_text(encoding="utf-8", errors="replace")
