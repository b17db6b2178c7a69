"""What the code itself says: packages, Python, and which command is meant."""

import json
import platform
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from portal.kernel.errors import InvalidInput
from training.spec.parameters import PLACE, unused, variables_of, wants_file
from training.work.needs import Needs, needs_read
from training.work.words import places_put, said, text_put, words_plain, words_template

PROGRAMS = Path(__file__).resolve().parents[1] / "programs"
# Beside the code while it runs, and below outputs what the portal itself keeps of it.
OURS = ".portal"
_PARAMETERS = "parameters.json"
_NOTEBOOK_NEEDS = ("nbclient>=0.10", "nbformat>=5.10", "ipykernel>=6.29")


@dataclass(frozen=True)
class Project:
    """How a tree of code is run: its folder, the command as words, and what it needs. `lock` excludes `needs`.

    `parameters` are what the run logs, with the defaults of an entry point, `variables` those of the specification
    with values put in, `unused` the given parameters that reach the code nowhere.
    """

    folder: Path
    words: tuple[str, ...]
    parameters: Mapping[str, str]
    needs: Needs
    lock: str
    python: str
    variables: Mapping[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Read:
    """What is executed: words, the parameters as text, those that are in no line, and the environment's file."""

    words: list[str]
    parameters: Mapping[str, str]
    unused: list[str]
    environment: Path | None = None


def project_read(spec: Mapping[str, Any], code: Path) -> Project:
    """Find out how the specification's command runs in this tree. Raises InvalidInput when the tree does not fit it."""
    folder = code / spec["code"].get("subdirectory", ".")
    if not folder.is_dir():
        raise InvalidInput(f"The code has no folder {spec['code']['subdirectory']}.", code="no_such_folder")
    places = _places(spec, code.parent, folder)
    read = _command(spec, folder, code.parent, places)
    needs = needs_read(spec["environment"], code, folder, read.environment)
    if "notebook" in spec:
        needs.lines += _NOTEBOOK_NEEDS
    variables = {name: text_put(text, read.parameters, places) for name, text in variables_of(spec).items()}
    return Project(
        folder, tuple(read.words), read.parameters, needs, spec["environment"].get("lock", ""),
        needs.python or platform.python_version(), variables, tuple(read.unused),
    )  # fmt: skip


def _places(spec: Mapping[str, Any], scratch: Path, folder: Path) -> dict[str, str]:
    found = {
        f"{kind}.{name}": str(scratch / kind / name) for kind in ("inputs", "outputs") for name in spec[kind]
    }
    return {**found, PLACE: str(folder / OURS / _PARAMETERS)}


def _command(spec: Mapping[str, Any], folder: Path, scratch: Path, places: Mapping[str, str]) -> _Read:
    given = spec["parameters"]
    values = {name: said(value) for name, value in given.items()}
    texts = list(variables_of(spec).values())
    if "entry_point" in spec:
        return _entry(spec, folder, places, texts)
    if "notebook" in spec:
        return _Read(_notebook(spec, folder, scratch, places), values, [])
    texts.append(spec["command"])
    if wants_file([*texts, *values.values()]):
        _parameters_write(places, given)
    return _Read(words_plain(spec["command"], values, places), values, unused(given, texts))


def _entry(spec: Mapping[str, Any], folder: Path, places: Mapping[str, str], texts: list[str]) -> _Read:
    # Imports mlflow, which only a worker that reads such a file needs.
    entry = import_module("training.work.mlproject").entry_read(
        folder, spec["entry_point"], spec["parameters"]
    )
    more = [word for name, value in entry.more.items() for word in (f"--{name}", places_put(value, places))]
    words = words_template(entry.command, entry.values, places)
    if words[0] == "bash" and more and words[1] == "-c":
        words[2] += "".join(f' "${{{len(words) - 3 + number}}}"' for number in range(len(more)))
    texts = [*texts, entry.command]
    parameters = {**entry.values, **entry.more}
    if wants_file([*texts, *parameters.values()]):
        _parameters_write(places, {**parameters, **spec["parameters"]})
    declared = [name for name in spec["parameters"] if name not in entry.more]
    return _Read([*words, *more], parameters, unused(declared, texts), entry.environment)


def _notebook(spec: Mapping[str, Any], folder: Path, scratch: Path, places: Mapping[str, str]) -> list[str]:
    """A program of the portal runs it in the job's own environment, and leaves it as it was executed."""
    notebook = folder / spec["notebook"]
    if not notebook.is_file():
        raise InvalidInput(f"The code has no notebook {spec['notebook']}.", code="no_such_notebook")
    odd = [name for name in spec["parameters"] if not name.isidentifier()]
    if odd:
        raise InvalidInput(f"{odd[0]} is no name of a variable, so no notebook gets it.", code="wrong_type")
    given = _parameters_write(places, spec["parameters"])
    program, kept = given.parent / "notebook.py", scratch / "outputs" / OURS
    kept.mkdir(exist_ok=True)
    shutil.copyfile(PROGRAMS / "notebook" / "notebook.py", program)
    return ["python", str(program), str(notebook), str(given), str(kept / notebook.name)]


def _parameters_write(places: Mapping[str, str], given: Mapping[str, Any]) -> Path:
    """The file of the parameters as JSON, each with the type that it was given with."""
    path = Path(places[PLACE])
    path.parent.mkdir(exist_ok=True)
    values = {
        name: places_put(value, places) if isinstance(value, str) else value for name, value in given.items()
    }
    path.write_text(json.dumps(values))
    return path
