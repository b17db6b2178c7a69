"""Bodies that are no JSON, no object, or hold what no text may hold: sent to every endpoint that reads one."""

import time

import pytest

from tests.bad_input.conftest import Target, Untouched, is_refusal
from tests.bad_input.endpoints import writing_routes
from tests.live.portal import Portal
from tests.live.wire import Wire, raw_exchange

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]

_BODIES = {
    "half an object": b'{"run_id": ',
    "a word": b"hello",
    "a list": b"[1, 2]",
    "a number": b"12345",
    "true": b"true",
    "a string": b'"text"',
    "two values": b"{}{}",
    "single quotes": b"{'run_id': 'x'}",
    "not UTF-8": b'{"run_id": "\xff\xfe\xfa"}',
    "UTF-16": '{"run_id": "x"}'.encode("utf-16"),
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
    "lone surrogate": b'{"run_id": "\\ud800", "experiment_id": "\\udfff", "name": "\\ud800"}',
    "raw surrogate": b'{"run_id": "\xed\xa0\x80"}',
    "control characters": b'{"run_id": "a\x00b\x01"}',
    "100,000 lists": b"[" * 100_000 + b"]" * 100_000,
    "100,000 objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "100,000 open lists": b'{"metrics":' + b"[" * 100_000,
    "deep inside a field": b'{"run_id": "x", "metrics": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "a number of 10,000 digits": b'{"run_id": ' + b"9" * 10_000 + b"}",
}
_NUL = b'{"run_id": "a\\u0000b", "experiment_id": "\\u0000", "name": "\\u0000", "key": "\\u0000", "value": "\\u0000"}'


@pytest.mark.parametrize("note", _BODIES)
def test_a_body_that_is_no_object(note: str, wire: Wire, target: Target, untouched: Untouched) -> None:
    json = {"Content-Type": "application/json"}
    with untouched():
        for method, path in writing_routes(target):
            reply = wire.send(method, path, _BODIES[note], json)
            assert is_refusal(reply), (method, path, reply)


def test_nul_in_every_text(wire: Wire, target: Target, untouched: Untouched) -> None:
    with untouched():
        for method, path in writing_routes(target):
            reply = wire.send(method, path, _NUL, {"Content-Type": "application/json"})
            assert is_refusal(reply) or "/search" in path, (method, path, reply)


@pytest.mark.parametrize("path", ["runs/log-batch", "runs/search", "runs/create", "experiments/create"])
@pytest.mark.parametrize("declared", [True, False], ids=["content-length", "chunked"])
def test_a_body_of_100_megabytes(
    path: str, declared: bool, portal: Portal, untouched: Untouched, capsys: pytest.CaptureFixture[str]
) -> None:
    size = 100 * 1024 * 1024
    head = (
        f"POST /api/2.0/mlflow/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {portal.token('ann')}\r\n"
        "Content-Type: application/json\r\nConnection: close\r\n"
    )
    content = b'{"name": "' + b"x" * (size - 12) + b'"}'
    if declared:
        request = f"{head}Content-Length: {size}\r\n\r\n".encode() + content
    else:
        request = (
            f"{head}Transfer-Encoding: chunked\r\n\r\n{size:x}\r\n".encode() + content + b"\r\n0\r\n\r\n"
        )
    with untouched():
        start = time.perf_counter()
        answer = raw_exchange(portal.port, request)
        seconds = time.perf_counter() - start
    with capsys.disabled():
        print(f" {seconds:.2f} s", end="")  # noqa: T201 - measured, not asserted
    status = answer.split(b" ", 2)[1] if answer else b""
    assert status in (b"400", b"413"), answer[:500]
    assert b'"error_code"' in answer
