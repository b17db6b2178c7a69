"""The rules of logging: limits of a batch, metric values, and texts that are cut to their longest length.

MLflow's server cuts long param and tag values by default: a client that logs one sees no error here either.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from experiments.batch import Batch, Metrics, Pairs
from experiments.validation.names import (
    MAX_KEY_LENGTH,
    MAX_PARAM_LENGTH,
    MAX_TAG_LENGTH,
    length_check,
    metric_name_check,
    param_name_check,
    tag_name_check,
)
from experiments.validation.values import invalid_value
from portal.kernel.mlflow_errors import invalid_parameter

MAX_METRICS = 1_000
MAX_PARAMS_OR_TAGS = 100
MAX_ENTRIES = 1_000
LARGEST_DOUBLE = 1.7976931348623157e308


def batch_checked(batch: Batch) -> Batch:
    """The batch with its long texts cut. Refuses a bad name or value, then limits, then a repeated param."""
    datasets_check(batch.metrics)
    _metrics_check(batch.metrics)
    params = _params_checked(batch.params)
    tags = _tags_checked(batch.tags)
    _limits_check(len(batch.metrics), len(params), len(tags))
    _params_unique_check(params.keys)
    return replace(batch, params=params, tags=tags)


def logged_metric_check(key: str, value: float, timestamp: int) -> None:
    """The rules of a single log-metric call."""
    metric_name_check(key)
    _timestamp_check("", key, value, timestamp)
    length_check("Metric name", key, MAX_KEY_LENGTH)


def param_checked(key: str, value: str, path: str = "") -> str:
    """The value of a param as it is stored."""
    param_name_check(key, _joined(path, "key"))
    length_check("Param key", key, MAX_KEY_LENGTH)
    return value[:MAX_PARAM_LENGTH]


def tag_checked(key: str, value: str, path: str = "") -> str:
    """The value of a run's tag as it is stored."""
    tag_name_check(key, _joined(path, "key"))
    length_check(_joined(path, "key"), key, MAX_KEY_LENGTH)
    return value[:MAX_TAG_LENGTH]


def datasets_check(metrics: Metrics) -> None:
    """A point names a dataset by name and digest, or not at all."""
    if metrics.dataset_names is None and metrics.dataset_digests is None:
        return
    names = metrics.dataset_names or [None] * len(metrics)
    digests = metrics.dataset_digests or [None] * len(metrics)
    if any(bool(name) != bool(digest) for name, digest in zip(names, digests, strict=True)):
        raise invalid_parameter("Both dataset_name and dataset_digest must be provided if one is provided")


def stored_values(values: Sequence[float]) -> tuple[list[float], list[bool]]:
    """Columns `value` and `is_nan` of metrics: NaN becomes 0 with the flag, infinity the largest double."""
    if all(map(math.isfinite, values)):
        return list(values), [False] * len(values)
    return [_stored(value) for value in values], [math.isnan(value) for value in values]


def _stored(value: float) -> float:
    if math.isnan(value):
        return 0.0
    return min(max(value, -LARGEST_DOUBLE), LARGEST_DOUBLE)


def _metrics_check(metrics: Metrics) -> None:
    checked: set[str] = set()
    for index, key in enumerate(metrics.keys):
        if key not in checked:
            metric_name_check(key, f"metrics[{index}].name")
            length_check("Metric name", key, MAX_KEY_LENGTH)
            checked.add(key)
    if metrics.timestamps and min(metrics.timestamps) < 0:
        index = next(index for index, timestamp in enumerate(metrics.timestamps) if timestamp < 0)
        _timestamp_check(
            f"metrics[{index}]", metrics.keys[index], metrics.values[index], metrics.timestamps[index]
        )


def _timestamp_check(path: str, key: str, value: float, timestamp: int) -> None:
    if timestamp < 0:
        raise invalid_parameter(
            invalid_value(
                _joined(path, "timestamp"),
                timestamp,
                f"metric '{key}' (value={value}). Timestamp must be a nonnegative long (64-bit integer) ",
            )
        )


def _params_checked(params: Pairs) -> Pairs:
    return replace(params, values=list(_each(param_checked, params, "params")))


def _tags_checked(tags: Pairs) -> Pairs:
    return replace(tags, values=list(_each(tag_checked, tags, "tags")))


def _each(checked: Callable[[str, str, str], str], pairs: Pairs, name: str) -> Iterable[str]:
    rows = enumerate(zip(pairs.keys, pairs.values, strict=True))
    return (checked(key, value, f"{name}[{index}]") for index, (key, value) in rows)


def _limits_check(metrics: int, params: int, tags: int) -> None:
    _limit_check("metrics", MAX_METRICS, metrics)
    _limit_check("params", MAX_PARAMS_OR_TAGS, params)
    _limit_check("tags", MAX_PARAMS_OR_TAGS, tags)
    _limit_check("metrics, params, and tags", MAX_ENTRIES, metrics + params + tags)


def _limit_check(what: str, limit: int, count: int) -> None:
    if count > limit:
        raise invalid_parameter(
            f"A batch logging request can contain at most {limit} {what}. "
            f"Got {count} {what}. Please split up {what} across multiple requests and try again."
        )


def _params_unique_check(keys: Sequence[str]) -> None:
    if len(set(keys)) == len(keys):
        return
    repeated = [key for index, key in enumerate(keys) if key in keys[:index]]
    raise invalid_parameter(
        f"Duplicate parameter keys have been submitted: {repeated}. Please ensure "
        "the request contains only one param value per param key."
    )


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
