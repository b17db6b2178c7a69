"""What the code itself says: packages, Python, and which command is meant."""

import json
import platform
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from portal.kernel.errors import InvalidInput
from training.work.needs import Needs, needs_read
from training.work.words import places_put, said, words_plain, words_template

PROGRAMS = Path(__file__).resolve().parents[1] / "programs"
# Beside the code while it runs, and below outputs what the portal itself keeps of it.
OURS = ".portal"
_NOTEBOOK_NEEDS = ("nbclient>=0.10", "nbformat>=5.10", "ipykernel>=6.29")


@dataclass(frozen=True)
class Project:
    """How a tree of code is run: its folder, the command as words, and what it needs. `lock` excludes `needs`.

    `parameters` are what the run logs, with the defaults of an entry point.
    """

    folder: Path
    words: tuple[str, ...]
    parameters: Mapping[str, str]
    needs: Needs
    lock: str
    python: str


def project_read(spec: Mapping[str, Any], code: Path) -> Project:
    """Find out how the specification's command runs in this tree. Raises InvalidInput when the tree does not fit it."""
    folder = code / spec["code"].get("subdirectory", ".")
    if not folder.is_dir():
        raise InvalidInput(f"The code has no folder {spec['code']['subdirectory']}.", code="no_such_folder")
    words, parameters, named = _command(spec, folder, code.parent)
    needs = needs_read(spec["environment"], code, folder, named)
    if "notebook" in spec:
        needs.lines += _NOTEBOOK_NEEDS
    lock = spec["environment"].get("lock", "")
    return Project(folder, tuple(words), parameters, needs, lock, needs.python or platform.python_version())


def _places(spec: Mapping[str, Any], scratch: Path) -> dict[str, str]:
    return {
        f"{kind}.{name}": str(scratch / kind / name) for kind in ("inputs", "outputs") for name in spec[kind]
    }


def _command(
    spec: Mapping[str, Any], folder: Path, scratch: Path
) -> tuple[list[str], Mapping[str, str], Path | None]:
    """The words, the parameters, and the file of the environment that the project names."""
    places = _places(spec, scratch)
    values = {name: said(value) for name, value in spec["parameters"].items()}
    if "entry_point" in spec:
        # Imports mlflow, which only a worker that reads such a file needs.
        entry = import_module("training.work.mlproject").entry_read(
            folder, spec["entry_point"], spec["parameters"]
        )
        more = [
            word for name, value in entry.more.items() for word in (f"--{name}", places_put(value, places))
        ]
        words = words_template(entry.command, entry.values, places)
        if words[0] == "bash" and more and words[1] == "-c":
            words[2] += "".join(f' "${{{len(words) - 3 + number}}}"' for number in range(len(more)))
        return [*words, *more], {**entry.values, **entry.more}, entry.environment
    if "notebook" in spec:
        return _notebook(spec, folder, scratch), values, None
    return words_plain(spec["command"], values, places), values, None


def _notebook(spec: Mapping[str, Any], folder: Path, scratch: Path) -> list[str]:
    """A program of the portal runs it in the job's own environment, and leaves it as it was executed."""
    notebook = folder / spec["notebook"]
    if not notebook.is_file():
        raise InvalidInput(f"The code has no notebook {spec['notebook']}.", code="no_such_notebook")
    odd = [name for name in spec["parameters"] if not name.isidentifier()]
    if odd:
        raise InvalidInput(f"{odd[0]} is no name of a variable, so no notebook gets it.", code="wrong_type")
    ours, kept = folder / OURS, scratch / "outputs" / OURS
    ours.mkdir(exist_ok=True)
    kept.mkdir(exist_ok=True)
    program, given = ours / "notebook.py", ours / "parameters.json"
    shutil.copyfile(PROGRAMS / "notebook" / "notebook.py", program)
    places = _places(spec, scratch)
    values = {
        name: places_put(value, places) if isinstance(value, str) else value
        for name, value in spec["parameters"].items()
    }
    given.write_text(json.dumps(values))
    return ["python", str(program), str(notebook), str(given), str(kept / notebook.name)]
