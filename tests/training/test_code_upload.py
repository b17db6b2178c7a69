"""Uploads of code: what is kept, and everything that is refused."""

import gzip
import io
import json
import stat
import tarfile
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from experiments.artifacts import archives
from portal.accounts.models import User
from portal.audit.models import AuditEvent
from training.models import CodeSnapshot

URL = "/api/v1/code-snapshots"
Entry = tuple[str, bytes]


@pytest.fixture
def post(client: Client, settings: Any, tmp_path: Any, token_for: Any) -> Any:
    settings.ARTIFACT_ROOT = str(tmp_path / "artifacts")

    def send(user: User, content: bytes, **fields: str) -> Any:
        file = SimpleUploadedFile("code.tar.gz", content)
        data = {"workspace": "credit", "archive": file, **fields}
        return client.post(URL, data, headers={"Authorization": f"Bearer {token_for(user)}"})

    return send


def tar(*entries: Entry | tarfile.TarInfo, pad: bytes = b"") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                archive.addfile(entry)
                continue
            info = tarfile.TarInfo(entry[0])
            info.size = len(entry[1])
            archive.addfile(info, io.BytesIO(entry[1]))
    return made.getvalue() + pad


def zipped(*entries: Entry, mode: int = 0) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, content)
    return made.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def claimed(name: str, size: int) -> bytes:
    """An archive whose entry says that it is large and is not."""
    info = tarfile.TarInfo(name)
    info.size = size
    return gzip.compress(info.tobuf() + b"\0" * 1024)


def long_header() -> bytes:
    """An attribute header of 64 MiB, which compresses to nothing and which a careless reader holds in memory."""
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 64 * 1024**2
    return gzip.compress(info.tobuf() + b"1" * info.size + b"\0" * 1024, compresslevel=1)


def test_the_same_files_are_one_snapshot_however_they_are_packed(post: Any, cora: User) -> None:
    files = [
        ("train.py", b"print(1)\n"),
        ("sub/a.txt", b"a"),
        ("__pycache__/x.pyc", b"junk"),
        (".git/config", b"[x]"),
    ]
    origin = {
        "git_url": "https://secret-token@example.com/x.git", "git_commit": "A" * 40, "diff": "--- a\n+++ b\n",
    }  # fmt: skip
    first = post(cora, tar(*files), **origin)
    assert first.status_code == 201, first.content
    again = post(cora, zipped(*files), **origin)
    made = first.json()
    assert again.json()["id"] == made["id"]
    assert (made["file_count"], made["is_dirty"], made["git_commit"]) == (2, True, "a" * 40)
    assert made["git_url"] == "https://example.com/x.git"
    assert AuditEvent.objects.filter(action="training.code.upload", outcome="done").exists()


HOSTILE = {
    "parent": tar(("../escape", b"x")),
    "absolute": tar(("/etc/passwd", b"x")),
    "parent_inside": tar(("a/../../b", b"x")),
    "backslashes": tar(("a\\..\\b", b"x")),
    "symbolic_link": tar(special("link", tarfile.SYMTYPE, "/etc/passwd")),
    "hard_link": tar(special("link", tarfile.LNKTYPE, "train.py")),
    "pipe": tar(special("pipe", tarfile.FIFOTYPE)),
    "device": tar(special("device", tarfile.CHRTYPE)),
    "file_as_folder": tar(("a", b"x"), ("a/b", b"x")),
    "long_name": tar(("n" * 300, b"x")),
    "deep_path": tar(("/".join("d" * 100), b"x")),
    "zip_parent": zipped(("../escape", b"x")),
    "zip_absolute": zipped(("/etc/passwd", b"x")),
    "zip_link": zipped(("link", b"/etc/passwd"), mode=stat.S_IFLNK | 0o777),
    "zip_cut": zipped(("train.py", b"x" * 50))[:-30],
    "long_header": long_header(),
    "no_archive": b"no archive at all",
    "gzip_of_no_archive": gzip.compress(b"no archive either"),
    "empty": tar(),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_plain_tree_is_refused(post: Any, cora: User, content: bytes) -> None:
    answer = post(cora, content)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_archive"), answer.content
    assert not CodeSnapshot.objects.exists()


@pytest.mark.parametrize(
    "content",
    [claimed("big", 20 * 1024**3), tar(*[(f"f{n}", b"") for n in range(40)])],
    ids=["bytes", "files"],
)
def test_too_much_is_refused(post: Any, cora: User, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(archives, "FILES_AT_MOST", 30)
    assert post(cora, content).status_code == 413
    assert not CodeSnapshot.objects.exists()


def test_a_body_over_the_limit_is_not_read(post: Any, cora: User, settings: Any) -> None:
    settings.TRAINING_CODE_UPLOAD_BYTES = 1000
    answer = post(cora, tar(("a", b"x"), pad=b"\0" * 2000))
    assert answer.status_code in (400, 413)
    assert not CodeSnapshot.objects.exists()


def test_a_field_that_is_too_long_is_refused(post: Any, cora: User) -> None:
    answer = post(cora, tar(("a", b"x")), subject="x" * 3 * 1024 * 1024)
    assert (answer.status_code, answer.json()["code"]) == (400, "form_too_large")
    assert not CodeSnapshot.objects.exists()


def test_who_only_views_uploads_nothing_and_outsiders_see_nothing(
    post: Any, client: Client, cora: User, bob: User, cleo: User, token_for: Any
) -> None:
    content = tar(("a.py", b"1"))
    assert post(bob, content).status_code == 403
    assert post(cleo, content).status_code == 404
    made = post(cora, content).json()["id"]
    for address in (f"{URL}/{made}", f"{URL}/{made}/archive"):
        assert client.get(address, headers={"Authorization": f"Bearer {token_for(cleo)}"}).status_code == 404
        assert client.get(address, headers={"Authorization": f"Bearer {token_for(bob)}"}).status_code == 200
    listed = json.loads(client.get(URL, headers={"Authorization": f"Bearer {token_for(cleo)}"}).content)
    assert listed["items"] == []
