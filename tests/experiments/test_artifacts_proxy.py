"""The artifact proxy over the wire: files, ranges, permissions, states."""

import json

import pytest

from tests.experiments.artifact_calls import (
    API,
    FILES,
    PROXY,
    address,
    broken_off,
    experiment_make,
    files_below,
    get,
    model_make,
    put,
    run_make,
)
from tests.live.portal import Portal
from tests.live.wire import Wire, raw_exchange

pytestmark = pytest.mark.slow


@pytest.fixture
def eve(portal_server: Portal) -> Wire:
    return portal_server.wire("eve")


@pytest.fixture
def run(eve: Wire) -> dict[str, str]:
    return run_make(eve)


def test_a_file_comes_back_as_an_attachment_that_no_browser_runs(eve: Wire, run: dict[str, str]) -> None:
    page = b"<script>alert(1)</script>"
    assert put(eve, run["artifact_uri"], "a b/ü.html", page).json == {}
    found = get(eve, run["artifact_uri"], "a b/ü.html")
    assert (found.status, found.body) == (200, page)
    assert found.headers["content-length"] == str(len(page))
    assert (
        found.headers["content-disposition"]
        == "attachment; filename=\"_.html\"; filename*=UTF-8''%C3%BC.html"
    )
    assert found.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in found.headers["content-security-policy"]
    assert found.headers["cache-control"] == "private, no-store"


def test_ranges(eve: Wire, run: dict[str, str]) -> None:
    uri = run["artifact_uri"]
    put(eve, uri, "digits", b"0123456789")
    tag = get(eve, uri, "digits").headers["etag"]
    expected = {
        "bytes=0-3": (206, b"0123", "bytes 0-3/10"),
        "bytes=8-": (206, b"89", "bytes 8-9/10"),
        "bytes=-2": (206, b"89", "bytes 8-9/10"),
        "bytes=-20": (206, b"0123456789", "bytes 0-9/10"),
        "bytes=5-99": (206, b"56789", "bytes 5-9/10"),
        "bytes=10-": (416, b"", "bytes */10"),
        "bytes=-0": (416, b"", "bytes */10"),
        "bytes=5-2": (200, b"0123456789", None),
        "bytes=0-1,4-5": (200, b"0123456789", None),
        "lines=0-1": (200, b"0123456789", None),
    }
    for asked, (status, body, content_range) in expected.items():
        found = get(eve, uri, "digits", Range=asked)
        assert (asked, found.status, found.body) == (asked, status, body)
        assert found.headers.get("content-range") == content_range
    assert get(eve, uri, "digits", Range="bytes=0-3", If_Range=tag).status == 206
    assert get(eve, uri, "digits", Range="bytes=0-3", If_Range='"other"').status == 200
    assert get(eve, uri, "digits", If_None_Match=tag).status == 304
    assert eve.send("HEAD", address(uri, "digits")).headers["content-length"] == "10"


def test_lists_show_names_sizes_and_folders(eve: Wire, run: dict[str, str]) -> None:
    uri = run["artifact_uri"]
    put(eve, uri, "a.txt")
    put(eve, uri, "b/c.txt", b"x")
    listed = eve.send("GET", f"{FILES}?path={uri.removeprefix('mlflow-artifacts:/')}")
    assert listed.json == {
        "files": [{"path": "a.txt", "is_dir": False, "file_size": 5}, {"path": "b", "is_dir": True}]
    }
    of_run = eve.send("GET", f"{API}/artifacts/list?run_id={run['run_id']}&path=b")
    assert of_run.json == {"root_uri": uri, "files": [{"path": "b/c.txt", "is_dir": False, "file_size": 1}]}
    assert eve.send("GET", f"{API}/artifacts/list?run_id={run['run_id']}&path=none").json == {"root_uri": uri}
    by_run = eve.send("GET", f"/ajax-api/2.0/mlflow/get-artifact?run_uuid={run['run_id']}&path=b/c.txt")
    assert by_run.body == b"x"


def test_a_chunked_upload_arrives_whole(portal_server: Portal, eve: Wire, run: dict[str, str]) -> None:
    chunk = b"%x\r\n" % 100_000 + b"c" * 100_000 + b"\r\n"
    head = (
        f"PUT {address(run['artifact_uri'], 'chunked')} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Authorization: Bearer {portal_server.token('eve')}\r\nTransfer-Encoding: chunked\r\n\r\n"
    ).encode()
    assert b" 200 " in raw_exchange(portal_server.port, head + chunk * 80 + b"0\r\n\r\n")
    assert get(eve, run["artifact_uri"], "chunked").body == b"c" * 8_000_000


@pytest.mark.parametrize("announced", [1_000, 20_000_000])
def test_an_upload_that_ends_early_is_not_kept(
    portal_server: Portal, eve: Wire, run: dict[str, str], announced: int
) -> None:
    head = (
        f"PUT {address(run['artifact_uri'], 'short')} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Authorization: Bearer {portal_server.token('eve')}\r\nContent-Length: {announced}\r\n\r\n"
    ).encode()
    sent = broken_off(portal_server.port, head + b"x" * (announced // 2))
    assert b" 400 " in sent.partition(b"\r\n")[0]
    assert get(eve, run["artifact_uri"], "short").status == 404


def test_reading_writing_and_deleting_are_three_rights(
    portal_server: Portal, eve: Wire, run: dict[str, str]
) -> None:
    uri = run["artifact_uri"]
    put(eve, uri, "file")
    listing = f"{FILES}?path={uri.removeprefix('mlflow-artifacts:/')}"
    expected = {
        #           list, get, put, delete
        "bob": (200, 200, 403, 403),
        "dia": (200, 200, 403, 403),
        "ann-reads": (200, 200, 403, 403),
        "cleo": (404, 404, 404, 404),
        "eve": (200, 200, 200, 403),
        "ann": (200, 200, 200, 200),
    }
    for person, statuses in expected.items():
        wire = portal_server.wire(person)
        found = (
            wire.send("GET", listing).status,
            get(wire, uri, "file").status,
            put(wire, uri, "file").status,
            wire.send("DELETE", address(uri, "file")).status,
        )
        assert (person, found) == (person, statuses)


def test_every_other_way_to_a_file_asks_the_same_question(
    portal_server: Portal, eve: Wire, run: dict[str, str]
) -> None:
    uri, cleo = run["artifact_uri"], portal_server.wire("cleo")
    put(eve, uri, "file")
    inside = address(uri, "file").removeprefix(FILES)
    model = model_make(eve)
    put(eve, model["artifact_uri"], "file")
    for prefix in ("/api", "/ajax-api"):
        base = f"{prefix}/2.0/mlflow"
        for path in (
            f"{base}/artifacts/list?run_id={run['run_id']}",
            f"{base}/get-artifact?run_id={run['run_id']}&path=file",
            f"{base}/logged-models/{model['model_id']}/artifacts/directories",
            f"{base}/logged-models/{model['model_id']}/artifacts/files?artifact_file_path=file",
            f"{base}-artifacts/presigned{inside}",
        ):
            assert (path, cleo.send("GET", path).status) == (path, 404)
        for act in ("create", "complete", "abort"):
            sent = {"path": "file", "upload_id": "1", "parts": [], "num_parts": 1}
            reply = cleo.json("POST", f"{base}-artifacts/mpu/{act}{inside}", sent)
            assert (act, reply.status) == (act, 404)
            assert (
                portal_server.wire("bob").json("POST", f"{base}-artifacts/mpu/{act}{inside}", sent).status
                == 403
            )


def test_a_client_that_asks_for_parts_is_told_to_send_one_stream(eve: Wire, run: dict[str, str]) -> None:
    inside = address(run["artifact_uri"], "").removeprefix(FILES)
    reply = eve.json("POST", f"{PROXY}/mpu/create{inside}", {"path": "big.bin", "num_parts": 2})
    assert reply.status == 501
    assert reply.json["message"].startswith(
        "Multipart upload is not supported for the current artifact repository"
    )


def test_not_visible_and_not_there_read_alike(portal_server: Portal, eve: Wire, run: dict[str, str]) -> None:
    put(eve, run["artifact_uri"], "file")
    cleo = portal_server.wire("cleo")
    real = address(run["artifact_uri"], "file")
    made_up = real.replace(run["run_id"], "0" * 32)
    for method in ("GET", "PUT", "DELETE"):
        body = b"x" if method == "PUT" else None
        hidden, missing = cleo.send(method, real, body), cleo.send(method, made_up, body)
        assert hidden.status == missing.status == 404
        assert hidden.body.replace(run["run_id"].encode(), b"0" * 32) == missing.body


def test_a_deleted_run_is_readable_but_not_writable(
    portal_server: Portal, eve: Wire, run: dict[str, str]
) -> None:
    uri, ann = run["artifact_uri"], portal_server.wire("ann")
    put(eve, uri, "file")
    eve.json("POST", f"{API}/runs/delete", {"run_id": run["run_id"]})
    assert get(eve, uri, "file").status == 200
    assert put(eve, uri, "file", b"new").status == 400
    assert ann.send("DELETE", address(uri, "file")).status == 400
    assert get(eve, uri, "file").body == b"hello"


def test_a_model_with_a_digest_is_fixed(portal_server: Portal, eve: Wire) -> None:
    model = model_make(eve)
    uri = model["artifact_uri"]
    put(eve, uri, "MLmodel")
    portal_server.run("-m", "tests.experiments.model_fix", model["model_id"])
    ann = portal_server.wire("ann")
    assert put(eve, uri, "MLmodel", b"evil").status == 409
    assert put(eve, uri, "new", b"evil").status == 409
    assert ann.send("DELETE", address(uri, "MLmodel")).status == 409
    assert ann.send("DELETE", address(uri)).status == 409
    pending = {"model_id": model["model_id"], "status": "LOGGED_MODEL_PENDING"}
    assert eve.json("PATCH", f"{API}/logged-models/{model['model_id']}", pending).status == 409
    assert get(eve, uri, "MLmodel").body == b"hello"


def test_nothing_is_written_or_deleted_above_a_run(
    portal_server: Portal, eve: Wire, run: dict[str, str]
) -> None:
    ann, uri = portal_server.wire("ann"), run["artifact_uri"]
    put(eve, uri, "file")
    before = files_below(portal_server.folder / "artifacts")
    workspace, experiment, _ = uri.removeprefix("mlflow-artifacts:/").split("/", 2)
    run_folder = f"{workspace}/{experiment}/{run['run_id']}"
    for path in (
        workspace,
        f"{workspace}/{experiment}",
        f"{workspace}/{experiment}/models",
        run_folder,
        f"{run_folder}/x",
    ):
        for method in ("PUT", "DELETE"):
            status = ann.send(method, f"{FILES}/{path}", b"x" if method == "PUT" else None).status
            assert (method, path, status in (400, 404)) == (method, path, True)
    assert files_below(portal_server.folder / "artifacts") == before


def test_deleting_is_audited_with_the_path(portal_server: Portal, eve: Wire, run: dict[str, str]) -> None:
    uri, ann = run["artifact_uri"], portal_server.wire("ann")
    put(eve, uri, "folder/a")
    put(eve, uri, "folder/b")
    assert eve.send("DELETE", address(uri, "folder")).status == 403
    assert ann.send("DELETE", address(uri, "folder")).json == {}
    assert get(eve, uri, "folder/a").status == 404
    assert ann.send("DELETE", address(uri, "folder")).json == {}, "again, as after a lost answer"
    events = json.loads(portal_server.run("-m", "tests.experiments.audit_of", "run", run["run_id"]))
    deleted = [event for event in events if event["action"] == "experiments.artifact.delete"]
    assert [event["outcome"] for event in deleted] == ["denied", "done", "done"]
    assert deleted[1]["changes"]["artifact"][0].endswith(f"{run['run_id']}/artifacts/folder")


def test_an_experiment_can_be_listed_down_to_its_runs(eve: Wire) -> None:
    experiment_id = experiment_make(eve)
    run = run_make(eve, experiment_id)
    put(eve, run["artifact_uri"], "file")
    folder = run["artifact_uri"].removeprefix("mlflow-artifacts:/").split("/")
    assert eve.send("GET", f"{FILES}?path={'/'.join(folder[:2])}").json == {
        "files": [{"path": run["run_id"], "is_dir": True}]
    }
    assert eve.send("GET", f"{FILES}?path={folder[0]}").status == 404
    assert eve.send("GET", FILES).status == 404
