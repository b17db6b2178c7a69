"""From the fields of a form to a specification, and back."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml
from django.http import QueryDict

from portal.kernel.errors import DomainError, InvalidInput
from registry.gate.yaml_reading import UnreadableYaml, yaml_read
from training.models.code import BUNDLED, GIT, UPLOAD
from training.web.submit_fields import RUNS

_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,17})?(e-?\d{1,3})?\Z")
_PLACE = re.compile(r"([a-z_]+(?:/[^:\s]+)*): (.+)", re.DOTALL)
_OF_SOURCE = {GIT: ("git", "ref", "secret"), BUNDLED: ("bundled",), UPLOAD: ("snapshot",)}
_FIELDS_OF = {"command": "what", "entry_point": "what", "notebook": "what", "environment": "requirements"}
ROWS = {
    "parameter": ("name", "value"),
    "input": ("name", "kind", "of", "version", "context"),
    "output": ("name", "dataset"),
}
_ROW_FIELDS = {"parameters": "parameter", "inputs": "input", "outputs": "output"}
_PAIRS = ("variables", "secrets")


def spec_of_form(said: Mapping[str, Any], data: QueryDict) -> dict[str, Any]:
    """The specification that cleaned fields and their rows mean. Raises InvalidInput, with the place."""
    code = {name: said[name] for name in (*_OF_SOURCE[said["source"]], "subdirectory")}
    environment: dict[str, Any] = {
        "requirements": [line.strip() for line in said["requirements"].splitlines() if line.strip()],
        **{name: said[name] for name in ("requirements_file", "lock", "python")},
        **{name: _pairs(f"environment/{name}", said[name]) for name in _PAIRS},
    }  # fmt: skip
    spec = {
        "name": said["name"], "experiment": said["experiment"], said["run"]: said["what"], "code": _filled(code),
        "parameters": {row["name"]: _value(row["value"]) for row in rows_given(data, "parameter")},
        "environment": _filled(environment),
        "inputs": {row["name"]: _input(row) for row in rows_given(data, "input")},
        "outputs": {row["name"]: _output(row) for row in rows_given(data, "output")},
        "resources": _filled({name: said[name] for name in ("cpus", "memory", "gpus")}),
        "limits": _filled({name: said[name] for name in ("timeout", "retries")}),
        "seed": said["seed"], "queue": said["queue"], "priority": said["priority"], "executor": said["executor"],
        "tags": _pairs("tags", said["tags"]),
    }  # fmt: skip
    return _filled(spec)


def fields_of_spec(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as a specification fills them, as far as it has the shape of one."""
    run = next((name for name, _ in RUNS if name in spec), "entry_point")
    code, environment = _mapping(spec, "code"), _mapping(spec, "environment")
    source = next((name for name, keys in _OF_SOURCE.items() if keys[0] in code), BUNDLED)
    found = {**spec, **code, **_mapping(spec, "resources"), **_mapping(spec, "limits")}
    requirements = environment.get("requirements") or []
    found |= {"source": source, "run": run, "what": spec.get(run, ""), **environment}
    found["requirements"] = (
        "\n".join(map(str, requirements)) if isinstance(requirements, list) else requirements
    )
    found |= {name: _pairs_text(_mapping(environment, name)) for name in _PAIRS}
    return {**found, "tags": _pairs_text(_mapping(spec, "tags"))}


def rows_of_spec(spec: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """The rows of a specification."""
    inputs = [
        {
            "name": name, "kind": "model" if "model" in each else "dataset", "context": each.get("context", ""),
            "of": each.get("model") or each.get("dataset") or "",
            "version": str(each.get("version") or each.get("alias") or ""),
        }
        for name, each in _mapping(spec, "inputs").items() if isinstance(each, Mapping)
    ]  # fmt: skip
    outputs = [
        {"name": name, "dataset": each.get("dataset", "")}
        for name, each in _mapping(spec, "outputs").items()
        if isinstance(each, Mapping)
    ]
    parameters = [
        {"name": name, "value": _shown(value)} for name, value in _mapping(spec, "parameters").items()
    ]
    return {"parameter": parameters, "input": inputs, "output": outputs}


def rows_given(data: QueryDict, kind: str) -> Iterator[dict[str, str]]:
    """The rows of a kind that have a name."""
    columns = [data.getlist(f"{kind}_{column}") for column in ROWS[kind]]
    for values in zip(*columns, strict=False):
        row = dict(zip(ROWS[kind], (value.strip() for value in values), strict=True))
        if row["name"]:
            yield row


def spec_of_text(text: str) -> dict[str, Any]:
    """A specification written as JSON or YAML. Raises InvalidInput."""
    try:
        found = json.loads(text) if text.lstrip().startswith("{") else yaml_read(text.encode())
    except (ValueError, UnreadableYaml, RecursionError) as error:
        raise InvalidInput(
            f"This is neither JSON nor YAML: {str(error)[:300]}", code="invalid_spec"
        ) from error
    if not isinstance(found, dict):
        raise InvalidInput(
            "A specification is an object with keys such as command and code.", code="invalid_spec"
        )
    return found


def text_of_spec(spec: Mapping[str, Any]) -> str:
    """A specification as YAML, in the order that people write it in."""
    text: str = yaml.safe_dump(dict(spec), sort_keys=False, allow_unicode=True, width=100)
    return text


def patch_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The merge patch that makes one specification another; code is of one piece, and what reads alike is the same."""
    known = _mapping(before, "parameters")
    parameters = {
        name: known[name] if name in known and _shown(known[name]) == _shown(value) else value
        for name, value in _mapping(after, "parameters").items()
    }
    patch = _patch(before, {**after, "parameters": parameters})
    return {**patch, "code": after["code"]} if "code" in patch else patch


def placed(no: DomainError) -> tuple[str, str]:
    """The field or the kind of rows that a refusal is about, and what it says; no field where it is about the whole."""
    found = _PLACE.match(no.detail)
    if found is None:
        return ("queue" if no.code == "unknown_queue" else ""), no.detail
    parts = found[1].split("/")
    if parts[0] in _ROW_FIELDS:
        return _ROW_FIELDS[parts[0]], f"{'/'.join(parts[1:2])}: {found[2]}" if len(parts) > 1 else found[2]
    inner = (
        parts[1]
        if parts[0] in ("code", "environment", "resources", "limits") and len(parts) > 1
        else parts[0]
    )
    return _FIELDS_OF.get(inner, inner), found[2]


def _patch(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    patch: dict[str, Any] = {name: None for name in before if name not in after}
    for name, value in after.items():
        old = before.get(name)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            inside = _patch(old, value)
            patch |= {name: inside} if inside else {}
        elif old != value:
            patch[name] = value
    return patch


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def _mapping(spec: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = spec.get(name)
    return found if isinstance(found, Mapping) else {}


def _pairs(place: str, text: str) -> dict[str, str]:
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, equals, value = line.partition("=")
        if not equals:
            raise InvalidInput(
                f"{place}: each line is NAME=value, and {line[:60]!r} is not.", code="invalid_spec"
            )
        found[name.strip()] = value.strip()
    return found


def _pairs_text(values: Mapping[str, Any]) -> str:
    return "\n".join(f"{name}={value}" for name, value in values.items())


def _input(row: Mapping[str, str]) -> dict[str, Any]:
    kind = "model" if row["kind"] == "model" else "dataset"
    found: dict[str, Any] = {kind: row["of"], "context": row["context"]}
    if row["version"].isdecimal():
        found["version"] = int(row["version"])
    elif row["version"]:
        found["alias"] = row["version"]
    return {kind: row["of"], **_filled(found)}


def _output(row: Mapping[str, str]) -> dict[str, Any]:
    return {"type": "dataset", "dataset": row["dataset"]} if row["dataset"] else {"type": "folder"}


def _value(text: str) -> Any:
    """Numbers and booleans are what they look like."""
    if text in ("true", "false"):
        return text == "true"
    return json.loads(text) if _NUMBER.match(text) else text


def _shown(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def row_list(rows: Sequence[Mapping[str, str]], more: int) -> list[Mapping[str, str]]:
    """Rows with empty ones to fill in."""
    return [*rows, *({} for _ in range(more))]
