"""Logged models: their life, tags, params, metrics, and the runs that read and make them."""

from typing import Any

from tests.differential.calls import Step, delete, experiment, get, get_run, patch, post, run

MODELS = "logged-models"


def model(name: str = "model", *, exp: str = "exp", **more: Any) -> Step:
    body = {"experiment_id": f"${exp}", "name": name, **more}
    return post(f"model {name}", MODELS, body, save={name: "model.info.model_id"})


def _get(note: str, name: str = "model") -> Step:
    return get(note, f"{MODELS}/${name}")


def _create(note: str, **fields: Any) -> Step:
    return post(note, MODELS, {"experiment_id": "$exp", **fields})


_LIFE = [
    experiment(),
    run(),
    model(
        source_run_id="$run", model_type="classifier", params=[{"key": "depth", "value": "3"}],
        tags=[{"key": "team", "value": "risk"}],
    ),
    _get("pending"),
    patch("ready", f"{MODELS}/$model", {"model_id": "$model", "status": "LOGGED_MODEL_READY"}),
    patch("ready by number", f"{MODELS}/$model", {"model_id": "$model", "status": 2}),
    _get("ready now"),
    patch("failed", f"{MODELS}/$model", {"model_id": "$model", "status": "LOGGED_MODEL_UPLOAD_FAILED"}),
    patch("unknown status", f"{MODELS}/$model", {"model_id": "$model", "status": "DONE"}),
    patch("unknown status number", f"{MODELS}/$model", {"model_id": "$model", "status": 77}),
    patch("no status", f"{MODELS}/$model", {"model_id": "$model"}),
    patch("no id in the body", f"{MODELS}/$model", {"status": "LOGGED_MODEL_READY"}),
    patch("pending again", f"{MODELS}/$model", {"model_id": "$model", "status": "LOGGED_MODEL_PENDING"}),
    patch("set tags", f"{MODELS}/$model/tags", {"tags": [{"key": "stage", "value": "dev"}, {"key": "e", "value": ""}]}),
    patch("overwrite a tag", f"{MODELS}/$model/tags", {"tags": [{"key": "stage", "value": "prod"}]}),
    patch("no tags", f"{MODELS}/$model/tags", {"tags": []}),
    patch("tags as text", f"{MODELS}/$model/tags", {"tags": "a"}),
    patch("tag without key", f"{MODELS}/$model/tags", {"tags": [{"value": "a"}]}),
    patch("tag key of 251", f"{MODELS}/$model/tags", {"tags": [{"key": "k" * 251, "value": "a"}]}),
    delete("delete a tag", f"{MODELS}/$model/tags/stage"),
    delete("delete it again", f"{MODELS}/$model/tags/stage"),
    post("log params", f"{MODELS}/$model/params", {"model_id": "$model", "params": [{"key": "lr", "value": "0.1"}]}),
    post("same params", f"{MODELS}/$model/params", {"model_id": "$model", "params": [{"key": "lr", "value": "0.1"}]}),
    post("changed", f"{MODELS}/$model/params", {"model_id": "$model", "params": [{"key": "lr", "value": "0.2"}]}),
    post("no params", f"{MODELS}/$model/params", {"model_id": "$model", "params": []}),
    _get("with all"),
    get("artifacts", f"{MODELS}/$model/artifacts/directories"),
    delete("delete", f"{MODELS}/$model"),
    delete("delete again", f"{MODELS}/$model"),
    _get("deleted"),
    patch("finalize deleted", f"{MODELS}/$model", {"model_id": "$model", "status": "LOGGED_MODEL_READY"}),
    patch("tag deleted", f"{MODELS}/$model/tags", {"tags": [{"key": "a", "value": "b"}]}),
]  # fmt: skip

_CREATE = [
    experiment(),
    run(),
    _create("nothing given"),
    _create("name", name="plain"),
    _create("the same name", name="plain"),
    _create("empty name", name=""),
    _create("name with a slash", name="a/b"),
    _create("name with a colon", name="a:b"),
    _create("name with dots", name="a..b"),
    _create("name with percent", name="a%b"),
    _create("name with quotes", name="a'b"),
    _create("name of 500", name="n" * 500),
    _create("name of 501", name="n" * 501),
    _create("number as name", name=5),
    _create("number as type", name="x", model_type=5),
    _create("type", name="typed", model_type="regressor"),
    _create("unknown run", name="x", source_run_id="0" * 32),
    _create("params as text", name="x", params="a"),
    _create("param twice", name="x", params=[{"key": "a", "value": "1"}] * 2),
    _create("param without key", name="x", params=[{"value": "1"}]),
    _create("param without value", name="x", params=[{"key": "a"}]),
    _create("param key of 251", name="x", params=[{"key": "k" * 251, "value": "1"}]),
    _create("param value of 6001", name="x", params=[{"key": "k", "value": "v" * 6001}]),
    _create("tag twice", name="x", tags=[{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]),
    _create("tag value of 8001", name="x", tags=[{"key": "k", "value": "v" * 8001}]),
    post("no experiment", MODELS, {"name": "x"}),
    post("unknown experiment", MODELS, {"experiment_id": "99999999", "name": "x"}),
    post("experiment as number", MODELS, {"experiment_id": 5, "name": "x"}),
    post("experiment as word", MODELS, {"experiment_id": "x", "name": "x"}),
    post("delete the experiment", "experiments/delete", {"experiment_id": "$exp"}),
    _create("in a deleted experiment", name="late"),
    *[
        step
        for value in ("m-" + "0" * 32, "nobody", "m-x", "A" * 34)
        for step in (
            get(f"get {value}", f"{MODELS}/{value}"),
            delete(f"delete {value}", f"{MODELS}/{value}"),
            patch(
                f"finalize {value}", f"{MODELS}/{value}", {"model_id": value, "status": "LOGGED_MODEL_READY"}
            ),
            patch(f"tag {value}", f"{MODELS}/{value}/tags", {"tags": [{"key": "a", "value": "b"}]}),
            delete(f"untag {value}", f"{MODELS}/{value}/tags/a"),
            post(
                f"params {value}",
                f"{MODELS}/{value}/params",
                {"model_id": value, "params": [{"key": "a", "value": "b"}]},
            ),
            get(f"artifacts {value}", f"{MODELS}/{value}/artifacts/directories"),
        )
    ],
]


def _metric(note: str, **fields: Any) -> Step:
    point = {"run_id": "$run", "key": "acc", "value": 0.5, "timestamp": 10, "step": 0, **fields}
    return post(note, "runs/log-metric", point)


_LINKS = [
    experiment(),
    run(),
    run("reader"),
    model(source_run_id="$run"),
    model("second", source_run_id="$run"),
    _metric("metric of a model", model_id="$model"),
    _metric("on a dataset", model_id="$model", key="f1", dataset_name="iris", dataset_digest="d1"),
    _metric("later value", model_id="$model", value=0.7, timestamp=20, step=1),
    _metric("not a number", model_id="$model", key="nan", value="NaN"),
    post(
        "batch with models", "runs/log-batch",
        {"run_id": "$run", "metrics": [
            {"key": "b1", "value": 1, "timestamp": 1, "model_id": "$model"},
            {"key": "b2", "value": 2, "timestamp": 1, "model_id": "$second", "dataset_name": "iris", "dataset_digest": "d"},
            {"key": "b3", "value": 3, "timestamp": 1},
        ]},
    ),
    _metric("dataset without digest", model_id="$model", key="half", dataset_name="iris"),
    _get("metrics of the model"),
    _get("metrics of the second", "second"),
    get_run("metrics of the run"),
    post("read by", "runs/log-inputs", {"run_id": "$reader", "models": [{"model_id": "$model"}]}),
    post("read by, again", "runs/log-inputs", {"run_id": "$reader", "models": [{"model_id": "$model"}]}),
    post("made by", "runs/outputs", {"run_id": "$run", "models": [{"model_id": "$model", "step": 3}]}),
    post("made by, again", "runs/outputs", {"run_id": "$run", "models": [{"model_id": "$model", "step": 4}]}),
    post("made two", "runs/outputs", {"run_id": "$run", "models": [{"model_id": "$second"}]}),
    post("unknown output", "runs/outputs", {"run_id": "$reader", "models": [{"model_id": "m-" + "0" * 32, "step": 0}]}),
    post("outputs as text", "runs/outputs", {"run_id": "$run", "models": "m"}),
    post("outputs empty", "runs/outputs", {"run_id": "$run", "models": []}),
    post("outputs absent", "runs/outputs", {"run_id": "$run"}),
    post("outputs without run", "runs/outputs", {"models": [{"model_id": "$model"}]}),
    post("outputs of an unknown run", "runs/outputs", {"run_id": "0" * 32, "models": [{"model_id": "$model"}]}),
    get_run("the reader", "reader"),
    get_run("the maker"),
]  # fmt: skip

SEQUENCES: dict[str, list[Step]] = {"model life": _LIFE, "model create": _CREATE, "model links": _LINKS}
