"""Searching runs: order, pages, limits, views, which experiments."""

from typing import Any

from tests.differential.calls import Step, experiment, post, run
from tests.differential.sequences.run_filters import FILLED

_VALID = [
    "metrics.acc", "metrics.acc ASC", "metrics.acc DESC", "metrics.acc desc", "metrics.loss", "metrics.loss DESC",
    "metrics.`acc` DESC", "metric.acc", "metrics.nobody", "params.lr", "params.lr DESC", "parameter.lr", "tags.team",
    "tags.team DESC", "tags.`a.b-c`", "start_time", "start_time DESC", "attributes.start_time ASC", "attribute.end_time",
    "end_time DESC", "status", "status DESC", "run_name DESC", "attributes.run_name", "user_id", "Created", "created DESC",
    "attributes.`Run name`",
]  # fmt: skip
_INVALID = [
    "acc", "metrics", "metrics.acc sideways", "metrics.acc ASC DESC", "", " ", "nobody", "attributes.nobody", "what.acc",
    "metrics.acc, metrics.loss", "datasets.name", "lifecycle_stage", "metrics.acc > 1", "metrics.`acc", "DESC", "1",
]  # fmt: skip


_AS_ORDER: tuple[Any, ...] = ("start_time", 5, [5], [None], {}, None)


def _search(note: str, **body: Any) -> Step:
    return post(note, "runs/search", {"experiment_ids": ["$exp"], **body})


_ORDERS = [
    *FILLED,
    _search("default order"),
    *[_search(text, order_by=[text, "start_time ASC"]) for text in _VALID],
    _search("two keys", order_by=["params.lr", "metrics.acc DESC"]),
    _search("the same key twice", order_by=["metrics.acc", "metrics.acc DESC"]),
    *[_search(f"refused {text!r}", order_by=[text]) for text in _INVALID],
    *[_search(f"order_by {value!r}", order_by=value) for value in _AS_ORDER],
]

_PAGED = [
    experiment(),
    *[run(f"r{index}", start_time=1_000 + index) for index in range(7)],
    _search("page 1", max_results=3, order_by=["start_time"]),
    post(
        "first of pages", "runs/search", {"experiment_ids": ["$exp"], "max_results": 3, "order_by": ["start_time"]},
        save={"token": "next_page_token"},
    ),
    post(
        "second", "runs/search",
        {"experiment_ids": ["$exp"], "max_results": 3, "order_by": ["start_time"], "page_token": "$token"},
        save={"token2": "next_page_token"},
    ),
    post(
        "third", "runs/search",
        {"experiment_ids": ["$exp"], "max_results": 3, "order_by": ["start_time"], "page_token": "$token2"},
    ),
    _search("exactly all", max_results=7, order_by=["start_time"]),
    *[
        _search(f"max_results {value!r}", max_results=value, order_by=["start_time"])
        for value in (1, 0, -1, 50_000, 50_001, "2", "x", 1.5, 2.0, 2**31, 2**63, None, True, [1])
    ],
    *[_search(f"page_token {value!r}", page_token=value) for value in ("no token", "", "AAAA", 5, "é")],
]  # fmt: skip

_VIEWS = [
    experiment("a"),
    experiment("b"),
    *[run(f"a{index}", exp="a", start_time=100 + index) for index in range(3)],
    *[run(f"b{index}", exp="b", start_time=200 + index) for index in range(3)],
    post("delete a run", "runs/delete", {"run_id": "$a1"}),
    *[
        post(
            f"view {value!r}", "runs/search",
            {"experiment_ids": ["$a", "$b"], "run_view_type": value, "order_by": ["start_time"]},
        )
        for value in ("ACTIVE_ONLY", "DELETED_ONLY", "ALL", 1, 2, 3, "NONE", 7, None, "all")
    ],
    post("an experiment twice", "runs/search", {"experiment_ids": ["$a", "$a"], "order_by": ["start_time"]}),
    post("no experiments", "runs/search", {"experiment_ids": []}),
    post("experiments absent", "runs/search", {}),
    post("unknown experiment", "runs/search", {"experiment_ids": ["99999999"]}),
    post("known and unknown", "runs/search", {"experiment_ids": ["$a", "99999999"], "order_by": ["start_time"]}),
    *[
        post(f"experiment_ids {value!r}", "runs/search", {"experiment_ids": value})
        for value in ("1", 1, ["abc"], [""], [1], [None], {"a": 1}, ["1.5"], ["9" * 30], ["-1"])
    ],
    post("delete b", "experiments/delete", {"experiment_id": "$b"}),
    post("deleted experiment", "runs/search", {"experiment_ids": ["$b"], "order_by": ["start_time"]}),
    post(
        "deleted experiment, all", "runs/search",
        {"experiment_ids": ["$b"], "run_view_type": "ALL", "order_by": ["start_time"]},
    ),
    post("camelCase", "runs/search", {"experimentIds": ["$a"], "maxResults": 1, "orderBy": ["start_time"]}),
    post("both spellings", "runs/search", {"experimentIds": ["$a"], "experiment_ids": ["$a"]}),
]  # fmt: skip

SEQUENCES: dict[str, list[Step]] = {"run orders": _ORDERS, "run pages": _PAGED, "run views": _VIEWS}
