"""Inputs and outputs of runs, and the datasets of experiments."""

from typing import Any

from tests.differential.calls import Step, experiment, get_run, post, run


def _dataset(
    name: str = "iris", digest: str = "d1", *, context: str | None = "train", **more: Any
) -> dict[str, Any]:
    tags = [{"key": "mlflow.data.context", "value": context}] if context else []
    return {
        "tags": tags,
        "dataset": {"name": name, "digest": digest, "source_type": "local", "source": "{}", **more},
    }


def _inputs(note: str, datasets: Any, run_name: str = "run", **more: Any) -> Step:
    return post(note, "runs/log-inputs", {"run_id": f"${run_name}", "datasets": datasets, **more})


_INPUTS = [
    experiment(),
    run(),
    run("other"),
    _inputs("none", []),
    _inputs("one", [_dataset()]),
    _inputs("the same again", [_dataset()]),
    _inputs("same dataset, another context", [_dataset(context="eval")]),
    _inputs("with schema and profile", [_dataset("wine", "d2", schema='{"a": 1}', profile='{"rows": 3}')]),
    _inputs("known dataset, another source", [_dataset(source="elsewhere")], "other"),
    _inputs("without context", [_dataset("plain", "d3", context=None)]),
    _inputs("several", [_dataset(f"many{n}", "d", context="train") for n in range(5)], "other"),
    _inputs("twice in one call", [_dataset("twin", "d"), _dataset("twin", "d")], "other"),
    get_run("inputs"),
    get_run("inputs of the other", "other"),
    _inputs("no name", [{"tags": [], "dataset": {"digest": "d", "source_type": "local", "source": "s"}}]),
    _inputs("no digest", [{"tags": [], "dataset": {"name": "n", "source_type": "local", "source": "s"}}]),
    _inputs("no source", [{"tags": [], "dataset": {"name": "n", "digest": "d", "source_type": "local"}}]),
    _inputs("no source type", [{"tags": [], "dataset": {"name": "n", "digest": "d", "source": "s"}}]),
    _inputs("no dataset", [{"tags": []}]),
    _inputs("empty name", [_dataset("")]),
    _inputs("name of 501", [_dataset("n" * 501)]),
    _inputs("digest of 37", [_dataset(digest="d" * 37)]),
    _inputs("source of 65536", [_dataset(source="s" * 65536)]),
    _inputs("tag key of 256", [{**_dataset(), "tags": [{"key": "k" * 256, "value": "v"}]}]),
    _inputs("tag value of 501", [{**_dataset(), "tags": [{"key": "k", "value": "v" * 501}]}]),
    _inputs("tag without key", [{**_dataset(), "tags": [{"value": "v"}]}]),
    _inputs("tag without value", [{**_dataset("novalue"), "tags": [{"key": "k"}]}]),
    _inputs("number as name", [_dataset(5)]),  # type: ignore[arg-type]
    _inputs("text instead", "iris"),
    _inputs("list of text", ["iris"]),
    _inputs("null", None),
    _inputs("models as text", [], models="m"),
    _inputs("unknown model", [], models=[{"model_id": "m-" + "0" * 32}]),
    post("no run", "runs/log-inputs", {"datasets": [_dataset()]}),
    post("nothing but a run", "runs/log-inputs", {"run_id": "$run"}),
    get_run("inputs after the refusals"),
]

_SEARCH_TWINS = (
    "/ajax-api/2.0/mlflow/experiments/search-datasets",
    "/api/2.0/mlflow/experiments/search-datasets",
)
_SEARCH = [
    experiment("a"),
    experiment("b"),
    run("ra", exp="a"),
    run("rb", exp="b"),
    _inputs(
        "in a",
        [_dataset(), _dataset("wine", "d2", context="eval"), _dataset("none", "d3", context=None)],
        "ra",
    ),
    _inputs("in b", [_dataset("iris", "other")], "rb"),
    *[
        post(f"{note} {place}", path, body)
        for place, path in enumerate(_SEARCH_TWINS)
        for note, body in {
            "of b": {"experiment_ids": ["$b"]},
            "of an unknown one": {"experiment_ids": ["99999999"]},
            "no ids": {"experiment_ids": []},
            "absent": {},
            "text": {"experiment_ids": "1"},
            "words": {"experiment_ids": ["x"]},
            "21 ids": {"experiment_ids": [str(n + 90_000_000) for n in range(21)]},
            "20 ids": {"experiment_ids": [str(n + 90_000_000) for n in range(20)]},
        }.items()
    ],
    post("of a", _SEARCH_TWINS[0], {"experiment_ids": ["$a"]}),
    post("delete b", "experiments/delete", {"experiment_id": "$b"}),
    post("of a deleted one", _SEARCH_TWINS[0], {"experiment_ids": ["$b"]}),
]

_LOG_MODEL_TEXT = (
    '{"artifact_path": "model", "flavors": {}, "utc_time_created": "2026-01-01", "run_id": "$run"}'
)


def _log_model(note: str, text: Any) -> Step:
    return post(note, "runs/log-model", {"run_id": "$run", "model_json": text})


_LOG_MODEL = [
    experiment(),
    run(),
    _log_model("log", _LOG_MODEL_TEXT),
    _log_model("log another", _LOG_MODEL_TEXT.replace('"model"', '"second"')),
    _log_model("not JSON", "{"),
    _log_model("empty", ""),
    _log_model("an object instead of text", {"artifact_path": "model"}),
    _log_model("a number", "5"),
    _log_model("a list", "[]"),
    _log_model("null", None),
    post("no run", "runs/log-model", {"model_json": _LOG_MODEL_TEXT}),
    post("unknown run", "runs/log-model", {"run_id": "0" * 32, "model_json": _LOG_MODEL_TEXT}),
    get_run("tags"),
]

SEQUENCES: dict[str, list[Step]] = {
    "run inputs": _INPUTS,
    "dataset search": _SEARCH,
    "log-model": _LOG_MODEL,
}
