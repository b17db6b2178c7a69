"""The technical file: nine points, gaps for what is not known, proofs, a signature, and no bit that can be changed."""

import io
import json
import random
import subprocess
import sys
import zipfile
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from pypdf import PdfReader

from compliance import verify
from compliance.models import Evidence
from compliance.services.ai_systems import NewSystem, system_create
from compliance.verify_file import verify_file
from experiments.artifacts.store import artifact_store
from jobs.runner import run_job
from portal.audit.notes import Signer
from portal.audit.sequencer import Sequencer
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, PermissionDenied
from registry.selectors.technical_files import bundle_path, technical_file_read, technical_files
from registry.services.aliases import alias_move
from registry.services.system_models import system_model_link
from registry.services.technical_files import technical_file_create
from registry.technical_file.building import technical_file_build
from registry.technical_file.content import POINTS
from tests.registry.graphs import Made

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parent.parent.parent
LOG, DOCUMENTS = Signer("log.example/audit", b"1" * 32), Signer("portal.example/documents", b"2" * 32)
PURPOSE = "Scores applications for consumer loans – für Menschen in Österreich."


@pytest.fixture
def system(workspace, ann, bob, experiment, acting):
    made = Made(experiment)
    version = made.version(made.model(made.run(made.dataset())))
    new = NewSystem(
        "Loan scoring", PURPOSE, "bob", "provider", risk_tier="high", risk_rationale="Annex III 5(b).",
        details={"limitations": "No thin files: people with <3 months of history.", "standards_applied": ["ISO 23894"]},
    )  # fmt: skip
    system = system_create(actor=acting(ann), workspace=workspace, new=new)
    system_model_link(actor=acting(ann), system=system, model=version.model, alias="champion")
    alias_move(actor=acting(ann), model=version.model, version=version, alias="champion")
    return system


@pytest.fixture
def built(system):
    Sequencer(LOG).run()
    return technical_file_build(system, DOCUMENTS)


def test_outsiders_get_the_key_that_files_are_checked_with(system, token_for, cleo, settings, tmp_path):
    settings.DOCUMENT_SIGNING_KEY_FILE = str(tmp_path / "key")
    get = Client(headers={"Authorization": f"Bearer {token_for(cleo)}"}).get
    assert get("/api/v1/document-signing-keys").json() == {"verifiers": []}
    Evidence.objects.create(
        workspace=system.workspace, subject_type="aisystem", subject_id=system.pk.hex, subject_label="x",
        kind="dossier", outcome="info", body={"verifier": DOCUMENTS.verifier}, digest="f" * 64, source="x", actor="x",
        recorded_at=now(),
    )  # fmt: skip
    (tmp_path / "key").write_text("MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM=")
    first, second = get("/api/v1/document-signing-keys").json()["verifiers"]
    assert second == DOCUMENTS.verifier
    assert first.split("+")[2] != second.split("+")[2]


def checked(content, tmp_path, keys=(DOCUMENTS.verifier, LOG.verifier)):
    path = tmp_path / "file.zip"
    path.write_bytes(content)
    report, looked_at = verify_file(str(path), [verify.Key(key) for key in keys])
    return [problem["said"] for problem in report.problems], looked_at


def test_all_nine_points_stand_in_the_pdf(built):
    reader = PdfReader(io.BytesIO(built.bundle.pdf))
    pages = [page.extract_text() for page in reader.pages]
    text = " ".join(" ".join(pages).split())
    for number, title in POINTS.items():
        assert f"{number}. {title}" in text
        assert f"Gaps of point {number}" in text
    assert PURPOSE in text
    assert "people with <3 months of history" in text
    assert "ISO 23894" in text
    assert f"Page {len(pages)}" in pages[-1]
    contents = next(page for page in pages if "Contents" in page.split("\n")[:3])
    assert all(title in " ".join(contents.split()) for title in POINTS.values())
    first = next(fact for fact in built.file["facts"] if fact["proof"])
    assert first["proof"]["event"] in text.replace(" ", "")


def test_every_gap_is_in_the_pdf_with_who_must_act(built):
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(built.bundle.pdf)).pages]
    text = "".join("".join(pages).split())
    assert built.file["gaps"]
    for gap in built.file["gaps"]:
        assert "".join(gap["what"].split()) in text
        assert "".join(gap["who"].split()) in text
    for word in ("todo", "tbd", "lorem", "placeholder", "compli" + "ant"):
        assert word not in " ".join(pages).lower()


def test_what_nobody_told_is_a_gap_and_what_was_told_is_none(built):
    gaps = {(gap["ref"], gap["title"]) for gap in built.file["gaps"]}
    assert ("8", "Declaration of conformity") in gaps
    assert ("3", "Capabilities and limits") not in gaps
    assert all(gap["who"] and gap["what"] for gap in built.file["gaps"])
    assert [point["number"] for point in built.file["points"]] == list(range(1, 10))
    assert all(point["sections"] for point in built.file["points"])


def test_facts_have_their_proofs_and_those_without_are_gaps(built, system):
    proven = [fact for fact in built.file["facts"] if fact["proof"]]
    assert {fact["kind"] for fact in proven} >= {"ai_system", "change_record"}
    bare = [fact["id"] for fact in built.file["facts"] if not fact["proof"]]
    told = " ".join(gap["what"] for gap in built.file["gaps"] if gap["kind"] == "audit_proof")
    assert bare
    assert all(name in told for name in bare)


def test_the_bundle_is_whole_and_its_parts_are_what_it_says(built, tmp_path):
    assert checked(built.bundle.content, tmp_path)[0] == []
    archive = zipfile.ZipFile(io.BytesIO(built.bundle.content))
    assert archive.testzip() is None
    assert json.loads(archive.read("file.json"))["system"]["name"] == "Loan scoring"
    assert archive.read("file.pdf") == built.bundle.pdf
    assert archive.read("checkpoint.note").decode().startswith("log.example/audit\n")


def test_an_outsider_checks_it_with_two_files_and_nothing_else(built, tmp_path):
    for name in ("verify.py", "verify_file.py"):
        (tmp_path / name).write_bytes((ROOT / "compliance" / name).read_bytes())
    (tmp_path / "bundle.zip").write_bytes(built.bundle.content)
    command = [
        sys.executable,
        "verify_file.py",
        "bundle.zip",
        "--key",
        DOCUMENTS.verifier,
        "--key",
        LOG.verifier,
    ]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, env={"PATH": ""}, check=False
    )
    assert (done.returncode, done.stdout.split(":")[0]) == (0, "OK"), done.stdout + done.stderr


def test_other_keys_do_not_do(built, tmp_path):
    stranger = Signer("portal.example/documents", b"3" * 32).verifier
    assert (
        "no trusted key signed it" in checked(built.bundle.content, tmp_path, (stranger, LOG.verifier))[0][0]
    )
    assert "receipts" in checked(built.bundle.content, tmp_path, (DOCUMENTS.verifier,))[0][0]
    other_log = Signer("log.example/audit", b"4" * 32).verifier
    assert checked(built.bundle.content, tmp_path, (DOCUMENTS.verifier, other_log))[0]


def regions(content):
    """`(start, end, names that a report may give)` of all bytes."""
    found, names = [], []
    for info in zipfile.ZipFile(io.BytesIO(content)).infolist():
        end = info.header_offset + 30 + len(info.filename) + info.file_size
        found.append((info.header_offset, end, info.filename))
        names.append(info.filename)
    return [*found, (found[-1][1], len(content), "the directory of the zip")]


def test_one_flipped_bit_anywhere_is_found_and_named(built, tmp_path):
    chance, content = random.Random(7), built.bundle.content  # noqa: S311 - no secret
    for start, end, name in regions(content):
        # Each member's header, beginning, end, and a few places between.
        places = {
            start,
            start + 5,
            start + 18,
            start + 24,
            start + 31,
            end - 1,
            *chance.sample(range(start, end), k=4),
        }
        for place in places:
            changed = bytearray(content)
            changed[place] ^= 1 << chance.randrange(8)
            problems, _ = checked(bytes(changed), tmp_path)
            assert problems, (name, place - start)
            beginning = name in ("signature.note", "manifest.json")
            named = ("signature.note", "manifest.json") if beginning else (name,)
            assert any(said.startswith(one) for said in problems for one in named), (
                name,
                place - start,
                problems,
            )


def test_what_is_put_in_left_out_or_exchanged_is_found(built, tmp_path):
    content = built.bundle.content
    assert checked(content + b"\0", tmp_path)[0]
    assert checked(content[:-1], tmp_path)[0]
    assert checked(content[: len(content) // 2], tmp_path)[0]
    for drop in ("file.json", "file.pdf", "checkpoint.note"):
        target = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
            for name in old.namelist():
                if name != drop:
                    new.writestr(name, old.read(name))
        assert checked(target.getvalue(), tmp_path)[0], drop


@pytest.fixture
def store(settings, tmp_path):
    settings.ARTIFACT_ROOT = str(tmp_path / "artifacts")
    settings.DOCUMENT_SIGNING_KEY_FILE = str(tmp_path / "document_key")
    settings.DOCUMENT_SIGNING_KEY_IS_MADE = True


def made_by_job(actor, system, *, is_sequenced):
    run = technical_file_create(actor=actor, system=system)
    assert technical_file_create(actor=actor, system=system).pk == run.pk
    if is_sequenced:
        Sequencer(LOG).run()
    run_job(run.pk)
    run.refresh_from_db()
    return run


def test_a_job_makes_it_and_it_becomes_evidence(system, store, ann, bob, acting, tmp_path):
    run = made_by_job(acting(ann), system, is_sequenced=True)
    assert run.state == "done", run.reason
    (file,) = technical_files(system)
    assert (str(file.pk), file.kind, file.body["requested_by"]) == (
        run.result["evidence_id"],
        "dossier",
        f"user:{ann.pk}",
    )
    content = technical_file_read(system, file, "zip")
    assert checked(content, tmp_path, (file.body["verifier"], LOG.verifier))[0] == []
    assert technical_file_read(system, file, "pdf").startswith(b"%PDF")
    artifact_store().put(bundle_path(system, file.body["digest"], "zip"), iter([content[:-1] + b"\1"]))
    with pytest.raises(Conflict, match="not the one that was recorded"):
        technical_file_read(system, file, "zip")


def test_it_waits_a_little_for_proofs(system, store, ann, acting):
    run = made_by_job(acting(ann), system, is_sequenced=False)
    assert (run.state, run.attempt) == ("queued", 1)
    assert "no signed proof yet" in run.reason


@pytest.mark.parametrize("name", ["cora", "bob", "olga", "aude"])
def test_only_maintainers_and_approvers_ask_for_it(name, request, system, acting):
    with pytest.raises(PermissionDenied):
        technical_file_create(actor=acting(request.getfixturevalue(name)), system=system)


def test_the_api(system, store, ann, bob, cleo, token_for):
    def api(user):
        return Client(headers={"Authorization": f"Bearer {token_for(user)}"})

    address = f"/api/v1/ai-systems/{system.pk}/technical-files"
    answer = api(ann).post(address, {}, content_type="application/json")
    assert answer.status_code == 201
    Sequencer(LOG).run()
    run_job(UUID(answer.json()["job"]))
    (shown,) = api(bob).get(address).json()["items"]
    bundle = api(bob).get(f"{address}/{shown['id']}")
    assert bundle.headers["Content-Type"] == "application/zip"
    assert zipfile.ZipFile(io.BytesIO(bundle.content)).testzip() is None
    assert api(bob).get(f"{address}/{shown['id']}?part=pdf").content.startswith(b"%PDF")
    assert api(cleo).get(address).status_code == 404
    assert api(cleo).get(f"{address}/{shown['id']}").status_code == 404
    assert api(bob).post(address, {}, content_type="application/json").status_code == 403
    assert Evidence.objects.filter(kind="dossier").count() == 1
