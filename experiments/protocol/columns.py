"""A log-batch request as columns, ready for `unnest`: one pass per column instead of one per point.

A well-formed batch takes the fast path, which only looks at the set of types in each column. Anything odd
(camelCase, numbers as strings, a missing field, a NUL) goes through the general parser, which can say why.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from experiments.batch import Batch, Metrics, Pairs
from experiments.protocol.messages import LOG_BATCH
from experiments.protocol.schema import body_object, object_parse
from experiments.validation.batches import datasets_check
from experiments.validation.values import INT64

_BATCH_FIELDS = frozenset({"run_id", "metrics", "params", "tags"})
_METRIC_FIELDS = frozenset(
    {"key", "value", "timestamp", "step", "model_id", "dataset_name", "dataset_digest", "run_id"}
)
_MODEL_FIELDS = ("model_id", "dataset_name", "dataset_digest")
_PAIR_FIELDS = frozenset({"key", "value"})
_SPECIAL_DOUBLES = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def batch_parse(body: bytes) -> Batch:
    """Read a log-batch body; raises ProtocolError with MLflow's words."""
    raw = body_object(body)
    fast = None if b"\\u0000" in body else _fast_batch(raw)
    return fast or _slow_batch(raw)


def metrics_of(entries: Iterable[Mapping[str, Any]]) -> Metrics:
    """Columns of metrics that the general parser has read, as from a single log-metric."""
    points = list(entries)
    extra = {name: [point[name] or None for point in points] for name in _MODEL_FIELDS}
    metrics = Metrics(
        keys=[point["key"] for point in points],
        values=[point["value"] for point in points],
        timestamps=[point["timestamp"] for point in points],
        steps=[point["step"] for point in points],
        model_ids=_or_none(extra["model_id"]),
        dataset_names=_or_none(extra["dataset_name"]),
        dataset_digests=_or_none(extra["dataset_digest"]),
    )
    datasets_check(metrics)
    return metrics


def pairs_of(entries: Iterable[Mapping[str, Any]]) -> Pairs:
    """Columns of params or tags that the general parser has read; an absent value is empty text."""
    listed = list(entries)
    return Pairs([entry["key"] or "" for entry in listed], [entry["value"] or "" for entry in listed])


def _slow_batch(raw: Mapping[str, Any]) -> Batch:
    values = object_parse(LOG_BATCH, raw)
    return Batch(
        run_id=values["run_id"],
        metrics=metrics_of(values["metrics"]),
        params=pairs_of(values["params"]),
        tags=pairs_of(values["tags"]),
    )


def _fast_batch(raw: Mapping[str, Any]) -> Batch | None:
    run_id = raw.get("run_id")
    if type(run_id) is not str or not run_id or not _BATCH_FIELDS.issuperset(raw):
        return None
    metrics = _fast_metrics(raw.get("metrics"))
    params = _fast_pairs(raw.get("params"))
    tags = _fast_pairs(raw.get("tags"))
    if metrics is None or params is None or tags is None:
        return None
    return Batch(run_id, metrics, params, tags)


def _fast_metrics(points: Any) -> Metrics | None:
    if not points:
        return Metrics() if points is None or points == [] else None
    names = _names_in(points)
    if names is None or not _METRIC_FIELDS.issuperset(names):
        return None
    try:
        keys = [point["key"] for point in points]
        values = [point["value"] for point in points]
        timestamps = [point["timestamp"] for point in points]
        steps = [point.get("step", 0) for point in points]
    except KeyError:
        return None
    doubles = _doubles(values)
    if doubles is None or not (_all_text(keys) and _all_int64(timestamps) and _all_int64(steps)):
        return None
    if names.isdisjoint(_MODEL_FIELDS):
        return Metrics(keys, doubles, timestamps, steps)
    extra = [[point.get(name) for point in points] for name in _MODEL_FIELDS]
    if not all(set(map(type, column)) <= {str, type(None)} for column in extra):
        return None
    filled = [[value or None for value in column] for column in extra]
    return Metrics(keys, doubles, timestamps, steps, *filled)


def _fast_pairs(entries: Any) -> Pairs | None:
    if not entries:
        return Pairs() if entries is None or entries == [] else None
    names = _names_in(entries)
    if names is None or not _PAIR_FIELDS.issuperset(names):
        return None
    keys = [entry.get("key") for entry in entries]
    values = [entry.get("value", "") for entry in entries]
    return Pairs(keys, values) if _all_text(keys) and set(map(type, values)) == {str} else None


def _names_in(entries: Any) -> set[str] | None:
    if type(entries) is not list or set(map(type, entries)) != {dict}:
        return None
    return set().union(*entries)


def _all_text(column: Sequence[Any]) -> bool:
    return set(map(type, column)) == {str} and "" not in column


def _all_int64(column: Sequence[Any]) -> bool:
    low, high = INT64
    return set(map(type, column)) == {int} and min(column) >= low and max(column) <= high


def _doubles(column: list[Any]) -> list[float] | None:
    types = set(map(type, column))
    if types == {float}:
        return column
    if types <= {float, int}:
        return list(map(float, column))
    if types <= {float, int, str}:
        return _doubles_with_names(column)
    return None


def _doubles_with_names(column: Iterable[Any]) -> list[float] | None:
    values = [_SPECIAL_DOUBLES.get(value) if type(value) is str else float(value) for value in column]
    return None if None in values else [value for value in values if value is not None]


def _or_none(column: list[str | None]) -> list[str | None] | None:
    return column if any(column) else None
