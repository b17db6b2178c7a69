"""Paths that try to leave their root, in every encoding, on a bare socket that corrects nothing."""

import contextlib
from pathlib import Path

import pytest

from tests.bad_input.conftest import Target, Untouched
from tests.live.portal import Portal
from tests.live.wire import raw_exchange

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]

_UPWARDS = [
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    ".%2e/",
    "%252e%252e%252f",
    "%25252e%25252e%25252f",
    "..\\",
    "..%5c",
    "%2e%2e%5c",
    "..%255c",
    "..;/",
    "..%3b/",
    "%c0%ae%c0%ae/",
    "%c0%ae%c0%ae%c0%af",
    "..%c0%af",
    "%u002e%u002e/",
    "....//",
    "..././",
    "%00../",
    "..%00/",
    "/",
    "//",
    "%2f",
    "%2f%2f",
    "file:",
    "file%3a//",
    "C:/",
    "c%3a%5c",
    "\\\\host\\share\\",
    "%5c%5chost%5c",
    "~/",
    "%7e/",
    "#/../",
    "%23/../",
    "?/../",
    "%3f/../",
    "a/../../",
    "a/%2e%2e/%2e%2e/",
    "./../",
    "%2e/%2e%2e/",
    "\uff0e\uff0e/",
    "\u2025/",
]
# Names like any other here: a file of such a name is made, inside the root.
_PLAIN = ("~/", "%7e/", "%u002e%u002e/")
_GOALS = ("etc/passwd", "proc/self/environ", "secret.txt")


@pytest.fixture(scope="module")
def planted(portal: Portal) -> Path:
    """A file just outside the artifact root."""
    path = portal.folder / "secret.txt"
    path.write_text("planted-secret")
    return path


def _requests(target: Target, step: str, goal: str) -> list[tuple[str, str]]:
    proxy = "/api/2.0/mlflow-artifacts/artifacts"
    climb = step * 8 + goal
    return [
        ("GET", f"{proxy}/{climb}"),
        ("GET", f"{proxy}/{target.artifacts}/{climb}"),
        ("GET", f"{proxy}?path={climb}"),
        ("GET", f"{proxy}?path={target.artifacts}/{climb}"),
        ("GET", f"/api/2.0/mlflow/artifacts/list?run_id={target.run}&path={climb}"),
        ("GET", f"/ajax-api/2.0/mlflow/get-artifact?run_id={target.run}&path={climb}"),
        ("GET", f"/get-artifact?run_id={target.run}&path={climb}"),
        ("PUT", f"{proxy}/{target.artifacts}/{climb}"),
        ("PUT", f"{proxy}/{climb}"),
        ("DELETE", f"{proxy}/{target.artifacts}/{climb}"),
        ("POST", f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={target.run}&path={climb}"),
        ("GET", f"/static/{climb}"),
    ]


@pytest.mark.parametrize("step", _UPWARDS)
def test_nothing_outside_is_read_or_changed(
    step: str, portal: Portal, target: Target, planted: Path, untouched: Untouched
) -> None:
    before = sorted(path.name for path in portal.folder.glob("*"))
    with contextlib.nullcontext() if step in _PLAIN else untouched():
        for goal in _GOALS:
            for method, path in _requests(target, step, goal):
                _attempt(portal, method, path)
    assert planted.read_text() == "planted-secret"
    assert sorted(path.name for path in portal.folder.glob("*")) == before, (
        "something was made beside the root"
    )


def _attempt(portal: Portal, method: str, path: str) -> None:
    body = b"overwritten" if method in ("PUT", "POST") else b""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {portal.token('ann')}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    answer = raw_exchange(portal.port, head.encode() + body, timeout_seconds=10)
    assert b"root:" not in answer, (method, path, answer)
    assert b"SECRET_KEY" not in answer, (method, path, answer)
    assert b"planted-secret" not in answer, (method, path, answer)
    assert not answer.startswith(b"HTTP/1.1 5"), (method, path, answer[:500])
