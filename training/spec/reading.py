"""Reads specifications of training jobs: JSON or YAML, checked against the published schema, made normal."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import rfc8785

from portal.kernel.errors import InvalidInput
from portal.kernel.json_schema import JsonSchema
from training.spec.executors import executor_check
from training.spec.places import bundle_path, git_protocol

SCHEMA_PATH = Path(__file__).parent / "schema.json"
SPEC_BYTES = 4 * 1024 * 1024
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZES = {"Mi": 1024**2, "Gi": 1024**3}


@cache
def schema() -> dict[str, Any]:
    """The published JSON schema."""
    found: dict[str, Any] = json.loads(SCHEMA_PATH.read_text())
    return found


@cache
def _form() -> JsonSchema:
    return JsonSchema(schema())


def spec_read(given: Any) -> dict[str, Any]:
    """The normal form of a specification: checked, with its defaults written out. Raises InvalidInput."""
    if not isinstance(given, Mapping):
        raise InvalidInput(
            "A training job is an object with keys such as command and code.", code="invalid_spec"
        )
    if len(json.dumps(given, default=str)) > SPEC_BYTES:
        raise InvalidInput(
            f"A training job has at most {SPEC_BYTES // 1024 // 1024} MiB.", code="invalid_spec"
        )
    problem = _form().worst(given)
    if problem is not None:
        place = "/".join(str(part) for part in problem.absolute_path) or "the job"
        raise InvalidInput(f"{place}: {problem.message[:500]}", code="invalid_spec")
    spec = {**given}
    spec["limits"] = {"timeout": "24h", "retries": 0, **spec.get("limits", {})}
    defaults: dict[str, Any] = {
        "queue": "default", "priority": 0, "executor": "local", "parameters": {}, "environment": {}, "inputs": {},
        "outputs": {}, "resources": {}, "tags": {},
    }  # fmt: skip
    normal = {**defaults, **spec}
    executor_check(normal["executor"])
    _outputs_check(normal)
    _lock_check(normal)
    _code_check(normal)
    plain_check(normal, what="job", code="invalid_spec")
    return normal


def spec_digest(spec: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON (RFC 8785) of a normal specification."""
    return hashlib.sha256(rfc8785.dumps(dict(spec))).hexdigest()


def seconds(text: str) -> int:
    """`90s`, `30m`, `2h` or `1d` in seconds."""
    return int(text[:-1]) * _UNITS[text[-1]]


def memory_bytes(text: str) -> int:
    """`512Mi` or `4Gi` in bytes."""
    return int(text[:-2]) * _SIZES[text[-2:]]


def _outputs_check(spec: Mapping[str, Any]) -> None:
    for name, output in spec["outputs"].items():
        if (output.get("type") == "dataset") != ("dataset" in output):
            raise InvalidInput(
                f"outputs/{name}: an output of type dataset names its dataset, and no other does.",
                code="invalid_spec",
            )


def _code_check(spec: Mapping[str, Any]) -> None:
    url = spec["code"].get("git")
    if url is not None and git_protocol(url) == "bundled":
        bundle_path(url)


def _lock_check(spec: Mapping[str, Any]) -> None:
    environment = spec["environment"]
    if "lock" in environment and environment.keys() & {"requirements", "requirements_file"}:
        raise InvalidInput(
            "environment: a lock is complete, so it excludes requirements. Give one of the two.",
            code="invalid_spec",
        )


def plain_check(value: Any, *, what: str, code: str) -> None:
    """Raise InvalidInput for what PostgreSQL or a digest cannot keep: a NUL, half a character, an endless number."""
    try:
        if b"\\u0000" in rfc8785.dumps(value).replace(b"\\\\", b""):
            raise InvalidInput(f"The {what} holds a NUL character.", code=code)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise InvalidInput(f"The {what} is no plain JSON: {error}.", code=code) from error
