"""Artifacts: what the tracking API lists, and what the proxy stores and returns."""

from tests.differential.calls import Step, experiment, get, post, run

_PROXY = "/api/2.0/mlflow-artifacts/artifacts"


def _put(note: str, path: str, data: bytes, run_name: str = "run") -> Step:
    return Step(
        note, "PUT", f"{_PROXY}/${run_name}_root/{path}", data, headers={"Content-Type": "text/plain"}
    )


def _fetch(note: str, path: str) -> Step:
    return get(note, f"{_PROXY}/$run_root/{path}")


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

SEQUENCES: dict[str, list[Step]] = {"artifact lists": _LIST}
