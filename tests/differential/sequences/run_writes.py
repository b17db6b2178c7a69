"""Params and tags of runs, one call each: keys, lengths, immutability, overwriting."""

from typing import Any

from tests.differential.calls import Step, experiment, get_run, post, run

KEYS: list[Any] = [
    "a", "a b", "a/b", "a.b-c_d", "a:b", "Ünï", "a//b", "/a", "a/", "a/../b", "../a", ".", "..", "a$b", "a\\b", "a\nb",
    "a\tb", "k" * 250, "k" * 251, "", None, 5, True, ["a"], "a%2fb", "`a`", "a'b", 'a"b', " a", "a ", "👍",
]  # fmt: skip


def _param(note: str, **fields: Any) -> Step:
    return post(note, "runs/log-parameter", {"run_id": "$run", **fields})


def _tag(note: str, **fields: Any) -> Step:
    return post(note, "runs/set-tag", {"run_id": "$run", **fields})


_PARAMS = [
    experiment(),
    run(),
    _param("log", key="lr", value="0.1"),
    _param("same again", key="lr", value="0.1"),
    _param("another value", key="lr", value="0.2"),
    _param("number as value", key="n", value=5),
    _param("boolean as value", key="b", value=True),
    _param("empty value", key="empty", value=""),
    _param("empty again", key="empty", value=""),
    _param("no value", key="none"),
    _param("null value", key="null", value=None),
    _param("value of 6000", key="long", value="v" * 6000),
    _param("value of 6001", key="longer", value="v" * 6001),
    _param("value with a line break", key="lines", value="a\nb\r\nc"),
    _param("value in unicode", key="uni", value="雪 🚀 é"),
    _param("no key", value="1"),
    post("by run_uuid", "runs/log-parameter", {"run_uuid": "$run", "key": "uuid", "value": "1"}),
    post("camelCase", "runs/log-parameter", {"runId": "$run", "key": "camel", "value": "1"}),
    get_run("all params"),
]

_TAGS = [
    experiment(),
    run(),
    _tag("set", key="t", value="1"),
    _tag("overwrite", key="t", value="2"),
    _tag("number as value", key="n", value=5),
    _tag("empty value", key="empty", value=""),
    _tag("no value", key="none"),
    _tag("value of 8000", key="long", value="v" * 8000),
    _tag("value of 8001", key="longer", value="v" * 8001),
    _tag("run name", key="mlflow.runName", value="renamed by tag"),
    _tag("run name empty", key="mlflow.runName", value=""),
    _tag("user", key="mlflow.user", value="ann"),
    _tag("note", key="mlflow.note.content", value="# Note\n"),
    _tag("no key", value="1"),
    get_run("all tags"),
    post("delete", "runs/delete-tag", {"run_id": "$run", "key": "t"}),
    post("delete again", "runs/delete-tag", {"run_id": "$run", "key": "t"}),
    post("delete unknown", "runs/delete-tag", {"run_id": "$run", "key": "nobody"}),
    post("delete without key", "runs/delete-tag", {"run_id": "$run"}),
    post("delete a number", "runs/delete-tag", {"run_id": "$run", "key": 5}),
    get_run("tags that are left"),
]

_ALL_KEYS = [
    experiment(),
    run(),
    *[_param(f"param {key!r:.40} {index}", key=key, value="1") for index, key in enumerate(KEYS)],
    *[_tag(f"tag {key!r:.40} {index}", key=key, value="1") for index, key in enumerate(KEYS)],
    *[
        post(
            f"metric {key!r:.40} {index}", "runs/log-metric",
            {"run_id": "$run", "key": key, "value": 1.0, "timestamp": 1},
        )
        for index, key in enumerate(KEYS)
    ],
    get_run("what was kept"),
]  # fmt: skip

SEQUENCES: dict[str, list[Step]] = {"params": _PARAMS, "tags": _TAGS, "keys": _ALL_KEYS}
