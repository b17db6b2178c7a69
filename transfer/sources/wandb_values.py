"""What W&B's values mean, whatever file they stand in."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

OWN = ("_step", "_runtime", "_timestamp", "_wandb")
# MLflow's names for what W&B measures of a machine; W&B counts network bytes, MLflow megabytes.
_SYSTEM: tuple[tuple[str, str, float], ...] = (
    (r"cpu", "system/cpu_utilization_percentage", 1),
    (r"memory(_percent)?", "system/system_memory_usage_percentage", 1),
    (r"disk\..*\.usagePercent", "system/disk_usage_percentage", 1),
    (r"disk\..*\.usageGB", "system/disk_usage_megabytes", 1000),
    (r"network\.recv", "system/network_receive_megabytes", 1e-6),
    (r"network\.sent", "system/network_transmit_megabytes", 1e-6),
    (r"gpu\.(\d+)\.gpu", r"system/gpu_\1_utilization_percentage", 1),
    (r"gpu\.(\d+)\.memoryAllocated", r"system/gpu_\1_memory_usage_percentage", 1),
    (r"gpu\.(\d+)\.memoryAllocatedBytes", r"system/gpu_\1_memory_usage_megabytes", 1e-6),
    (r"gpu\.(\d+)\.powerWatts", r"system/gpu_\1_power_usage_watts", 1),
)


def without_media(flat: Mapping[str, Any]) -> dict[str, Any]:
    """All but the parts of images, tables and the like, which say their type: they come as files."""
    media = {key.removesuffix("_type") for key in flat if key.endswith("._type")}
    return {key: value for key, value in flat.items() if not any(key.startswith(each) for each in media)}


def flatten(into: dict[str, Any], key: str, value: Any) -> None:
    """Numbers of nested values by the path to them; media, which have a type, are files and no numbers."""
    if isinstance(value, dict) and "_type" not in value:
        for name, inner in value.items():
            flatten(into, f"{key}.{name}", inner)
    else:
        into[key] = value


def as_json(text: Any) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def as_text(value: Any) -> str:
    """A value as a param or tag: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def as_float(value: Any) -> float | None:
    """A number; W&B writes those that JSON has not as texts."""
    if isinstance(value, bool | int | float):
        return float(value)
    special = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
    return special.get(value) if isinstance(value, str) else None


def system_name(key: str) -> tuple[str, float]:
    """MLflow's name for a measure of the machine, and what it is multiplied with."""
    plain = key.removeprefix("system.")
    for pattern, name, factor in _SYSTEM:
        match = re.fullmatch(pattern, plain)
        if match:
            return match.expand(name), factor
    return f"system/{plain.replace('.', '_')}", 1.0


def as_number(text: Any) -> Any:
    """A number where a text of a CSV is one; else what it was."""
    if not isinstance(text, str):
        return text
    try:
        return float(text) if re.fullmatch(r"\s*[-+]?(\d|\.\d|nan$|inf|infinity).*", text, re.I) else text
    except ValueError:
        return text
