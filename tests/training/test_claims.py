"""Claims: exchanged once, while the work runs, and good for one submission; what comes back is not believed."""

import datetime as dt
import io
import json
import tarfile
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from jobs.errors import Permanent
from portal.accounts.actor import Actor
from portal.accounts.models import User, Workspace
from portal.audit.models import AuditEvent
from portal.kernel.clock import now
from training.executors.cluster import ENDED, Seen
from training.executors.handlers import REST
from training.executors.remote import _theft_check
from training.models import TrainingClaim, TrainingJob
from training.services.claims import CLAIM_ACTIONS, claim_end, claim_make, claim_open
from training.services.jobs import training_submit
from training.work import deliveries

URL = "/api/v1/training-claims"
ACTOR = Actor.system("tests", actions=CLAIM_ACTIONS)
SECRET = "open-sesame-0123456789"
ORDER: dict[str, Any] = {
    "key": "k-1", "work_sha256": "0" * 64, "command": {"argv": ["true"]}, "secrets": {"DOOR": SECRET},
    "environment": {},
}  # fmt: skip
EXIT = {"code": 0, "signal": None, "cause": "exited", "tail": "", "seconds": 1.5, "peak_memory_bytes": None}
SAID = {"exit": EXIT, "machine": {"host": "node-7", "cpus": 8, "gpus": []}, "changed_inputs": []}
Entry = tuple[str, bytes] | tarfile.TarInfo


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> None:
    settings.ARTIFACT_ROOT, settings.JOBS_DIR = str(tmp_path / "artifacts"), str(tmp_path / "jobs")


@pytest.fixture
def training(ann: User, workspace: Workspace) -> TrainingJob:
    spec = {"experiment": "clusters", "command": "python train.py", "code": {"bundled": "iris"}}
    return training_submit(actor=Actor.of_user(ann), workspace=workspace, spec=spec)


@pytest.fixture
def code(training: TrainingJob) -> str:
    return claim_make(actor=ACTOR, training=training, key=f"{training.pk.hex}-1", order=ORDER)


@pytest.fixture
def claim(code: str, training: TrainingJob) -> TrainingClaim:
    return claim_open(actor=ACTOR, claim=TrainingClaim.objects.get(training=training))


def shown(client: Client, code: str, address: str = "10.1.2.3", **headers: str) -> Any:
    return client.post(
        URL, {"claim": code}, content_type="application/json", REMOTE_ADDR=address, headers=headers
    )


def put(client: Client, claim: Any, session: str, body: bytes) -> Any:
    headers = {"Authorization": f"Bearer {session}"}
    return client.put(f"{URL}/{claim}/result", body, content_type="application/x-tar", headers=headers)


def packed(*entries: Entry, said: Any = SAID) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for entry in (("result.json", json.dumps(said).encode()), *entries):
            if isinstance(entry, tarfile.TarInfo):
                archive.addfile(entry)
                continue
            info = tarfile.TarInfo(entry[0])
            info.size = len(entry[1])
            archive.addfile(info, io.BytesIO(entry[1]))
    return made.getvalue()


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def events(action: str) -> list[str]:
    return list(AuditEvent.objects.filter(action=action).order_by("pk").values_list("outcome", flat=True))


def test_a_claim_opens_when_its_work_runs_and_holds_once(client: Client, code: str) -> None:
    claim = TrainingClaim.objects.get()
    assert shown(client, code).json()["code"] == "claim_early"
    assert events("training.claim.redeem") == [], "who asks too early leaves no trail"
    claim_open(actor=ACTOR, claim=claim)
    assert SECRET not in claim.sealed
    assert shown(client, code, **{"Idempotency-Key": "again"}).status_code == 400
    answer = shown(client, code)
    assert answer.status_code == 201
    assert answer.json()["secrets"] == {"DOOR": SECRET}
    claim.refresh_from_db()
    assert (claim.sealed, claim.redeemed_from, claim.contested_at) == ("", "10.1.2.3", None)
    trail = json.dumps(list(AuditEvent.objects.values("payload", "detail")), default=str)
    for secret in (SECRET, code, answer.json()["session"]):
        assert secret not in trail
        assert secret not in str(TrainingClaim.objects.values().get())


def test_a_code_that_is_shown_again_is_refused_and_noted(
    client: Client, code: str, claim: TrainingClaim
) -> None:
    assert shown(client, code, "10.9.9.9").status_code == 201
    for _ in range(3):
        answer = shown(client, code, "10.1.2.3")
        assert (answer.status_code, answer.json()["code"]) == (409, "claim_used")
        assert "secrets" not in answer.json()
    claim.refresh_from_db()
    assert claim.contested_from == "10.1.2.3"
    assert events("training.claim.redeem") == ["done", "refused"]
    assert events("training.claim.contest") == ["done"]
    with pytest.raises(Permanent, match=r"from 10\.9\.9\.9 and shown again from 10\.1\.2\.3"):
        _theft_check(claim, Seen(ENDED))
    _theft_check(claim, Seen(ENDED, is_success=True))


def test_what_is_unknown_late_or_over_gets_nothing(
    client: Client, code: str, claim: TrainingClaim, settings: Any
) -> None:
    assert shown(client, "guessed").status_code == 401
    settings.EXECUTORS_NETWORKS = [ip_network("10.2.0.0/16")]
    assert shown(client, code).status_code == 403
    settings.EXECUTORS_NETWORKS = [ip_network("10.1.0.0/16")]
    TrainingClaim.objects.update(expires_at=now() - dt.timedelta(seconds=1))
    assert shown(client, code).json()["code"] == "claim_over"
    claim_open(actor=ACTOR, claim=claim)
    claim_end(actor=ACTOR, claim=claim)
    assert shown(client, code).json()["code"] == "claim_over"
    assert TrainingClaim.objects.get().session == ""


def test_a_session_reaches_its_own_claim_while_that_lasts(
    client: Client, code: str, claim: TrainingClaim, token_for: Any, ann: User
) -> None:
    session = shown(client, code).json()["session"]
    own, other = f"{URL}/{claim.pk}", f"{URL}/0194fdc2-fa2f-7cc0-81d3-ff1204456789"
    assert client.get(own).status_code == 401
    assert client.get(own, headers={"Authorization": f"Bearer {token_for(ann)}"}).status_code == 401
    mine = {"Authorization": f"Bearer {session}"}
    assert client.get(own, headers=mine).status_code == 204
    assert client.get(other, headers=mine).status_code == 404
    assert client.get("/api/v1/training-jobs", headers=mine).status_code == 401
    claim_end(actor=ACTOR, claim=claim)
    assert client.get(own, headers=mine).status_code == 401
    assert put(client, claim.pk, session, packed()).status_code == 401
    assert client.get(f"{own}/work", headers=mine).status_code == 401


def test_a_new_attempt_ends_the_claims_before_it(training: TrainingJob, code: str, client: Client) -> None:
    claim_open(actor=ACTOR, claim=TrainingClaim.objects.get())
    claim_make(actor=ACTOR, training=training, key=f"{training.pk.hex}-2", order=ORDER)
    assert shown(client, code).json()["code"] == "claim_over"


def test_work_goes_there_and_outputs_come_back(
    client: Client, code: str, claim: TrainingClaim, tmp_path: Path
) -> None:
    for part in deliveries.PARTS:
        (tmp_path / part).mkdir()
    (tmp_path / "code" / "train.py").write_text("pass")
    (tmp_path / "outputs" / "old").mkdir()
    deliveries.work_keep(f"{claim.folder}/work.tar", tmp_path)
    session = shown(client, code).json()["session"]
    answer = client.get(f"{URL}/{claim.pk}/work", headers={"Authorization": f"Bearer {session}"})
    with tarfile.open(fileobj=io.BytesIO(b"".join(answer.streaming_content))) as sent:  # type: ignore[arg-type]
        assert "code/train.py" in sent.getnames()
    assert deliveries.result_take(claim, tmp_path) is None
    assert put(client, claim.pk, session, packed(("outputs/report/.git/a", b"1"))).status_code == 204
    assert deliveries.result_is_there(claim)
    found = deliveries.result_take(claim, tmp_path)
    assert found is not None
    assert found["exit"] == EXIT
    assert [path.name for path in (tmp_path / "outputs").rglob("*") if path.is_file()] == ["a"]
    deliveries.deliveries_remove(claim)
    assert not deliveries.result_is_there(claim)
    assert dt.timedelta(hours=1) < REST


@pytest.mark.parametrize(
    "entry",
    [
        ("../escaped", b"x"),
        ("/escaped", b"x"),
        ("outputs/../../escaped", b"x"),
        link("outputs/hard", "../../escaped", tarfile.LNKTYPE),
        link("outputs/device", "", tarfile.CHRTYPE),
    ],
    ids=["up", "absolute", "up from inside", "hard link", "device"],
)
def test_an_archive_that_leads_out_is_refused(
    client: Client, code: str, claim: TrainingClaim, tmp_path: Path, entry: Entry
) -> None:
    session = shown(client, code).json()["session"]
    assert put(client, claim.pk, session, packed(entry)).status_code == 204
    inner = tmp_path / "inner"
    (inner / "outputs").mkdir(parents=True)
    with pytest.raises(Permanent, match="cannot be read"):
        deliveries.result_take(claim, inner)
    assert not (tmp_path / "escaped").exists()
    assert list((inner / "outputs").iterdir()) == []


def test_links_in_outputs_are_left_out(
    client: Client, code: str, claim: TrainingClaim, tmp_path: Path
) -> None:
    session = shown(client, code).json()["session"]
    evil = packed(link("outputs/away", "/etc"), ("outputs/away/passwd", b"x"))
    assert put(client, claim.pk, session, evil).status_code == 204
    deliveries.result_take(claim, tmp_path)
    assert (tmp_path / "outputs" / "away" / "passwd").read_bytes() == b"x"
    assert not (tmp_path / "outputs" / "away").is_symlink()


@pytest.mark.parametrize(
    "said",
    [
        [],
        {**SAID, "exit": {**EXIT, "cause": "magic"}},
        {**SAID, "exit": {"code": 0}},
        {**SAID, "machine": {"host": {"deep": 1}}},
        {**SAID, "changed_inputs": ["x"] * 6},
    ],
)
def test_what_the_other_side_says_has_a_form(
    client: Client, code: str, claim: TrainingClaim, tmp_path: Path, said: Any
) -> None:
    session = shown(client, code).json()["session"]
    put(client, claim.pk, session, packed(said=said))
    with pytest.raises(Permanent, match="cannot be read"):
        deliveries.result_take(claim, tmp_path)


def test_sizes_are_bounded(
    client: Client, code: str, claim: TrainingClaim, tmp_path: Path, settings: Any
) -> None:
    session = shown(client, code).json()["session"]
    settings.EXECUTORS_RESULT_BYTES = 20_480
    assert put(client, claim.pk, session, packed(("outputs/a", b"x" * 30_000))).status_code == 413
    assert not deliveries.result_is_there(claim)
    hollow = tarfile.TarInfo("outputs/hollow")
    hollow.size = 1 << 40
    assert put(client, claim.pk, session, hollow.tobuf()).status_code == 204
    with pytest.raises(Permanent, match="A result has at most"):
        deliveries.result_take(claim, tmp_path)


def test_a_body_that_ends_early_is_not_kept(client: Client, code: str, claim: TrainingClaim) -> None:
    session = shown(client, code).json()["session"]
    body = packed(("outputs/a", b"x" * 5000))
    answer = client.generic(
        "PUT", f"{URL}/{claim.pk}/result", body[:3000], "application/x-tar",
        headers={"Authorization": f"Bearer {session}"}, CONTENT_LENGTH=str(len(body)),
        **{"wsgi.input": io.BytesIO(body[:3000])},  # type: ignore[arg-type]
    )  # fmt: skip
    assert answer.status_code == 400
    assert not deliveries.result_is_there(claim)
