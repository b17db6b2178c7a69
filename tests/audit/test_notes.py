"""Signed notes against the example of the format's first implementation, and what is no good signature."""

import base64

import pytest

from portal.audit.notes import BadKey, Checkpoint, Signer, key_make, note_holds

# From the tests of golang.org/x/mod/sumdb/note, where the format comes from.
VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
SIGNATURE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FF"
    "YC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_the_known_note_holds():
    assert note_holds(f"{TEXT}\n{SIGNATURE}", VERIFIER)


def test_the_known_key_signs_the_known_note():
    signer = Signer("PeterNeumann", SEED)
    assert signer.verifier == VERIFIER
    assert signer.sign(TEXT) == f"{TEXT}\n{SIGNATURE}"


@pytest.mark.parametrize(
    "note",
    [
        f"{TEXT}\n{SIGNATURE}".replace("think", "thing"),
        f"{TEXT}\n{SIGNATURE}".replace("x08go/Z", "x08go/Y"),
        f"{TEXT}\n{SIGNATURE}".replace("PeterNeumann", "PaterNeumann"),
        f"{TEXT}\n",
        TEXT,
        "",
        f"{TEXT}\n— PeterNeumann !!!\n",
        f"{TEXT}\n{SIGNATURE}".replace("x08g", "x18g"),
    ],
)
def test_a_changed_note_does_not_hold(note):
    assert not note_holds(note, VERIFIER)


def test_signatures_of_others_beside_ours_are_passed_over():
    other = Signer("witness.example", bytes(32))
    line = other.sign(TEXT).rpartition("\n\n")[2]
    assert note_holds(f"{TEXT}\n{line}{SIGNATURE}", VERIFIER)
    assert note_holds(f"{TEXT}\n{SIGNATURE}{line}", other.verifier)


def test_the_text_of_a_checkpoint():
    assert Checkpoint("log.example/audit", 3, bytes(32)).text == (
        "log.example/audit\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    )


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path):
    path = tmp_path / "secrets" / "key"
    key_make(path)
    first = path.read_text()
    key_make(path)
    assert path.read_text() == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["key"]
    assert Signer.read("log", path).verifier.startswith("log+")


@pytest.mark.parametrize("content", ["", "AAAA", "not base64!", None])
def test_a_bad_key_is_named(tmp_path, content):
    path = tmp_path / "key"
    if content is not None:
        path.write_text(content)
    with pytest.raises(BadKey, match="signing key"):
        Signer.read("log", path)
