"""The control catalogue: read strictly, its marks shown, and what answers it for a system."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.test import Client

from compliance.controls import coverage, providers
from compliance.controls.catalogue import FILE, BadCatalogue, Control, catalogue, catalogue_read
from compliance.controls.coverage import answer, coverage_of, item_state, who_may
from compliance.controls.kinds import FRESH_DAYS, WHO
from compliance.controls.providers import Item, Scope
from compliance.evidence_kinds import KINDS
from compliance.gates import Subject
from compliance.models import AISystem, Evidence
from portal.kernel.clock import now
from portal.kernel.errors import InvalidInput

ROOT = Path(__file__).resolve().parent.parent.parent
AT = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
FORBIDDEN = "compli" + "ant"


def test_all_controls_are_there_with_their_marks():
    found = catalogue()
    assert len(found.controls) == 186
    assert found.frameworks == {
        "EU-AI-ACT": 46, "EU-AI-ACT-ANNEX-IV": 23, "NIST-AI-RMF": 40, "ISO-42001": 30, "SR-26-2": 7, "SR-11-7": 9,
        "PRA-SS1-23": 17, "GDPR": 14,
    }  # fmt: skip
    assert {control.checked for control in found.controls} == {"text", "sec", "know"}
    assert all(control.superseded_by == "SR-26-2" for control in found.of("SR-11-7"))
    assert found.get("A4-1A").title == "Purpose, provider, version"
    assert found.get("A4-1A").required == ("ai_system",)
    assert len(found.digest) == 64


def test_every_kind_of_evidence_has_somebody_who_brings_it():
    assert catalogue().evidence_kinds.keys() == KINDS == WHO.keys()
    assert FRESH_DAYS.keys() <= KINDS


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("schema: portal-controls/1", "schema: portal-controls/2"),
        ("auto: full", "auto: whole"),
        ("checked: text", "checked: yes"),
        ("{id: EU-06,", "{id: EU-04,"),
        ("evidence: [registration]", "evidence: [stamp]"),
        ("evidence: [registration]", "evidence: [registration], min: [run]"),
        ("evidence: [registration]", "evidence: [registration], colour: red"),
        ("meta:\n", "meta: !!python/object/apply:os.getcwd []\nmeta:\n"),
        ("meta:\n", "bomb: &a [1]\nagain: *a\nmeta:\n"),
        ("{id: EU-06,", "{id: EU-06, id: EU-07,"),
    ],
)
def test_what_it_does_not_know_is_refused(old, new):
    content = FILE.read_text()
    assert old in content
    with pytest.raises(BadCatalogue):
        catalogue_read(content.replace(old, new, 1).encode())


def test_min_and_fresh_days_of_a_control_are_read():
    old = "evidence: [evaluation, monitor, model_card]"
    new = "evidence: [evaluation, monitor, model_card], min: [evaluation, model_card], fresh_days: {evaluation: 30}"
    control = catalogue_read(FILE.read_text().replace(old, new, 1).encode()).get("EU-15-1")
    assert control.required == ("evaluation", "model_card")
    assert control.fresh_days == {"evaluation": 30}


def control(**fields):
    made = {
        "id": "X-1", "framework": "X", "ref": "1", "title": "t", "summary": "s", "evidence": ("evaluation", "monitor"),
        "required": ("evaluation",), "auto": "full", "checked": "text",
    }  # fmt: skip
    return Control(**{**made, **fields})


def item(kind="evaluation", *, days=1, **fields):
    return Item(kind, "an item", AT - dt.timedelta(days=days), **fields)


def answered(items, *, subjects=(), **fields):
    gathered = {}
    for each in items:
        gathered.setdefault(each.kind, []).append(each)
    scope = Scope(None, AISystem(), tuple(Subject("modelversion", each, each, 1, "d") for each in subjects))
    return answer(control(**fields), scope, gathered, {}, AT)


def state(found, kind="evaluation"):
    return next(need.state for need in found.needs if need.kind == kind)


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        ([], ("missing", "no evidence")),
        ([item()], ("fresh", "evidence complete")),
        ([item(days=366)], ("stale", "evidence incomplete")),
        ([item(days=364)], ("fresh", "evidence complete")),
        ([item(expires_at=AT)], ("stale", "evidence incomplete")),
        ([item(outcome="fail")], ("failed", "evidence incomplete")),
        ([item(outcome="info")], ("fresh", "evidence complete")),
        ([item(days=400), item(days=3)], ("fresh", "evidence complete")),
        ([item("monitor")], ("missing", "evidence incomplete")),
    ],
)
def test_a_kind_answers_while_it_is_fresh(made, wanted):
    found = answered(made)
    assert (state(found), found.state) == wanted


def test_a_control_may_ask_for_fresher_evidence():
    assert state(answered([item(days=31)], fresh_days={"evaluation": 30})) == "stale"


def test_all_of_min_must_be_there():
    both = {"required": ("evaluation", "monitor")}
    assert answered([item()], **both).state == "evidence incomplete"
    assert answered([item(), item("monitor")], **both).state == "evidence complete"
    assert answered([item("monitor")], **both).state == "evidence incomplete"


def test_each_version_in_use_needs_its_own():
    assert state(answered([item(subject="a")], subjects=("a", "b"))) == "missing"
    assert (
        state(answered([item(subject="a"), item(subject="b", outcome="fail")], subjects=("a", "b")))
        == "failed"
    )
    assert state(answered([item(subject="a"), item(subject="b", days=999)], subjects=("a", "b"))) == "stale"
    assert state(answered([item(subject="a"), item(subject="b")], subjects=("a", "b"))) == "fresh"
    assert state(answered([item(subject="a"), item()], subjects=("a", "b"))) == "fresh"


def test_what_is_overdue_is_not_made_good_by_something_else():
    made = [item("finding"), item("finding", outcome="fail")]
    assert state(answered(made, evidence=("finding",), required=("finding",)), "finding") == "failed"


@pytest.mark.parametrize("auto", ["part", "manual"])
def test_where_facts_do_not_answer_a_person_states_something_for_this_very_control(auto):
    assert answered([item()], auto=auto).state == "evidence incomplete"
    assert answered([item(), item("attestation", control="X-2")], auto=auto).state == "evidence incomplete"
    assert (
        answered([item(), item("attestation", control="X-1", days=400)], auto=auto).state
        == "evidence incomplete"
    )
    assert answered([item(), item("attestation", control="X-1")], auto=auto).state == "evidence complete"
    missing = answered([item()], auto=auto).missing
    assert [(need.kind, need.is_required, bool(need.what)) for need in missing] == [
        ("attestation", True, True), ("monitor", False, True),
    ]  # fmt: skip


def test_what_has_no_date_and_no_limit_does_not_age():
    assert item_state(Item("run", "r", None), None, AT) == "fresh"
    assert item_state(Item("evaluation", "r", None), 365, AT) == "stale"


@pytest.fixture
def system(workspace, ann, bob):
    return AISystem.objects.create(
        workspace=workspace, name="Loan scoring", intended_purpose="Scores.", owner=bob, created_by=ann,
        role="provider", risk_tier="high", risk_rationale="Annex III.",
    )  # fmt: skip


def test_who_must_act_is_named(system, ann, cora, dia):
    assert who_may(system) == {
        "contributor": "contributor: ann, cora", "maintainer": "maintainer: ann", "approver": "approver: dia",
        "owner": "bob (owner of the system)", "operator": "an operator of the portal",
    }  # fmt: skip


def test_an_unknown_framework_is_refused(system, acting, bob):
    with pytest.raises(InvalidInput, match="There is no framework MOON"):
        coverage_of(acting(bob), system, "MOON")


def test_evidence_about_other_bytes_or_another_workspace_does_not_count(
    system, acting, bob, other, monkeypatch
):
    subject = Subject("modelversion", "a" * 32, "fraud v1", system.workspace_id, "d1")
    monkeypatch.setattr(providers, "SUBJECT_FINDERS", [lambda system: [subject]])

    def evaluation(**fields):
        made = {
            "workspace": system.workspace, "subject_type": "modelversion", "subject_id": subject.id,
            "subject_label": "v", "subject_digest": "d1", "kind": "evaluation", "outcome": "pass", "digest": "c" * 64,
            "source": "test", "actor": "user:1", "recorded_at": now(),
        }  # fmt: skip
        Evidence.objects.create(**{**made, **fields})

    def found():
        controls = coverage_of(acting(bob), system, "EU-AI-ACT").controls
        return state(next(each for each in controls if each.control.id == "EU-15-1"))

    evaluation(subject_digest="d2")
    evaluation(workspace=other)
    assert found() == "missing"
    evaluation(outcome="fail")
    assert found() == "failed"
    evaluation()
    assert found() == "fresh"


def test_the_api_shows_marks_gaps_and_takes_statements(system, cora, bob, cleo, token_for):
    def api(user):
        return Client(headers={"Authorization": f"Bearer {token_for(user)}"})

    body = api(bob).get("/api/v1/controls?framework=GDPR").json()
    assert (len(body["controls"]), body["schema"], len(body["digest"])) == (14, "portal-controls/1", 64)
    assert body["controls"][0]["checked"] == "know"
    address = f"/api/v1/ai-systems/{system.pk}/controls"
    assert api(cleo).get(address).status_code == 404
    assert api(bob).get(f"{address}?framework=NONE").status_code == 400
    answer = api(bob).get(f"{address}?framework=EU-AI-ACT")
    body = answer.json()
    assert sum(body["counts"].values()) == len(body["controls"]) == 46
    literacy = body["controls"][0]
    assert (literacy["id"], literacy["state"], literacy["checked"]) == ("EU-04", "evidence incomplete", "sec")
    assert FORBIDDEN not in answer.content.decode().lower()
    said = {"summary": "All who oversee it were trained in May."}
    statements = f"{address}/EU-04/statements"
    assert api(bob).post(statements, said, content_type="application/json").status_code == 403
    assert api(cora).post(statements, said, content_type="application/json").status_code == 201
    assert (
        api(cora).post(f"{address}/EU-0/statements", said, content_type="application/json").status_code == 404
    )
    literacy = api(bob).get(f"{address}?framework=EU-AI-ACT").json()["controls"][0]
    statement = next(need for need in literacy["needs"] if need["kind"] == "attestation")
    assert statement["state"] == "fresh"
    event = statement["items"][0]["audit_event"]
    assert event
    evidence = Evidence.objects.get(kind="attestation")
    assert evidence.body["control"] == "EU-04"


def test_nowhere_does_the_portal_say_that_a_duty_is_met():
    folders = ("portal", "jobs", "compliance", "experiments", "registry", "templates")
    word = re.compile(FORBIDDEN, re.IGNORECASE)
    found = [
        str(path.relative_to(ROOT))
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".html", ".js", ".yaml", ".txt", ".css") and "vendor" not in path.parts
        if word.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
    assert word.search(coverage.COMPLETE) is None
