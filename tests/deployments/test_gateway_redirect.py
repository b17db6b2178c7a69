"""Predictions that reach the web process are sent on to the gateway."""

from io import BytesIO
from typing import Any

import pytest

from portal.wsgi import application


def asked(path: str, query: str = "") -> tuple[str, dict[str, str]]:
    found: list[Any] = []
    environ = {
        "PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": "POST", "wsgi.input": BytesIO(b"{}"),
        "CONTENT_LENGTH": "2", "SERVER_NAME": "x", "SERVER_PORT": "80", "wsgi.url_scheme": "http",
    }  # fmt: skip
    list(application(environ, lambda status, headers, *_: found.append((status, dict(headers)))))
    return found[0]


@pytest.mark.parametrize("path", ["/endpoints/scores/invocations", "/v2/models/scores/infer", "/v2"])
def test_307(settings: Any, path: str) -> None:
    settings.SERVING_URL = "http://gateway.test:8002"
    status, headers = asked(path, "a=b")
    assert (status[:3], headers["Location"]) == ("307", f"http://gateway.test:8002{path}?a=b")


def test_nothing_of_a_path_ends_the_header(settings: Any) -> None:
    settings.SERVING_URL = "http://gateway.test:8002"
    _, headers = asked("/endpoints/a\r\nSet-Cookie: x/invocations")
    assert "\n" not in headers["Location"]


def test_no_gateway_is_known(settings: Any) -> None:
    settings.SERVING_URL = settings.PORTAL_URL
    assert asked("/endpoints/scores/invocations")[0][:3] == "503"
