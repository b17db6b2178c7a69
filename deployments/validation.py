"""What people say about endpoints and roll-outs, read into its normal form. Raises InvalidInput with the place."""

import re
from collections.abc import Mapping
from typing import Any

from deployments.facts import AB, BLUE_GREEN, CANARY, ENVIRONMENTS, SHADOWING, STRATEGIES
from portal.kernel.errors import InvalidInput
from portal.kernel.json_schema import JsonSchema

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
STEPS_AT_MOST = 20

_NUMBER = {"type": "number"}


def _whole(least: int, most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most}


def _object(properties: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False, **more}


SETTINGS_SCHEMA = _object({
    "resources": _object({
        "replicas": _whole(1, 16),
        "cpus": {**_NUMBER, "exclusiveMinimum": 0, "maximum": 64},
        "memory_mb": _whole(64, 262_144),
        "batch_rows": _whole(1, 10_000),
    }),
    "limits": _object({
        "body_bytes": _whole(1024, 100 * 1024 * 1024),
        "timeout_seconds": {**_NUMBER, "exclusiveMinimum": 0, "maximum": 600},
        "concurrency": _whole(1, 1000),
        "requests_per_minute": _whole(0, 10_000_000),
    }),
    "inference_log": _object({
        "percent": {**_NUMBER, "minimum": 0, "maximum": 100},
        "retention_class": {"enum": ["short", "standard", "regulated"]},
        "redact": {
            "type": "array", "maxItems": 200, "uniqueItems": True,
            "items": {"type": "string", "minLength": 1, "maxLength": 200},
        },
    }),
})  # fmt: skip
DEFAULTS: dict[str, dict[str, Any]] = {
    "resources": {"replicas": 1, "cpus": 1, "memory_mb": 2048, "batch_rows": 1},
    "limits": {
        "body_bytes": 10 * 1024 * 1024,
        "timeout_seconds": 30,
        "concurrency": 64,
        "requests_per_minute": 0,
    },
    "inference_log": {"percent": 100, "retention_class": "standard", "redact": []},
}
ROLLOUT_SCHEMA = _object({
    "strategy": {"enum": list(STRATEGIES)},
    "steps": {
        "type": "array", "minItems": 1, "maxItems": STEPS_AT_MOST,
        "items": _object(
            {"percent": _whole(1, 100), "seconds": _whole(0, 30 * 24 * 3600)}, required=["percent"]
        ),
    },
    "guards": _object({
        "max_error_rate": {**_NUMBER, "minimum": 0, "maximum": 1},
        "max_p95_ms": {**_NUMBER, "exclusiveMinimum": 0},
        "min_requests": _whole(0, 1_000_000),
        "window_seconds": _whole(10, 24 * 3600),
        "on_drift": {"type": "boolean"},
    }),
})  # fmt: skip
GUARDS = {"max_error_rate": 0.05, "min_requests": 20, "window_seconds": 60, "on_drift": True}
STEPS = {
    BLUE_GREEN: [{"percent": 100, "seconds": 0}],
    CANARY: [
        {"percent": 5, "seconds": 300}, {"percent": 25, "seconds": 300}, {"percent": 50, "seconds": 300},
        {"percent": 100, "seconds": 0},
    ],
    AB: [{"percent": 50, "seconds": 0}],
    SHADOWING: [{"percent": 100, "seconds": 0}],
}  # fmt: skip
_settings, _rollout = JsonSchema(SETTINGS_SCHEMA), JsonSchema(ROLLOUT_SCHEMA)


def name_check(name: str) -> str:
    """An endpoint's name: a label of DNS."""
    if not isinstance(name, str) or NAME.match(name) is None:
        raise InvalidInput(
            f"The endpoint name {str(name)[:80]!r} is not usable in an address: use up to 63 small letters, digits and "
            "hyphens, beginning and ending with a letter or digit.", code="invalid_name",
        )  # fmt: skip
    return name


def environment_check(environment: str) -> str:
    if environment not in ENVIRONMENTS:
        raise InvalidInput(
            f"There is no environment {str(environment)[:40]!r}. There are {', '.join(ENVIRONMENTS)}.",
            code="unknown_environment",
        )
    return environment


def settings_read(given: Mapping[str, Any], known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The settings of an endpoint: what is given, over what is known, over the defaults."""
    _checked(_settings, given, "settings")
    before: Mapping[str, Any] = known or {}
    return {
        part: {**values, **before.get(part, {}), **given.get(part, {})} for part, values in DEFAULTS.items()
    }


def rollout_read(given: Mapping[str, Any]) -> dict[str, Any]:
    """A roll-out: strategy, steps and guards, with what is usual for the strategy where nothing is said."""
    _checked(_rollout, given, "rollout")
    strategy = given.get("strategy", BLUE_GREEN)
    steps = [{"seconds": 0, **step} for step in given.get("steps") or STEPS[strategy]]
    percents = [step["percent"] for step in steps]
    if percents != sorted(set(percents)):
        raise InvalidInput(
            "The steps of a roll-out grow: each has a larger percentage.", code="invalid_rollout"
        )
    if strategy == CANARY and percents[-1] != 100:
        raise InvalidInput(
            "The last step of a canary is 100 percent; ab keeps a split.", code="invalid_rollout"
        )
    if strategy in (BLUE_GREEN, AB, SHADOWING) and len(steps) != 1:
        raise InvalidInput(f"A roll-out of strategy {strategy} has one step.", code="invalid_rollout")
    if strategy == AB and percents[0] == 100:
        raise InvalidInput("A split of 100 percent leaves nobody to compare with.", code="invalid_rollout")
    return {"strategy": strategy, "steps": steps, "guards": {**GUARDS, **given.get("guards", {})}}


def _checked(schema: JsonSchema, document: Any, what: str) -> None:
    worst = schema.worst(document)
    if worst is not None:
        place = "/".join([what, *map(str, worst.absolute_path)])
        raise InvalidInput(f"{place}: {worst.message[:300]}", code=f"invalid_{what}")
