"""Artifacts: what the tracking API lists, and what the proxy stores and returns."""

from tests.differential.calls import Step, experiment, get, post, run

_AJAX = "/ajax-api/2.0/mlflow"


def _upload(note: str, data: bytes, **query: str) -> Step:
    return Step(
        note, "POST", f"{_AJAX}/upload-artifact", data, query=query, headers={"Content-Type": "text/plain"}
    )


def _list(note: str, **query: str) -> Step:
    return get(note, "artifacts/list", {"run_id": "$run", **query})


_RUN = [experiment(), run()]
_LIST = [
    *_RUN,
    _list("empty"),
    _list("unknown folder", path="nowhere"),
    *[
        _list(f"path {path!r}", path=path)
        for path in (
            "../x", "a/../../b", "/etc", "..", ".", "%2e%2e/x", "..%2fx", "a\\..\\..\\b", "C:/x", "file:///etc", "~", "",
            "a//b", "#/../x", "a;../b", "%252e%252e%252fx",
        )
    ],
    post("by POST", "artifacts/list", {"run_id": "$run"}),
    get("no run", "artifacts/list", {"path": "x"}),
]  # fmt: skip

_UPLOADS = [
    *_RUN,
    _upload("a file", b"hello", run_uuid="$run", path="notes/a.txt"),
    _upload("another", b"world", run_uuid="$run", path="b.txt"),
    _upload("over the first", b"changed", run_uuid="$run", path="notes/a.txt"),
    _upload("no run", b"hello", path="a.txt"),
    _upload("no path", b"hello", run_uuid="$run"),
    _upload("no data", b"", run_uuid="$run", path="empty.txt"),
    _upload("unknown run", b"hello", run_uuid="0" * 32, path="a.txt"),
    _upload("too large", b"x" * (10 * 1024 * 1024 + 1), run_uuid="$run", path="large.bin"),
    _list("what is there"),
    _list("the folder", path="notes"),
    _list("a file as folder", path="b.txt"),
    get("read", "/get-artifact", {"run_id": "$run", "path": "notes/a.txt"}),
    get("read by run_uuid", "/get-artifact", {"run_uuid": "$run", "path": "b.txt"}),
]

SEQUENCES: dict[str, list[Step]] = {"artifact lists": _LIST, "artifact uploads": _UPLOADS}
