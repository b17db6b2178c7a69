"""Artifacts on S3: what the stock client uploads in parts arrives whole, and nobody else's parts do."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest
from django.conf import settings
from mlflow.store.artifact.mlflow_artifacts_repo import MlflowArtifactsRepository
from moto.server import ThreadedMotoServer

from tests.experiments.artifact_calls import FILES, PROXY, address, get, model_make, put, run_make
from tests.live.portal import Portal
from tests.live.wire import Wire

pytestmark = pytest.mark.slow

BUCKET = "portal"
PART = 6_000_000


class PortalOnS3(Portal):
    """A portal whose artifacts lie in a bucket."""

    endpoint = ""

    def _env(self, redis_url: str, settings: str) -> dict[str, str]:
        return super()._env(redis_url, settings) | {
            "ARTIFACT_ROOT": f"s3://{BUCKET}/files",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.endpoint,
        }


@pytest.fixture(scope="module")
def bucket() -> Iterator[Any]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    PortalOnS3.endpoint = f"http://{host}:{port}"
    s3 = boto3.resource(
        "s3", endpoint_url=PortalOnS3.endpoint, region_name="us-east-1",
        aws_access_key_id="key", aws_secret_access_key="secret",
    )  # fmt: skip
    yield s3.create_bucket(Bucket=BUCKET)
    server.stop()


@pytest.fixture(scope="module")
def portal(bucket: Any, live_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    found = PortalOnS3(f"{live_url}_s3", settings.REDIS_URL, tmp_path_factory.mktemp("portal-s3"))
    yield found
    found.close()


@pytest.fixture
def eve(portal: Portal) -> Wire:
    return portal.wire("eve")


def create(wire: Wire, uri: str, name: str, parts: int) -> Any:
    inside = address(uri).removeprefix(FILES)
    return wire.json("POST", f"{PROXY}/mpu/create{inside}", {"path": name, "num_parts": parts})


def finish(wire: Wire, act: str, uri: str, **fields: Any) -> Any:
    return wire.json("POST", f"{PROXY}/mpu/{act}{address(uri).removeprefix(FILES)}", fields)


def send(url: str, body: bytes) -> str:
    request = Request(url, data=body, method="PUT", headers={"Content-Type": "application/octet-stream"})  # noqa: S310
    with urlopen(request, timeout=30) as answer:  # noqa: S310 - an address of the test server
        return str(answer.headers["ETag"])


def keys(bucket: Any) -> list[str]:
    return sorted(item.key for item in bucket.objects.all())


def test_files_go_through_the_proxy_to_the_bucket(portal: Portal, bucket: Any, eve: Wire) -> None:
    run = run_make(eve)
    assert put(eve, run["artifact_uri"], "a b/ü.txt").status == 200
    assert get(eve, run["artifact_uri"], "a b/ü.txt", Range="bytes=1-3").body == b"ell"
    folder = run["artifact_uri"].removeprefix("mlflow-artifacts:/")
    assert f"files/{folder}/a b/ü.txt" in keys(bucket)
    assert portal.wire("ann").send("DELETE", address(run["artifact_uri"], "a b")).status == 200
    assert f"files/{folder}/a b/ü.txt" not in keys(bucket)


def test_the_stock_client_uploads_a_long_file_in_parts(
    portal: Portal, bucket: Any, eve: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = os.urandom(3 * PART + 1)
    (tmp_path / "long.bin").write_bytes(content)
    for name, value in {
        "MLFLOW_TRACKING_TOKEN": portal.token("eve"),
        "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true",
        "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": "1000",
        "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE": str(PART),
    }.items():
        monkeypatch.setenv(name, value)
    run = run_make(eve)
    repository = MlflowArtifactsRepository(run["artifact_uri"], tracking_uri=portal.uri)
    repository.log_artifact(str(tmp_path / "long.bin"), "folder")
    assert get(eve, run["artifact_uri"], "folder/long.bin").body == content
    assert [key for key in keys(bucket) if "/uploads/" in key] == []


def test_an_upload_belongs_to_its_file_and_needs_all_its_parts(
    portal: Portal, bucket: Any, eve: Wire
) -> None:
    uri = run_make(eve)["artifact_uri"]
    begun = create(eve, uri, "/home/eve/f.bin", 2).json
    tag = send(begun["credentials"][0]["url"], b"one")
    first, second = {"part_number": 1, "etag": tag}, {"part_number": 2, "etag": ""}
    upload = {"path": "f.bin", "upload_id": begun["upload_id"]}
    for parts in ([first], [first, first], [first, second], [first, second, second]):
        assert finish(eve, "complete", uri, **upload, parts=parts).status == 400
    send(begun["credentials"][1]["url"], b"two")
    other = {**upload, "path": "other.bin"}
    assert finish(eve, "complete", uri, **other, parts=[first, second]).status == 400
    wrong = {**first, "etag": "0" * 32}
    assert finish(eve, "complete", uri, **upload, parts=[wrong, second]).status == 400
    assert (
        finish(eve, "complete", run_make(eve)["artifact_uri"], **upload, parts=[first, second]).status == 400
    )
    assert get(eve, uri, "f.bin").status == 404
    assert finish(eve, "complete", uri, **upload, parts=[second, first]).json == {}
    assert get(eve, uri, "f.bin").body == b"onetwo"
    assert [key for key in keys(bucket) if "/uploads/" in key] == []


def test_an_abort_removes_the_parts(portal: Portal, bucket: Any, eve: Wire) -> None:
    uri = run_make(eve)["artifact_uri"]
    begun = create(eve, uri, "f.bin", 1).json
    send(begun["credentials"][0]["url"], b"one")
    assert finish(eve, "abort", uri, path="f.bin", upload_id=begun["upload_id"]).json == {}
    assert [key for key in keys(bucket) if "/uploads/" in key] == []
    assert finish(eve, "abort", uri, path="f.bin", upload_id="made-up").status == 400


def test_parts_need_the_right_to_write_and_an_open_owner(portal: Portal, bucket: Any, eve: Wire) -> None:
    run, model = run_make(eve), model_make(eve)
    begun = create(eve, run["artifact_uri"], "f.bin", 1).json
    tag = send(begun["credentials"][0]["url"], b"one")
    for person, status in {"bob": 403, "cleo": 404, "ann-reads": 403}.items():
        wire = portal.wire(person)
        parts = [{"part_number": 1, "etag": tag}]
        upload = {"path": "f.bin", "upload_id": begun["upload_id"]}
        assert create(wire, run["artifact_uri"], "f.bin", 1).status == status
        assert finish(wire, "complete", run["artifact_uri"], **upload, parts=parts).status == status
        assert finish(wire, "abort", run["artifact_uri"], **upload).status == status
    assert get(eve, run["artifact_uri"], "f.bin").status == 404
    portal.run("-m", "tests.experiments.model_fix", model["model_id"])
    assert create(eve, model["artifact_uri"], "f.bin", 1).status == 409
    uploads = f"{FILES}/uploads/{'0' * 32}/00001"
    assert portal.wire("ann").send("GET", uploads).status == 404


@pytest.mark.parametrize("count", [0, -1, 10_001])
def test_an_upload_has_a_sane_number_of_parts(eve: Wire, count: int) -> None:
    assert create(eve, run_make(eve)["artifact_uri"], "f.bin", count).status == 400


@pytest.mark.parametrize("name", ["", "..", "/home/..", "C:\\x\\..", "a/", "x%2f..%2f..", "a#b", "a\x00"])
def test_a_part_never_gets_another_folder(eve: Wire, name: str) -> None:
    assert create(eve, run_make(eve)["artifact_uri"], name, 1).status == 400
