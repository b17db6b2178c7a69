"""What reaches the protocol at all: our own host names, and MLflow's routes even where they lie elsewhere."""

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


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/graphql",
        "/model-versions/get-artifact",
        "/v1/traces",
        "/gateway/x",
        "/gateway/3.0/mlflow/server-info",
    ],
)
def test_what_mlflow_serves_elsewhere_is_not_found_in_json(path):
    found: list[bytes] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_HOST": "localhost"}
    found.extend(application(environ, lambda status, headers: found.append(status.encode())))
    assert found[0].startswith(b"404")
    assert b"ENDPOINT_NOT_FOUND" in found[1]
