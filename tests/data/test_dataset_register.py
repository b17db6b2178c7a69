"""Versions of datasets: made once, the same bytes kept once, and nothing about them changes."""

import hashlib

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction

from experiments.artifacts.store import artifact_store
from experiments.data.keeping import FileDiffers, files_fetch, folder_measured
from experiments.models import DataAsset, DatasetProfile, DatasetVersion
from experiments.services.dataset_versions import LISTENERS, dataset_describe
from portal.accounts.actor import Actor
from portal.audit.models import AuditEvent
from portal.kernel.errors import Conflict
from tests.api.conftest import api, own_throttle
from tests.data.conftest import CSV

__all__ = ["api", "own_throttle"]
pytestmark = pytest.mark.django_db
VERSIONS = "datasets/credit/applicants/versions"
DIGEST = "ab" * 32


def test_an_upload_makes_a_version_with_the_digests_of_its_files(send, api, cora, bob, ann):
    made = send(cora, "applicants", {"a.csv": CSV, "b.json": b"[]"}, role="train", licence="CC0")
    assert made.status_code == 201, made.content
    found = made.json()
    assert (found["version"], found["role"], found["licence"], found["is_held"]) == (1, "train", "CC0", True)
    assert [each["path"] for each in found["files"]] == ["a.csv", "b.json"]
    assert found["files"][0] == {"path": "a.csv", "size": len(CSV), "sha256": hashlib.sha256(CSV).hexdigest()}
    sent = api(bob).get(f"{VERSIONS}/1/files/a.csv")
    assert b"".join(sent.streaming_content) == CSV
    assert sent.headers["Content-Disposition"] == 'attachment; filename="a.csv"'
    assert sent.headers["Content-Length"] == str(len(CSV))
    listed = api(bob).get("datasets").json()["items"]
    assert [(each["name"], each["newest_version"]) for each in listed] == [("applicants", 1)]
    event = AuditEvent.objects.get(action="experiments.dataset.register", outcome="done")
    assert event.object_type == "datasetversion"


def test_the_same_bytes_are_the_same_version_and_kept_once(send, cora, own_store):
    first = send(cora, "applicants", {"a.csv": CSV}).json()
    again = send(cora, "applicants", {"a.csv": CSV}).json()
    assert (again["id"], DatasetVersion.objects.count()) == (first["id"], 1)
    other = send(cora, "applicants", {"a.csv": CSV}, role="test").json()
    assert (other["version"], other["digest"]) == (2, first["digest"])
    elsewhere = send(cora, "others", {"a.csv": CSV}).json()
    assert (elsewhere["version"], elsewhere["digest"]) == (1, first["digest"])
    assert len(list(artifact_store().list_files("data"))) == 1
    renamed = send(cora, "applicants", {"c.csv": CSV}).json()
    assert (renamed["version"], renamed["digest"] == first["digest"]) == (3, False)


def test_data_that_lies_elsewhere_is_named_with_its_digest(api, cora):
    wish = {"source_uri": "s3://bucket/a.parquet", "digest": DIGEST, "row_count": 9,
            "schema": [{"name": "age", "type": "int64"}]}  # fmt: skip
    made = api(cora).post(VERSIONS, wish)
    assert made.status_code == 201, made.content
    assert made.json()["is_held"] is False
    assert made.json()["schema"] == [{"name": "age", "type": "int64", "nullable": True}]
    assert (
        api(cora).post(VERSIONS, {"source_uri": "s3://bucket/a.parquet"}).json()["code"] == "invalid_digest"
    )
    assert api(cora).post(VERSIONS, {"digest": DIGEST}).json()["code"] == "no_files"
    assert api(cora).get(f"{VERSIONS}/1/files/a.parquet").status_code == 404


@pytest.mark.parametrize(
    ("files", "fields", "code"),
    [
        ({}, {}, "no_files"),
        ({"a.csv": CSV}, {"digest": DIGEST}, "digest_differs"),
        ({"a.csv": CSV}, {"schema": "{"}, "invalid_schema"),
        (
            {"a.csv": CSV},
            {"schema": '[{"name": "a", "type": "x"}, {"name": "a", "type": "y"}]'},
            "invalid_schema",
        ),
        ({"a#b.csv": CSV}, {}, "invalid_input"),
        ({"a.csv": CSV}, {"role": "secret"}, "invalid_input"),
    ],
)
def test_what_is_wrong_makes_nothing(send, cora, files, fields, code):
    refused = send(cora, "applicants", files, **fields)
    assert (refused.status_code, refused.json()["code"]) == (400, code), refused.content
    assert not DataAsset.objects.exists()


def test_who_may_and_what_is_too_large(send, api, cora, bob, cleo, settings):
    assert send(bob, "applicants", {"a.csv": CSV}).status_code == 403
    assert send(cleo, "applicants", {"a.csv": CSV}).status_code == 404
    assert send(cora, "-x", {"a.csv": CSV}).json()["code"] == "invalid_name"
    settings.DATASET_UPLOAD_BYTES = 100
    refused = send(cora, "applicants", {"a.csv": CSV * 10})
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    assert not DatasetVersion.objects.exists()
    assert not list(artifact_store().list_files("data"))
    assert api(cora).post(VERSIONS, {"source_uri": "s3://b/c", "digest": DIGEST}).status_code == 201
    assert api(cleo).get(f"{VERSIONS}/1").status_code == 404
    assert api(cleo).get("datasets").json()["items"] == []


def test_postgresql_keeps_a_version_as_it_was_made(dataset):
    version = dataset()
    for change in ("licence = 'MIT'", "digest = repeat('0', 64)", "number = 7", "schema = '[]'"):
        with pytest.raises((InternalError, ProgrammingError), match="stays as it was"), transaction.atomic():
            connection.cursor().execute(f"UPDATE experiments_datasetversion SET {change}")
    with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
        DatasetVersion.objects.filter(pk=version.pk).delete()
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
        connection.cursor().execute("TRUNCATE experiments_datasetversion CASCADE")


def test_what_the_files_hold_is_noted_once(dataset):
    version = dataset()
    reader = Actor.system("test", actions={"experiments.dataset.describe"})
    columns = [{"name": "age", "type": "int64", "nullable": False}]
    with transaction.atomic():
        dataset_describe(
            actor=reader,
            version=version,
            schema=columns,
            row_count=3,
            mlflow_digest="ab12",
            profile={"rows": 3},
        )
    found = DatasetVersion.objects.get()
    assert (found.schema, found.row_count, found.mlflow_digest) == (columns, 3, "ab12")
    with pytest.raises(Conflict), transaction.atomic():
        dataset_describe(actor=reader, version=version, row_count=4)
    with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
        DatasetProfile.objects.update(body={})
    with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
        DatasetVersion.objects.update(row_count=4)


def test_columns_of_two_versions_are_compared(dataset, api, bob):
    old = [
        {"name": "age", "type": "int64"},
        {"name": "zip", "type": "string"},
        {"name": "sex", "type": "string"},
    ]
    new = [
        {"name": "zip", "type": "int64"},
        {"name": "age", "type": "int64"},
        {"name": "city", "type": "string"},
    ]
    dataset(schema=old), dataset(files={"b.csv": CSV}, schema=new), dataset(files={"c.csv": CSV})
    found = api(bob).get(f"{VERSIONS}/1/comparison", {"with_version": 2}).json()
    assert [each["name"] for each in found["added"]] == ["city"]
    assert [each["name"] for each in found["removed"]] == ["sex"]
    assert [(each["name"], each["after"]["type"]) for each in found["changed"]] == [("zip", "int64")]
    assert (found["is_same"], found["is_reordered"]) == (False, True)
    assert api(bob).get(f"{VERSIONS}/1/comparison", {"with_version": 1}).json()["is_same"] is True
    assert api(bob).get(f"{VERSIONS}/1/comparison", {"with_version": 3}).json()["code"] == "schema_unknown"


def test_files_are_read_back_only_as_what_they_were(dataset, api, bob, tmp_path):
    version = dataset(files={"part/a.csv": CSV})
    files_fetch(version.path, version.manifest, tmp_path / "one")
    assert folder_measured(tmp_path / "one") == version.manifest
    assert not (tmp_path / "one/part/a.csv").stat().st_mode & 0o222
    artifact_store().put(f"{version.path}/part/a.csv", iter([CSV.replace(b"31", b"13")]))
    with pytest.raises(FileDiffers):
        files_fetch(version.path, version.manifest, tmp_path / "two")
    assert api(bob).get(f"{VERSIONS}/1/files/part/a.csv").json()["code"] == "file_differs"
    artifact_store().delete(f"{version.path}/part/a.csv")
    with pytest.raises(FileDiffers):
        files_fetch(version.path, version.manifest, tmp_path / "three")


def test_listeners_hear_of_new_versions_only(dataset):
    heard = []
    listener = lambda *, actor, version: heard.append(str(version))  # noqa: E731
    LISTENERS.append(listener)
    try:
        dataset(), dataset(), dataset(files={"b.csv": CSV})
    finally:
        LISTENERS.remove(listener)
    assert heard == ["applicants v1", "applicants v2"]
