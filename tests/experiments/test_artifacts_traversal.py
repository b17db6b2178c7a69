"""Every known traversal as a raw request line: refused, nothing outside the root read, written or deleted."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.experiments.artifact_calls import (
    API,
    FILES,
    PROXY,
    error_code,
    files_below,
    model_make,
    put,
    raw,
    run_make,
)
from tests.live.portal import Portal

pytestmark = pytest.mark.slow

SECRET = b"the secret outside the root"
UP = 12  # more than enough to reach the root of the file system

STEPS = [
    "../", "..%2f", "%2e%2e/", "%2e%2e%2f", ".%2e/", "%2e./", "%252e%252e%252f", "%252e%252e/",
    "%25252e%25252e%25252f",
    "..%255c", "..\\", "..%5c", "%2e%2e%5c", "%2e%2e%255c", "%5c..%5c", "..;/", "..%3b/",
    "a;/../", "..//", "..%00/",
    "%c0%ae%c0%ae/", "%e0%80%ae%e0%80%ae/", "..%c0%af", "..%ef%bc%8f", "....//", "x/../../", "./.././",
]  # fmt: skip
ABSOLUTE = [
    "{file}", "/{file}", "%2f{file}", "//host{file}", "%2f%2fhost{file}", "file://{file}", "file:{file}",
    "FILE:{file}",
    "file:%2f%2f{file}", "C:{file}", "c%3a{file}", "C:%5c{file}", "%5c%5chost{file}", "#{file}",
    "%23/../{file}",
    "?/../{file}", "%3f/../{file}", "a%00{file}", "a%0d%0aX:%20y{file}",
]  # fmt: skip


@pytest.fixture(scope="module")
def secret(portal_server: Portal) -> Iterator[Path]:
    path = portal_server.folder / "secret.txt"
    path.write_bytes(SECRET)
    yield path
    path.unlink()


def targets(secret: Path) -> list[str]:
    """Paths that lead from somewhere inside the root to the secret, or to it directly."""
    name = str(secret).lstrip("/")
    stepping = [
        step * count + tail
        for step in STEPS
        for count, tail in ((UP, name), (4, "secret.txt"), (7, "secret.txt"))
    ]
    return stepping + [shape.format(file=secret) for shape in ABSOLUTE]


def requests(run: dict[str, str], model: dict[str, str], path: str) -> Iterator[tuple[str, str, bytes]]:
    """Every endpoint that takes a path, with the path in each place that it takes one."""
    root = run["artifact_uri"].removeprefix("mlflow-artifacts:/")
    for start in ("", f"{root}/", f"{root}/file/"):
        for method in ("GET", "HEAD", "PUT", "DELETE"):
            yield method, f"{FILES}/{start}{path}", b"overwritten" if method == "PUT" else b""
        for act in ("create", "complete", "abort"):
            body = json.dumps({"path": f"../{path}", "num_parts": 1, "upload_id": "1", "parts": []}).encode()
            yield "POST", f"{PROXY}/mpu/{act}/{start}{path}", body
        yield "GET", f"{PROXY}/presigned/{start}{path}", b""
    query = path.replace("&", "%26").replace("#", "%23").replace(" ", "%20")
    yield "GET", f"{FILES}?path={root}/{query}", b""
    yield "GET", f"{FILES}?path={query}", b""
    yield "GET", f"{API}/artifacts/list?run_id={run['run_id']}&path={query}", b""
    yield "GET", f"/ajax-api/2.0/mlflow/get-artifact?run_id={run['run_id']}&path={query}", b""
    yield (
        "GET",
        f"{API}/logged-models/{model['model_id']}/artifacts/directories?artifact_directory_path={query}",
        b"",
    )
    yield "GET", f"{API}/logged-models/{model['model_id']}/artifacts/files?artifact_file_path={query}", b""


def test_no_path_leads_out_of_the_root(portal_server: Portal, secret: Path) -> None:
    """As the maintainer, who may do most: what stops the path is the path."""
    ann = portal_server.wire("ann")
    run, model = run_make(ann), model_make(ann)
    put(ann, run["artifact_uri"], "file")
    put(ann, run["artifact_uri"], "folder/file")
    before, outside = files_below(portal_server.folder / "artifacts"), files_beside(portal_server)
    wrong = []
    for path in targets(secret):
        for method, target, body in requests(run, model, path):
            status, answer = raw(portal_server, "ann", method, target.encode(), body)
            if not 400 <= status < 500 or SECRET in answer:
                wrong.append((method, target, status, answer[:200]))
    assert not wrong, wrong[:5]
    assert files_below(portal_server.folder / "artifacts") == before
    assert files_beside(portal_server) == outside
    assert secret.read_bytes() == SECRET


def test_a_fragment_does_not_shorten_the_path(portal_server: Portal) -> None:
    """A server that cuts `#…` off would delete the folder although something else was asked for."""
    ann = portal_server.wire("ann")
    run = run_make(ann)
    put(ann, run["artifact_uri"], "folder/file")
    folder = f"{FILES}/{run['artifact_uri'].removeprefix('mlflow-artifacts:/')}/folder"
    status, answer = raw(portal_server, "ann", "DELETE", f"{folder}#/../other".encode())
    assert (status, error_code(answer)) == (400, "INVALID_PARAMETER_VALUE")
    assert ann.send("GET", f"{folder}/file").status == 200


@pytest.mark.parametrize(
    "source",
    [
        "file:///etc", "FILE:/etc", "/etc", "s3://bucket/x", "http://host/x", "http:///#/../../etc",
        "http:///?#/../../etc/", "mlflow-artifacts:/../../etc", "mlflow-artifacts:/%2e%2e/etc",
        "mlflow-artifacts://host/x", "dbfs:/../../etc", "mlflow-artifacts:/1/1#/../x", "..\\..\\etc",
    ],
)  # fmt: skip
def test_no_experiment_gets_a_location_of_its_own_choice(portal_server: Portal, source: str) -> None:
    reply = portal_server.wire("ann").json(
        "POST",
        f"{API}/experiments/create",
        {"name": quote(source, safe="") + "-x", "artifact_location": source},
    )
    assert (reply.status, reply.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def files_beside(portal: Portal) -> dict[str, bytes]:
    """The files next to the root, without what the server itself writes."""
    return {
        path.name: path.read_bytes()
        for path in portal.folder.iterdir()
        if path.is_file() and path.suffix != ".log"
    }
