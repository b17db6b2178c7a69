"""Requests that are wrong around the body: methods, types, headers, paths, sizes of lines."""

import pytest

from tests.bad_input.conftest import Target, Untouched, is_refusal
from tests.bad_input.endpoints import routes, writing_routes
from tests.live.portal import Portal
from tests.live.wire import Wire, raw_exchange

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]


def test_every_other_method(wire: Wire, target: Target, untouched: Untouched) -> None:
    known = set(routes(target))
    methods = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "FOO")
    with untouched():
        for path in {path for _, path in known if "mlflow-artifacts" not in path}:
            for method in methods:
                if (method, path) not in known:
                    reply = wire.send(method, path, b"{}", {"Content-Type": "application/json"})
                    served = any(path == other for way, other in known if way == method)
                    assert served or is_refusal(reply), (method, path, reply)


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "",
    ],
)
def test_other_content_types(kind: str, wire: Wire, target: Target, untouched: Untouched) -> None:
    """A page of another site can send these without asking the browser first."""
    with untouched():
        for method, path in writing_routes(target):
            if method == "POST":
                reply = wire.send(
                    method, path, b'{"name": "csrf", "experiment_id": "0"}', {"Content-Type": kind}
                )
                assert is_refusal(reply), (path, reply)


@pytest.mark.parametrize(
    "path",
    [
        "/api/2.0/mlflow",
        "/api/2.0/mlflow/",
        "/api/",
        "/ajax-api/",
        "/api/2.0/mlflow/runs",
        "/api/2.0/mlflow/runs/get/",
        "/api/2.0/mlflow//runs/get",
        "/api/2.0/mlflow/runs/get%00",
        "/api/2.0/mlflow/runs/%67et/../create",
        "/api/9.9/x",
        "/api/2.0/mlflow/runs/get;x",
        "/API/2.0/mlflow/runs/get",
        "/api/2.0/mlflow/%ff%fe",
        "/api/2.0/mlflow/runs/get%0a",
        "/api/2.0/mlflow/registered-models/create",
        "/api/3.0/mlflow/traces/search",
        "/ajax-api/3.0/jobs/search",
        "/api/3.0/mlflow/gateway/secrets/list",
        "/api/2.0/mlflow/users/create",
        "/ajax-api/2.0/mlflow/gateway-proxy",
    ],
)
def test_paths_that_are_not_served(path: str, wire: Wire, untouched: Untouched) -> None:
    with untouched():
        for method in ("GET", "POST", "DELETE"):
            reply = wire.send(method, path, b"{}", {"Content-Type": "application/json"})
            assert 400 <= reply.status < 500, (method, path, reply)
            if path.startswith(("/api/", "/ajax-api/")):
                assert is_refusal(reply), (method, path, reply)


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: -1",
        "Content-Length: abc",
        "Content-Length: 99999999999999999999",
        "Content-Length: 1e3",
        "Content-Length: 5\r\nContent-Length: 6",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "X-Long: " + "x" * 1_000_000,
        "Content-Length : 5",
        "\x00: 1",
        "X: \x00",
        "\r\n".join(f"X-{number}: 1" for number in range(5_000)),
    ],
    ids=lambda text: repr(text[:40]),
)
def test_headers_that_are_wrong(head: str, portal: Portal, untouched: Untouched) -> None:
    start = "POST /api/2.0/mlflow/experiments/create HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    token = f"Authorization: Bearer {portal.token('ann')}\r\n"
    with untouched():
        answer = raw_exchange(
            portal.port, f"{start}{token}{head}\r\n\r\n{{}}".encode("latin-1"), timeout_seconds=3
        )
    assert not answer.startswith(b"HTTP/1.1 5"), answer[:300]
    assert not answer.startswith(b"HTTP/1.1 2"), answer[:300]


@pytest.mark.parametrize(
    "value",
    [
        "Bearer",
        "Bearer ",
        "Bearer \x80\xff",
        "Basic",
        "Basic !!!",
        "Basic 4pyT",
        "Digest x",
        "Bearer " + "x" * 8_000,
        "mlp_x",
    ],
    ids=lambda text: repr(text[:20]),
)
def test_credentials_that_are_wrong(value: str, portal: Portal, untouched: Untouched) -> None:
    path = "/api/2.0/mlflow/experiments/get?experiment_id=0"
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {value}\r\n"
    with untouched():
        answer = raw_exchange(
            portal.port, f"{request}Connection: close\r\n\r\n".encode("latin-1"), timeout_seconds=5
        )
    assert answer.startswith((b"HTTP/1.1 401", b"HTTP/1.1 400")), answer[:300]


@pytest.mark.parametrize("name", ["nobody", "../credit", "a" * 300, "CREDIT", "credit,other", "é", "0", "%"])
def test_workspaces_that_are_not_there(name: str, wire: Wire, target: Target, untouched: Untouched) -> None:
    headers = {"X-MLFLOW-WORKSPACE": name.encode().decode("latin-1")}
    with untouched():
        reply = wire.json("GET", f"/api/2.0/mlflow/runs/get?run_id={target.run}", headers=headers)
        assert is_refusal(reply), reply
        reply = wire.json("POST", "/api/2.0/mlflow/experiments/create", {"name": "x"}, headers)
        assert is_refusal(reply), reply


@pytest.mark.parametrize(
    "query", ["?" + "a=1&" * 2_000, "?run_id=%ff", "?run_id=" + "x" * 20_000, "?run_id=%00", "?%"]
)
def test_queries_that_are_wrong(query: str, wire: Wire, target: Target, untouched: Untouched) -> None:
    with untouched():
        for method, path in routes(target):
            if method == "GET" and not path.endswith(("server-info", "/workspaces")):
                reply = wire.send(method, path + query)
                assert reply.status < 500, (path, reply)
