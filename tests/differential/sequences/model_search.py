"""Searching logged models."""

from typing import Any

from tests.differential.calls import Step, experiment, post, run
from tests.differential.sequences.logged_models import MODELS, model


def _search(note: str, filter_: Any = None, **more: Any) -> Step:
    body = {"experiment_ids": ["$exp"], **({"filter": filter_} if filter_ is not None else {}), **more}
    return post(note, f"{MODELS}/search", body)


def _point(name: str, key: str, value: Any, **more: Any) -> Step:
    return post(
        f"{key} {value} of {name} {more.get('dataset_name', '')}", "runs/log-metric",
        {"run_id": "$run", "key": key, "value": value, "timestamp": 1, "model_id": f"${name}", **more},
    )  # fmt: skip


_FILLED = [
    experiment(),
    run(),
    model("m1", source_run_id="$run", model_type="classifier", params=[{"key": "depth", "value": "3"}]),
    model("m2", source_run_id="$run", tags=[{"key": "team", "value": "risk"}]),
    model("m3", params=[{"key": "depth", "value": "5"}], tags=[{"key": "team", "value": "fraud"}]),
    _point("m1", "acc", 0.5),
    _point("m2", "acc", 0.9),
    _point("m2", "acc", 0.1, dataset_name="iris", dataset_digest="d1", timestamp=2),
    _point("m3", "acc", 0.2, dataset_name="iris", dataset_digest="d2"),
]
_NAME_ORDER = [{"field_name": "name", "ascending": True}]
_FILTERS = [
    "name = 'm1'", "attributes.name = 'm1'", "name != 'm1'", "name LIKE 'm%'", "name ILIKE 'M%'", "name IN ('m1', 'm2')",
    "model_type = 'classifier'", "status = 'READY'", "status = 'PENDING'", "status = 'LOGGED_MODEL_PENDING'",
    "creation_timestamp > 0", "last_updated_timestamp >= 0", "creation_time > 0", "params.depth = '3'",
    "params.depth != '3'", "params.depth LIKE '%'", "tags.team = 'risk'", "tags.team ILIKE 'FR%'", "metrics.acc > 0.4",
    "metrics.acc < 0.3", "metrics.acc > 0.4 AND params.depth = '3'", "name = 'm1' OR name = 'm2'", "nobody = 'x'",
    "name > 'a'", "metrics.acc > 'a'", "metrics.acc", "name = 5", "params.depth = 3", "experiment_id = '1'", "(name = 'm1')",
    "name = 'm1", "creation_timestamp = 'a'", "name IS NULL", "", "   ",
]  # fmt: skip
_ORDERS: list[Any] = [
    [{"field_name": "name", "ascending": False}],
    [{"field_name": "creation_timestamp", "ascending": True}],
    [{"field_name": "creation_time"}, {"field_name": "name"}],
    [{"field_name": "metrics.acc", "ascending": False}],
    [{"field_name": "metrics.acc", "ascending": True}],
    [{"field_name": "metrics.acc", "dataset_name": "iris"}, {"field_name": "name"}],
    [{"field_name": "metrics.acc", "dataset_name": "iris", "dataset_digest": "d1"}, {"field_name": "name"}],
    [{"field_name": "last_updated_timestamp"}, {"field_name": "name"}],
    [{"field_name": "nobody"}], [{"field_name": "params.depth"}], [{"field_name": ""}], [{}], ["name"], "name",
    [{"field_name": "name", "ascending": "yes"}],
]  # fmt: skip
_DATASETS: list[Any] = [
    [{"dataset_name": "iris"}], [{"dataset_name": "iris", "dataset_digest": "d1"}], [{"dataset_name": "nobody"}],
    [{"dataset_digest": "d1"}], [{"dataset_name": "iris"}, {"dataset_name": "nobody"}], "iris", ["iris"],
]  # fmt: skip

_SEARCH = [
    *_FILLED,
    _search("all", order_by=_NAME_ORDER),
    *[_search(f"filter {text!r}", text, order_by=_NAME_ORDER) for text in _FILTERS],
    *[_search(f"order {value!r}", order_by=value) for value in _ORDERS],
    *[_search(f"datasets {value!r}", "metrics.acc > 0", datasets=value, order_by=_NAME_ORDER) for value in _DATASETS],
    *[
        _search(f"max_results {value!r}", max_results=value, order_by=_NAME_ORDER)
        for value in (1, 0, -1, 101, "2", "x", 2**31)
    ],
    _search("bad token", page_token="no token"),
    post("no experiments", f"{MODELS}/search", {"experiment_ids": []}),
    post("absent", f"{MODELS}/search", {}),
    post("unknown experiment", f"{MODELS}/search", {"experiment_ids": ["99999999"]}),
    post("word as experiment", f"{MODELS}/search", {"experiment_ids": ["x"]}),
    post("text as experiments", f"{MODELS}/search", {"experiment_ids": "1"}),
    post(
        "page 1", f"{MODELS}/search", {"experiment_ids": ["$exp"], "max_results": 2, "order_by": _NAME_ORDER},
        save={"token": "next_page_token"},
    ),
    post(
        "page 2", f"{MODELS}/search",
        {"experiment_ids": ["$exp"], "max_results": 2, "order_by": _NAME_ORDER, "page_token": "$token"},
    ),
    post(
        "page 2 of another search", f"{MODELS}/search",
        {"experiment_ids": ["$exp"], "max_results": 2, "filter": "name = 'm1'", "page_token": "$token"},
    ),
]  # fmt: skip

SEQUENCES: dict[str, list[Step]] = {"model search": _SEARCH}
