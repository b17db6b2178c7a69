"""Evidence, looks, signatures, bills and cards over /api/v1/."""

import json

import pytest

from jobs.models import JobRun
from jobs.runner import run_job
from portal.embedded.secret_files import model_signing_key_kept
from registry.gate.queue import BOM_JOB, SIGN_JOB
from registry.models import ModelCard, ModelVersion
from tests.api.conftest import api, own_throttle  # noqa: F401 - fixtures
from tests.registry.versions import MLMODEL, REQUIREMENTS, done

VERSION = "workspaces/credit/registered-models/fraud/versions/1"
CARD = {"oversight": {"statement": "Two people look."}}


@pytest.fixture
def version(version_of):
    return version_of({"MLmodel": MLMODEL, "requirements.txt": REQUIREMENTS})


def test_people_state_what_they_found_and_everybody_inside_reads_it(api, version, cora, bob, cleo):  # noqa: F811
    said = {
        "kind": "evaluation",
        "outcome": "pass",
        "summary": "Checked on March data.",
        "body": {"auc": 0.9},
    }
    made = api(cora).post(f"{VERSION}/evidence", said)
    assert made.status_code == 201
    assert (made.json()["subject"], made.json()["subject_digest"]) == ("fraud v1", version.digest)
    listed = api(bob).get(f"{VERSION}/evidence", {"kind": "evaluation"}).json()["items"]
    assert [each["id"] for each in listed] == [made.json()["id"]]
    assert api(bob).get(f"evidence/{made.json()['id']}").json()["body"] == {"auc": 0.9}
    assert api(bob).post(f"{VERSION}/evidence", said).status_code == 403
    assert api(cleo).get(f"{VERSION}/evidence").status_code == 404
    assert api(cleo).get(f"evidence/{made.json()['id']}").status_code == 404
    refused = api(cora).post(f"{VERSION}/evidence", said | {"kind": "artifact_scan"})
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_kind")


@pytest.mark.parametrize("what", ["scans", "signature", "signature-checks", "bom"])
def test_a_contributor_asks_for_a_look_and_a_viewer_does_not(api, version, cora, bob, cleo, what):  # noqa: F811
    asked = api(cora).post(f"{VERSION}/{what}", {})
    assert asked.status_code == 201
    assert JobRun.objects.get(pk=asked.json()["job"]).kind == asked.json()["kind"]
    assert api(cora).post(f"{VERSION}/{what}", {}).json()["job"] == asked.json()["job"]
    count = JobRun.objects.count()
    assert api(bob).post(f"{VERSION}/{what}", {}).status_code == 403
    assert api(cleo).post(f"{VERSION}/{what}", {}).status_code == 404
    assert JobRun.objects.count() == count


def test_a_version_that_is_not_ready_is_not_looked_at(api, version, cora):  # noqa: F811
    ModelVersion.objects.filter(pk=version.pk).update(status="PENDING_REGISTRATION")
    answer = api(cora).post(f"{VERSION}/scans", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_state")


@pytest.mark.slow
def test_signature_key_and_bill_can_be_downloaded(api, version, bob, cleo, settings, tmp_path):  # noqa: F811
    settings.MODEL_SIGNING_KEY_FILE = str(model_signing_key_kept(tmp_path / "key"))
    assert api(bob).get(f"{VERSION}/signature").status_code == 404
    assert api(bob).get(f"{VERSION}/bom").status_code == 404
    done(version, SIGN_JOB)
    done(version, BOM_JOB)
    signature, bill = api(bob).get(f"{VERSION}/signature"), api(bob).get(f"{VERSION}/bom")
    assert json.loads(b"".join(signature.streaming_content))["dsseEnvelope"]["signatures"]
    assert json.loads(b"".join(bill.streaming_content))["bomFormat"] == "CycloneDX"
    assert bill.headers["Content-Disposition"] == 'attachment; filename="fraud-1.cdx.json"'
    (key,) = api(cleo).get("model-signing-keys").json()["items"]
    assert key["pem"].startswith("-----BEGIN PUBLIC KEY-----")
    assert api(cleo).get(f"{VERSION}/signature").status_code == 404
    assert api(cleo).get(f"{VERSION}/bom").status_code == 404


def test_a_card_is_read_edited_compared_and_exported(api, version, cora, bob, cleo):  # noqa: F811
    first = api(bob).get(f"{VERSION}/card")
    assert (first.json()["number"], first.headers["ETag"]) == (0, '"0"')
    assert first.json()["content"]["model_overview"]["model_name"] == "fraud"
    saved = api(cora).put(f"{VERSION}/card", {"content": CARD, "reason": "As agreed."}, If_Match='"0"')
    assert (saved.status_code, saved.json()["number"], saved.headers["ETag"]) == (200, 1, '"1"')
    assert saved.json()["sections"]["oversight"]
    stale = api(cora).put(f"{VERSION}/card", {"content": {}}, If_Match='"0"')
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    sagemaker = {"intended_uses": {"risk_rating": "Low"}}
    merged = api(cora).put(f"{VERSION}/card", {"content": sagemaker, "shape": "sagemaker"}, If_Match='"1"')
    assert merged.json()["content"] == CARD | sagemaker
    assert api(bob).get(f"{VERSION}/card/sagemaker").json() == sagemaker
    states = api(bob).get(f"{VERSION}/card/states").json()["items"]
    assert [(each["number"], each["created_by"], each["reason"]) for each in states] == [
        (2, "cora", ""), (1, "cora", "As agreed."),
    ]  # fmt: skip
    assert api(bob).get(f"{VERSION}/card/states/1").json()["content"] == CARD
    differences = api(bob).get(f"{VERSION}/card/differences", {"before": 1, "after": 2}).json()["items"]
    assert differences == [{"path": "$.intended_uses.risk_rating", "before": None, "after": "Low"}]
    assert api(bob).get(f"{VERSION}/card/differences", {"before": 1, "after": 9}).status_code == 404
    assert api(bob).put(f"{VERSION}/card", {"content": {}}).status_code == 403
    assert api(cleo).get(f"{VERSION}/card").status_code == 404
    assert ModelCard.objects.count() == 2


def test_bad_cards_name_what_is_wrong(api, version, cora):  # noqa: F811
    answer = api(cora).put(f"{VERSION}/card", {"content": {"intended_uses": {"risk_rating": "Huge"}}})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_card")
    assert answer.json()["problems"][0]["path"] == "$.intended_uses.risk_rating"
    assert api(cora).put(f"{VERSION}/card", {"content": {}}, If_Match='"x"').status_code == 400
    assert api(cora).put(f"{VERSION}/card", {"content": []}).status_code == 400


def test_the_schema_of_cards_is_published(api, bob):  # noqa: F811
    assert "oversight" in api(bob).get("model-card-schema").json()["properties"]


@pytest.mark.slow
def test_all_looks_of_a_ready_version_leave_evidence(api, version, cora, settings, tmp_path):  # noqa: F811
    settings.MODEL_SIGNING_KEY_FILE = str(model_signing_key_kept(tmp_path / "key"))
    for what in ("scans", "signature", "bom"):
        api(cora).post(f"{VERSION}/{what}", {})
    for run in JobRun.objects.all():
        run_job(run.pk)
    found = api(cora).get(f"{VERSION}/evidence").json()["items"]
    assert {(each["kind"], each["outcome"]) for each in found} == {
        ("artifact_scan", "pass"), ("signature", "pass"), ("mlbom", "pass"), ("model_version", "pass"),
        ("env_lock", "pass"), ("model_card", "info"),
    }  # fmt: skip
