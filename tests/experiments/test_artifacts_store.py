"""The store on a local folder and on S3: the same behaviour, and nothing outside the root."""

import os
import subprocess
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from experiments.artifacts.store import ArtifactStore
from portal.kernel.errors import Conflict, NotFound, Unavailable

MEGABYTE = b"m" * 1_000_000
BUCKET = "artifacts"


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_store(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> ArtifactStore:
    settings = {
        "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3_server,
    }  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", endpoint_url=s3_server, region_name="us-east-1")
    client.create_bucket(Bucket=BUCKET)
    found = client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    for item in found:
        client.delete_object(Bucket=BUCKET, Key=item["Key"])
    return ArtifactStore(f"s3://{BUCKET}/portal/files")


@pytest.fixture
def local_store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(str(tmp_path / "root"))


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest) -> ArtifactStore:
    found: ArtifactStore = request.getfixturevalue(f"{request.param}_store")
    return found


def content(store: ArtifactStore, path: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join(store.open(path, start, end).chunks)


def test_a_file_comes_back_as_it_was_put(store: ArtifactStore) -> None:
    store.put("1/2/ü b.txt", [b"hel", b"lo"])
    assert content(store, "1/2/ü b.txt") == b"hello"
    assert content(store, "1/2/ü b.txt", 1, 3) == b"el"
    assert content(store, "1/2/ü b.txt", 4, 99) == b"o"
    assert content(store, "1/2/ü b.txt", 99) == b""
    assert store.stat("1/2/ü b.txt").size == 5


def test_a_file_may_be_empty(store: ArtifactStore) -> None:
    store.put("1/empty", [])
    assert store.open("1/empty").size == 0
    assert content(store, "1/empty") == b""


def test_a_long_file_goes_in_parts_and_replaces_the_old_one(store: ArtifactStore) -> None:
    store.put("1/long", [b"old"])
    store.put("1/long", (MEGABYTE for _ in range(12)))
    assert store.stat("1/long").size == 12_000_000
    assert content(store, "1/long", 11_999_998) == b"mm"


def test_listing_shows_files_with_size_and_folders_without(store: ArtifactStore) -> None:
    store.put("1/a.txt", [b"hello"])
    store.put("1/b/c/d.txt", [b"x"])
    assert [(entry.path, entry.is_dir, entry.size) for entry in store.list_dir("1")] == [
        ("1/a.txt", False, 5),
        ("1/b", True, None),
    ]
    assert [entry.path for entry in store.list_files("1")] == ["1/a.txt", "1/b/c/d.txt"]
    assert store.list_dir("1/a.txt") == []
    assert store.list_dir("nothing") == []


def test_deleting_a_folder_leaves_its_neighbours(store: ArtifactStore) -> None:
    for path in ("1/a/x", "1/a/y/z", "1/ab", "1/b"):
        store.put(path, [b"x"])
    assert store.delete("1/a") == 2
    assert [entry.path for entry in store.list_files("1")] == ["1/ab", "1/b"]
    assert store.delete("1/b") == 1
    with pytest.raises(NotFound):
        store.delete("1/a")


def test_what_is_not_there_is_not_found(store: ArtifactStore) -> None:
    for act in (store.open, store.stat, store.delete):
        with pytest.raises(NotFound):
            act("1/nothing")


def test_an_upload_that_breaks_leaves_nothing(store: ArtifactStore) -> None:
    def broken() -> Iterator[bytes]:
        yield from (MEGABYTE for _ in range(12))
        raise ConnectionAbortedError("the client is gone")

    store.put("1/file", [b"old"])
    with pytest.raises(Unavailable):
        store.put("1/file", broken())
    with pytest.raises(Unavailable):
        store.put("1/other", broken())
    assert content(store, "1/file") == b"old"
    assert [entry.path for entry in store.list_files("1")] == ["1/file"]


def test_a_file_and_a_folder_cannot_share_a_name(local_store: ArtifactStore) -> None:
    local_store.put("1/a/b", [b"x"])
    for path in ("1/a", "1/a/b/c"):
        with pytest.raises(Conflict):
            local_store.put(path, [b"x"])
    assert content(local_store, "1/a/b") == b"x"


def test_links_in_the_folder_lead_nowhere(local_store: ArtifactStore, tmp_path: Path) -> None:
    """Nobody can plant a link through the portal; one that is there all the same is as if absent."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    local_store.put("1/real", [b"x"])
    (tmp_path / "root/1/file").symlink_to(outside / "secret")
    (tmp_path / "root/1/folder").symlink_to(outside)
    assert [entry.path for entry in local_store.list_dir("1")] == ["1/real"]
    assert [entry.path for entry in local_store.list_files("1")] == ["1/real"]
    for path in ("1/file", "1/folder/secret"):
        for act in (local_store.open, local_store.delete, lambda path: local_store.put(path, [b"y"])):
            with pytest.raises(NotFound):
                act(path)
    assert local_store.list_dir("1/folder") == []
    local_store.delete("1")
    assert (outside / "secret").read_text() == "secret"


def test_a_long_upload_is_never_in_memory_as_a_whole(local_store: ArtifactStore) -> None:
    tracemalloc.start()
    local_store.put("1/long", (bytes(1_000_000) for _ in range(100)))
    assert sum(len(chunk) for chunk in local_store.open("1/long").chunks) == 100_000_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40_000_000


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(small)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("A small disk can only be mounted as root.")
    try:
        store = ArtifactStore(str(small / "root"))
        with pytest.raises(Unavailable, match="full"):
            store.put("1/long", (MEGABYTE for _ in range(12)))
        with pytest.raises(Unavailable, match="full"):
            store.put("1/short", [MEGABYTE] * 4)
        assert list(store.list_files("1")) == []
        assert not [name for _, _, names in os.walk(small) for name in names]
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_store_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    store = ArtifactStore(f"s3://{BUCKET}/x")
    with pytest.raises(Unavailable):
        store.stat("1/a")
