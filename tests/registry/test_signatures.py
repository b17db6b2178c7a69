"""Models are signed with the portal's key, and anybody can check it with the stock command."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from compliance.models import Evidence
from experiments.artifacts.locations import store_path
from experiments.selectors.artifacts import place_get
from experiments.services.artifacts import artifact_put
from portal.embedded.secret_files import model_signing_key_kept
from portal.kernel.errors import InvalidInput
from registry.gate.keys import public_keys
from registry.gate.queue import SIGN_JOB, VERIFY_JOB
from registry.gate.signing import signature_uri
from tests.registry.versions import MLMODEL, REQUIREMENTS, done, folder_of

FILES = {
    "MLmodel": MLMODEL,
    "requirements.txt": REQUIREMENTS,
    "data/model.bin": bytes(range(256)),
    ".gitignore": b"x",
}


@pytest.fixture(autouse=True)
def key(settings, tmp_path):
    path = model_signing_key_kept(tmp_path / "secrets" / "model_signing_key")
    settings.MODEL_SIGNING_KEY_FILE = str(path)
    return path


def newest():
    return Evidence.objects.filter(kind="signature").order_by("-id").first()


def stock(folder, signature, public, *more):
    """The `model_signing` command, as an outsider runs it."""
    program = Path(sys.executable).with_name("model_signing")
    return subprocess.run(
        [program, "verify", "key", str(folder), "--signature", str(signature), "--public_key", str(public),
         "--no-ignore-git-paths", *more],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_a_version_is_signed_and_the_stock_command_agrees(version_of, store, tmp_path):
    version = version_of(FILES)
    run = done(version, SIGN_JOB)
    assert (run.state, run.result) == ("done", {"signature": "pass"})
    (current,) = public_keys()
    assert newest().body["key"]["fingerprint"] == current.fingerprint
    assert newest().source == "model-signing 1.1.1"
    folder = shutil.copytree(folder_of(version, store), tmp_path / "downloaded")
    signature = Path(store, store_path(newest().body["signature"]["uri"]))
    public = tmp_path / "key.pub"
    public.write_text(current.pem)
    assert stock(folder, signature, public).returncode == 0
    flipped = folder / "data/model.bin"
    flipped.write_bytes(bytes([1]) + flipped.read_bytes()[1:])
    answer = stock(folder, signature, public)
    assert answer.returncode != 0
    assert "data/model.bin" in answer.stdout + answer.stderr
    assert "PRIVATE" not in current.pem


@pytest.mark.slow
def test_signing_and_checking_again_change_nothing_for_an_approver(version_of):
    version = version_of(FILES)
    done(version, SIGN_JOB)
    first = newest()
    for kind in (VERIFY_JOB, SIGN_JOB):
        assert done(version, kind).result == {"signature": "pass"}
    assert Evidence.objects.filter(kind="signature").count() == 3
    assert newest().digest == first.digest


@pytest.mark.slow
@pytest.mark.parametrize("what", ["file", "signature", "signature gone", "key"])
def test_what_changed_afterwards_is_refused(version_of, store, settings, tmp_path, what):
    version = version_of(FILES)
    done(version, SIGN_JOB)
    signature = Path(store, store_path(signature_uri(version)))
    if what == "file":
        path = folder_of(version, store) / "data/model.bin"
        path.write_bytes(b"\x01" + path.read_bytes()[1:])
    elif what == "signature":
        signature.write_bytes(signature.read_bytes().replace(b'"', b"'", 1))
    elif what == "signature gone":
        signature.unlink()
    else:
        settings.MODEL_SIGNING_KEY_FILE = str(model_signing_key_kept(tmp_path / "other"))
    run = done(version, VERIFY_JOB)
    assert (run.state, run.result) == ("done", {"signature": "fail"})
    assert newest().body["verified"] is False
    assert newest().summary.startswith("The signature of fraud v1 does not hold")


@pytest.mark.slow
def test_a_new_key_signs_anew_and_the_old_one_still_counts_while_it_is_listed(
    version_of, settings, tmp_path, key
):
    version = version_of(FILES)
    done(version, SIGN_JOB)
    old = tmp_path / "old.pub"
    old.write_text(public_keys()[0].pem)
    settings.MODEL_SIGNING_KEY_FILE = str(model_signing_key_kept(tmp_path / "other"))
    settings.MODEL_SIGNING_OLD_PUBLIC_KEYS = [str(old)]
    assert done(version, VERIFY_JOB).result == {"signature": "pass"}
    settings.MODEL_SIGNING_OLD_PUBLIC_KEYS = []
    assert done(version, SIGN_JOB).result == {"signature": "pass"}
    assert newest().body["key"]["fingerprint"] == public_keys()[0].fingerprint


def test_without_a_key_nothing_is_signed(version_of, settings):
    settings.MODEL_SIGNING_KEY_FILE = ""
    run = done(version_of(FILES), SIGN_JOB)
    assert (run.state, run.result) == ("done", None)
    assert "MODEL_SIGNING_KEY_FILE is not set" in run.reason
    assert not Evidence.objects.exists()


def test_an_unsigned_version_has_nothing_to_check(version_of):
    run = done(version_of(FILES), VERIFY_JOB)
    assert (run.state, run.result) == ("done", None)


def test_clients_read_the_signature_and_cannot_write_it(version_of, acting, ann, bob):
    path = store_path(signature_uri(version_of(FILES)))
    assert place_get(acting(bob), path).owner.workspace_id
    with pytest.raises(InvalidInput):
        artifact_put(actor=acting(ann), place=place_get(acting(ann), path), chunks=iter([b"mine"]))


def test_keys_made_for_a_server_are_those_that_signatures_need(settings, tmp_path):
    script = Path(__file__).parents[2] / "scripts/make_secrets.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True, capture_output=True)
    settings.MODEL_SIGNING_KEY_FILE = str(tmp_path / "model_signing_key")
    (from_private,) = public_keys()
    settings.MODEL_SIGNING_PUBLIC_KEY_FILE = str(tmp_path / "model_signing_public_key")
    (from_public,) = public_keys()
    assert from_private == from_public
