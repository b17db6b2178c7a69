"""Requests that are wrong before any endpoint looks at them: bodies, methods, content types, paths."""

from tests.differential.calls import Step, experiment, get, post, raw, run

_BODIES: dict[str, bytes] = {
    "empty body": b"",
    "spaces": b"   ",
    "not JSON": b"{",
    "a word": b"hello",
    "null": b"null",
    "a list": b"[]",
    "a list with an object": b'[{"name": "x"}]',
    "a number": b"5",
    "a string": b'"x"',
    "true": b"true",
    "an object in a string": b'"{\\"experiment_id\\": \\"99999999\\"}"',
    "two objects": b"{}{}",
    "trailing comma": b'{"experiment_id": "99999999",}',
    "single quotes": b"{'experiment_id': '99999999'}",
    "not UTF-8": b'{"experiment_id": "\xff\xfe"}',
    "UTF-8 BOM": b'\xef\xbb\xbf{"experiment_id": "99999999"}',
    "lone surrogate": b'{"experiment_id": "\\ud800"}',
    "NUL": b'{"experiment_id": "\\u0000"}',
    "a key twice": b'{"experiment_id": "99999998", "experiment_id": "99999999"}',
    "an object for a string": b'{"experiment_id": {"a": 1}}',
    "a list for a string": b'{"experiment_id": ["a"]}',
    "a large number for a string": b'{"experiment_id": 1e400}',
    "deep": b'{"experiment_id": ' + b"[" * 500 + b"]" * 500 + b"}",
}
_PATHS = ("experiments/delete", "runs/search", "runs/log-batch", "runs/create")
_CALLS = [
    *[raw(f"{path}: {note}", path, body) for path in _PATHS for note, body in _BODIES.items()],
    *[
        raw(f"content type {kind}", "experiments/delete", b'{"experiment_id": "99999999"}', kind)
        for kind in (
            None, "text/plain", "application/json; charset=utf-8", "application/x-www-form-urlencoded", "APPLICATION/JSON",
            "application/json;", "application/jsonx", "multipart/form-data", "",
        )
    ],
]  # fmt: skip

_METHODS = [
    experiment(),
    run(),
    get("GET where POST", "runs/create", {"experiment_id": "$exp"}),
    post("POST where GET", "runs/get", {"run_id": "$run"}),
    Step("PUT", "PUT", "runs/create", {"experiment_id": "$exp"}),
    Step("DELETE", "DELETE", "runs/create", {"experiment_id": "$exp"}),
    Step("PATCH", "PATCH", "runs/create", {"experiment_id": "$exp"}),
    get("unknown endpoint", "runs/fly"),
    get("unknown version", "/api/9.0/mlflow/runs/get", {"run_id": "$run"}),
    get("preview version", "/api/2.0/preview/mlflow/runs/get", {"run_id": "$run"}),
    get("ajax twin", "/ajax-api/2.0/mlflow/runs/get", {"run_id": "$run"}),
    get("trailing slash", "runs/get/", {"run_id": "$run"}),
    get("query twice", "runs/get", [("run_id", "$run"), ("run_id", "x")]),
    get("unknown query", "runs/get", {"run_id": "$run", "colour": "red"}),
    get("camelCase query", "runs/get", {"runId": "$run"}),
    get("health", "/health"),
    get("version", "/version"),
]

SEQUENCES: dict[str, list[Step]] = {"bodies": _CALLS, "methods": _METHODS}
