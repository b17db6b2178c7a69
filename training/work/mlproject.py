"""Reads MLproject files with MLflow's own parser, and refuses before anything runs what MLflow would find too late.

Imports mlflow, so it is loaded by the worker that reads such a file, never by the portal itself.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlflow.projects._project_spec import EntryPoint, Parameter, load_project

from portal.kernel.errors import InvalidInput
from training.work.words import said

_FILE_BYTES = 256 * 1024
_NUMBERS = {"float": float, "int": int, "integer": int, "long": int, "double": float}
_BOOLEANS = ("true", "false", "0", "1")


class Entry:
    """An entry point: its command with marks, the values of all its parameters, and those that it does not declare."""

    def __init__(
        self, command: str, values: dict[str, str], more: dict[str, str], environment: Path | None
    ) -> None:
        self.command, self.values, self.more, self.environment = command, values, more, environment


def entry_read(folder: Path, name: str, given: Mapping[str, Any]) -> Entry:
    """The entry point of that name, with checked values. Raises InvalidInput."""
    project = _loaded(folder)
    if project.docker_env:
        raise InvalidInput(
            "The project asks for a Docker image, which this portal does not run. Give it a python_env.",
            code="bad_project",
        )
    found = _found(project, name, folder)
    values = {each: said(value) for each, value in given.items()}
    missing = [
        key for key, parameter in found.parameters.items() if key not in values and parameter.default is None
    ]
    if missing:
        raise InvalidInput(
            f"The entry point {name} needs a value for {', '.join(missing)}.", code="missing_parameter"
        )
    used = {
        str(key): _checked(parameter, values.get(key, said(parameter.default)), folder)
        for key, parameter in found.parameters.items()
    }
    more = {key: value for key, value in values.items() if key not in used}
    environment = Path(project.env_config_path) if project.env_config_path else None
    return Entry(str(found.command), used, more, environment)


def _loaded(folder: Path) -> Any:
    named = [path for path in folder.iterdir() if path.name.lower() == "mlproject"]
    if any(path.stat().st_size > _FILE_BYTES for path in named):
        raise InvalidInput("The MLproject file is too long.", code="bad_project")
    try:
        return load_project(str(folder))
    except Exception as error:  # it raises whatever a strange file makes it stumble over
        said_of_it = str(error).replace(f"{folder}/", "")[:500]
        raise InvalidInput(f"The MLproject file cannot be read: {said_of_it}", code="bad_project") from error


def _found(project: Any, name: str, folder: Path) -> EntryPoint:
    declared = project._entry_points or {}
    is_script = name not in declared and Path(name).suffix in (".py", ".sh")
    if (name not in declared and not is_script) or (is_script and not (folder / name).is_file()):
        has = ", ".join(map(str, declared)) or "none"
        raise InvalidInput(
            f"The project has no entry point {name[:100]}. It has: {has[:500]}.", code="no_such_entry_point"
        )
    found = project.get_entry_point(name)
    if not isinstance(found.command, str) or not found.command.strip():
        raise InvalidInput(f"The entry point {name[:100]} has no command.", code="bad_project")
    return found


def _checked(parameter: Parameter, value: str, folder: Path) -> str:
    """The value, if it is of the type that the project declares."""
    kind = str(parameter.type).lower()
    try:
        if kind in _NUMBERS:
            _NUMBERS[kind](value)
        elif kind in ("bool", "boolean") and value.lower() not in _BOOLEANS:
            raise ValueError(value)
    except ValueError:
        raise InvalidInput(
            f"The parameter {parameter.name} is of type {kind}, and {value[:100]!r} is none.",
            code="wrong_type",
        ) from None
    if kind == "uri" and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|\$\{\{", value):
        raise InvalidInput(
            f"The parameter {parameter.name} is a URI, and {value[:100]!r} is none.", code="wrong_type"
        )
    return _path_checked(parameter, value, folder) if kind == "path" else value


def _path_checked(parameter: Parameter, value: str, folder: Path) -> str:
    if value.startswith("${{"):
        return value
    path = (folder / value).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.exists():
        raise InvalidInput(
            f"The parameter {parameter.name} is a path, and the code has no {value[:200]!r}. Give data as "
            f"an input of the job, and ${{{{inputs.name}}}} as the value.",
            code="no_such_path",
        )
    return str(path)
