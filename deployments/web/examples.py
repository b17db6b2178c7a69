"""A row to begin with: what the signature wants, with what is usual in the training data."""

from collections.abc import Mapping, Sequence
from typing import Any

from deployments.selectors.training_data import training_profile
from registry.models import ModelVersion

_SAMPLES: dict[str, Any] = {
    "double": 0.5, "float": 0.5, "long": 1, "integer": 1, "boolean": True, "string": "text",
    "datetime": "2026-01-01T00:00:00",
}  # fmt: skip
_WHOLE, _FRACTION = ("long", "integer"), ("double", "float")


def row_of(version: ModelVersion, columns: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The mean of a column of numbers, and the most frequent of labels; a sample of the type where neither is known.

    It is no row of the data, and nothing of it that the profile, which the workspace sees, does not say.
    """
    profile = training_profile(version)
    known = {each.get("name"): each for each in profile.body.get("columns", ())} if profile else {}
    return {each["name"]: _value(str(each.get("type")), known.get(each["name"], {})) for each in columns}


def _value(kind: str, found: Mapping[str, Any]) -> Any:
    mean, top = found.get("mean"), found.get("top") or []
    if kind in _WHOLE and isinstance(mean, int | float):
        return round(mean)
    if kind in _FRACTION and isinstance(mean, int | float):
        return float(f"{mean:.4g}")
    if kind == "string" and top:
        return str(top[0]["value"])
    if kind == "boolean" and top:
        return str(top[0]["value"]).lower() in ("true", "1")
    return _SAMPLES.get(kind, 0)
