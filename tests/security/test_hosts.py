"""A request for a host name that is not the portal's is refused, on pages and in the protocol alike."""

import io

import pytest

from portal.wsgi import application

PATHS = ["/accounts/login/", "/api/v1/me", "/api/3.0/mlflow/server-info", "/ajax-api/2.0/mlflow/runs/get"]


def status_of(path: str, host: str) -> str:
    found: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "HTTP_HOST": host, "SERVER_NAME": "x",
        "SERVER_PORT": "80", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "REMOTE_ADDR": "127.0.0.1",
    }  # fmt: skip
    application(environ, lambda status, headers: found.append(status))
    return found[0]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost@evil.example"])
def test_a_foreign_host_is_refused(path, host):
    assert status_of(path, host).startswith("400")


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["localhost", "localhost:8000"])
def test_our_own_host_is_served(host):
    assert status_of("/api/3.0/mlflow/server-info", host).startswith("200")
