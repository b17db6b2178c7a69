"""Reads specifications of sweeps: checked against the published schema and for sense, with defaults written out."""

import itertools
import json
import secrets
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from portal.kernel.errors import InvalidInput
from portal.kernel.json_schema import JsonSchema
from training.spec.parameters import unused_by
from training.spec.reading import spec_read

SCHEMA_PATH = Path(__file__).parent / "schema.json"
MOST_GRID, MOST_TRIALS = 10_000, 20
SPEC_BYTES = 4 * 1024 * 1024
_SEEDS = 2**32
_NOT_OF_MANY = ("patience", "target")


@cache
def sweep_schema() -> dict[str, Any]:
    """The published JSON schema."""
    found: dict[str, Any] = json.loads(SCHEMA_PATH.read_text())
    return found


@cache
def _form() -> JsonSchema:
    return JsonSchema(sweep_schema())


def sweep_read(given: Any) -> dict[str, Any]:
    """The normal form of a specification of a sweep. Raises InvalidInput with the place of what is wrong."""
    _shape_check(given)
    spec = {**given, "training": spec_read(given["training"])}
    for name, one in spec["space"].items():
        _parameter_check(f"space/{name}", one)
    _reach_check(spec)
    sampler = spec.setdefault("sampler", "tpe")
    if sampler == "cmaes":
        raise InvalidInput(
            "sampler: cmaes needs the package cmaes, which this portal does not have. Take tpe, qmc, random or grid.",
            code="sampler_unavailable",
        )
    spec.setdefault("seed", secrets.randbelow(_SEEDS))
    spec.setdefault("parallel", 2)
    spec["pruner"] = _pruner(spec.get("pruner", {"type": "none"}))
    spec["stop"] = {"failures": 5, **spec.get("stop", {})}
    spec["budget"] = {"trials": _trials(sampler, spec["space"]), **spec.get("budget", {})}
    _objectives_check(spec)
    return spec


def grid_values(one: Mapping[str, Any], place: str = "space") -> list[Any]:
    """The values that a grid takes of one parameter. Raises InvalidInput where they are not finitely many."""
    if one["type"] == "categorical":
        return list(one["choices"])
    low, high, step = one["low"], one["high"], one.get("step")
    if one["type"] == "float" and step is None:
        raise _refused(place, "a grid needs a step, as there are endlessly many values.")
    step = step or 1
    count = int((high - low) / step + 1e-9) + 1
    if count > MOST_GRID:
        raise _refused(place, f"a grid has at most {MOST_GRID} points.")
    return [low + number * step for number in range(count)]


def grid_size(space: Mapping[str, Any]) -> int:
    """How many points a grid has. Raises InvalidInput for one without an end, or too large."""
    size = 1
    for name, one in space.items():
        size *= len(grid_values(one, f"space/{name}"))
        if size > MOST_GRID:
            raise _refused("space", f"a grid has at most {MOST_GRID} points.")
    return size


def _shape_check(given: Any) -> None:
    if not isinstance(given, Mapping):
        raise _refused("the sweep", "it is an object with keys such as training, space and objectives.")
    if len(json.dumps(given, default=str)) > SPEC_BYTES:
        raise _refused("the sweep", f"it has at most {SPEC_BYTES // 1024 // 1024} MiB.")
    problem = _form().worst(given)
    if problem is not None:
        place = "/".join(str(part) for part in problem.absolute_path) or "the sweep"
        raise _refused(place, problem.message[:500])
    if "\x00" in json.dumps(given, ensure_ascii=False):
        raise _refused("the sweep", "it holds a NUL character.")


def _parameter_check(place: str, one: Mapping[str, Any]) -> None:
    if one["type"] == "categorical":
        choices: Sequence[Any] = one["choices"]
        # 1, 1.0 and true are one value to Python, and would be one choice to the sampler.
        if any(first == second for first, second in itertools.combinations(choices, 2)):
            raise _refused(place, "two choices are the same.")
        return
    numbers = [one["low"], one["high"], one.get("step", 1)]
    if any(abs(number) > 1e300 or number != number for number in numbers):
        raise _refused(place, "a number is too large.")
    if one["low"] > one["high"]:
        raise _refused(place, "low is above high.")
    if one.get("log") and one["low"] <= 0:
        raise _refused(place, "with log, low is above 0.")
    is_stepped = one.get("step", 1) != 1 or (one["type"] == "float" and "step" in one)
    if one.get("log") and is_stepped:
        raise _refused(place, "log and step exclude each other.")


def _reach_check(spec: Mapping[str, Any]) -> None:
    """Refuse a parameter that no trial would hear of: all of them would do the same."""
    for name in unused_by(spec["training"], spec["space"]):
        raise InvalidInput(
            f"space/{name}: the training uses it nowhere, so every trial would do the same. Write {{{name}}} into its "
            f"command or into environment/variables, or ${{{{parameters}}}} for a file with all of them.",
            code="unused_parameter",
        )


def _pruner(given: Mapping[str, Any]) -> dict[str, Any]:
    pruner = {
        "interval": 1, "startup_trials": 5, "warmup_steps": 0, "min_steps": 1, "reduction_factor": 3, **given,
    }  # fmt: skip
    if pruner["type"] == "hyperband" and pruner.get("max_steps", 0) < pruner["min_steps"]:
        raise _refused("pruner", "hyperband needs max_steps, the steps of a whole trial, at least min_steps.")
    return pruner


def _trials(sampler: str, space: Mapping[str, Any]) -> int:
    return grid_size(space) if sampler == "grid" else MOST_TRIALS


def _objectives_check(spec: Mapping[str, Any]) -> None:
    metrics = [one["metric"] for one in spec["objectives"]]
    if len(set(metrics)) < len(metrics):
        raise _refused("objectives", "two are about the same metric.")
    if len(metrics) == 1:
        return
    if spec["pruner"]["type"] != "none":
        raise _refused("pruner", "trials with several objectives cannot be pruned.")
    for name in _NOT_OF_MANY:
        if name in spec["stop"]:
            raise _refused(f"stop/{name}", "it needs a single objective.")


def _refused(place: str, why: str) -> InvalidInput:
    return InvalidInput(f"{place}: {why}", code="invalid_sweep")
