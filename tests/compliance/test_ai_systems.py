"""AI systems: recorded, changed, reclassified and retired, by whom and how."""

import pytest
from django.test import Client

from compliance.models import AISystem
from compliance.services.ai_systems import (
    NewSystem,
    system_create,
    system_reclassify,
    system_retire,
    system_update,
)
from portal.accounts.models import Membership
from portal.audit.models import AuditEvent
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, PolicyViolation
from portal.kernel.versions import version_of


def new(**fields):
    made = {
        "name": "Loan scoring",
        "intended_purpose": "Scores applications.",
        "owner": "bob",
        "role": "provider",
    }
    return NewSystem(**{**made, **fields})


@pytest.fixture
def system(ann, bob, workspace, acting):
    return system_create(
        actor=acting(ann), workspace=workspace, new=new(risk_tier="high", risk_rationale="Annex III 5(b).")
    )


def outcomes(action):
    return list(AuditEvent.objects.filter(action=action).order_by("id").values_list("outcome", flat=True))


def test_a_maintainer_records_one(system, ann, workspace):
    assert (system.owner.username, system.created_by_id, system.workspace_id) == ("bob", ann.pk, workspace.pk)
    event = AuditEvent.objects.get(action="compliance.system.create")
    assert (event.outcome, event.object_type, event.object_id) == ("done", "aisystem", system.pk.hex)


@pytest.mark.parametrize("name", ["cora", "bob", "dia", "olga", "aude"])
def test_others_do_not(name, request, workspace, acting):
    with pytest.raises(PermissionDenied):
        system_create(actor=acting(request.getfixturevalue(name)), workspace=workspace, new=new())
    assert not AISystem.objects.exists()
    assert outcomes("compliance.system.create") == ["denied"]


def test_outsiders_do_not_learn_of_it(system, cleo, acting):
    with pytest.raises(NotFound):
        system_update(actor=acting(cleo), system=system, change={"description": "Mine."})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " "}, "needs a name"),
        ({"intended_purpose": ""}, "needs a name and an intended purpose"),
        ({"role": "importer"}, "one of provider, deployer"),
        ({"risk_tier": "enormous"}, "A risk tier is one of"),
        ({"risk_tier": "high"}, "why the system is classified"),
        ({"owner": "cleo"}, "must be a member"),
        ({"owner": "nobody"}, "must be a member"),
        ({"details": {"colour": "red"}}, "colour is no detail"),
        ({"details": {"limitations": 3}}, "must be a text"),
        ({"details": {"limitations": "x\x00"}}, "NUL"),
        ({"details": {"limitations": "x" * 20_001}}, "at most 20000"),
        ({"details": {"standards_applied": "one"}}, "must be a list"),
        ({"details": {"standards_applied": [{}]}}, "must be a text"),
        ({"details": []}, "must be an object"),
        ({"name": "x" * 201}, "at most 200"),
    ],
)
def test_what_makes_no_sense_is_refused(fields, said, ann, bob, cleo, workspace, acting):
    with pytest.raises(InvalidInput, match=said):
        system_create(actor=acting(ann), workspace=workspace, new=new(**fields))
    assert not AISystem.objects.exists()


def test_a_name_is_given_once(system, ann, workspace, acting):
    with pytest.raises(Conflict, match="already"):
        system_create(actor=acting(ann), workspace=workspace, new=new())


def test_details_are_merged_and_empty_ones_go(system, ann, acting):
    change = {"details": {"limitations": " No thin files. ", "standards_applied": ["ISO 23894", " "]}}
    system_update(actor=acting(ann), system=system, change=change)
    changed = system_update(
        actor=acting(ann),
        system=system,
        change={"details": {"oversight_measures": "Two people.", "limitations": ""}},
    )
    assert changed.details == {"standards_applied": ["ISO 23894"], "oversight_measures": "Two people."}


def test_an_edit_of_an_old_state_is_refused(system, ann, acting):
    seen = version_of(AISystem.objects.get(pk=system.pk))
    system_update(actor=acting(ann), system=system, change={"description": "One."}, expected_version=seen)
    with pytest.raises(Conflict):
        system_update(actor=acting(ann), system=system, change={"description": "Two."}, expected_version=seen)


def test_a_maintainer_raises_a_tier_and_cannot_lower_it(system, ann, acting):
    with pytest.raises(PolicyViolation, match="cannot be lowered from high to limited") as no:
        system_update(actor=acting(ann), system=system, change={"risk_tier": "limited"})
    assert no.value.code == "needs_approver"
    assert outcomes("compliance.system.update") == ["refused"]
    raised = system_update(
        actor=acting(ann), system=system, change={"risk_tier": "prohibited", "risk_rationale": "Article 5."}
    )
    assert raised.risk_tier == "prohibited"


def test_an_approver_who_does_not_own_it_lowers_a_tier(system, ann, dia, workspace, acting):
    why = "It only sorts letters."
    with pytest.raises(PermissionDenied):
        system_reclassify(actor=acting(ann), system=system, risk_tier="limited", risk_rationale=why)
    with pytest.raises(InvalidInput, match="why the tier changes"):
        system_reclassify(
            actor=acting(dia), system=system, risk_tier="limited", risk_rationale=system.risk_rationale
        )
    changed = system_reclassify(actor=acting(dia), system=system, risk_tier="limited", risk_rationale=why)
    assert (changed.risk_tier, changed.risk_rationale) == ("limited", why)


def test_the_owner_and_the_recorder_do_not_even_as_approvers(system, ann, bob, workspace, acting):
    for user in (ann, bob):
        Membership.objects.create(user=user, workspace=workspace, role="approver")
        with pytest.raises(PolicyViolation) as no:
            system_reclassify(actor=acting(user), system=system, risk_tier="minimal", risk_rationale="Less.")
        assert no.value.code == "excluded"


def test_what_is_retired_stays_as_it_is(system, ann, acting):
    system_retire(actor=acting(ann), system=system, reason="Replaced.")
    for act in (
        lambda: system_retire(actor=acting(ann), system=system),
        lambda: system_update(actor=acting(ann), system=system, change={"description": "Again."}),
    ):
        with pytest.raises(Conflict, match="was retired"):
            act()


def test_the_api(system, ann, bob, cleo, workspace, token_for):
    def api(user):
        return Client(headers={"Authorization": f"Bearer {token_for(user)}"})

    body = {
        "workspace": "credit", "name": "Letters", "intended_purpose": "Sorts.", "owner": "bob", "role": "deployer",
        "details": {"limitations": "English only."},
    }  # fmt: skip
    made = api(ann).post("/api/v1/ai-systems", body, content_type="application/json")
    assert made.status_code == 201
    address = f"/api/v1/ai-systems/{made.json()['id']}"
    assert api(bob).get(address).json()["details"] == {"limitations": "English only."}
    assert api(bob).patch(address, {"name": "x"}, content_type="application/json").status_code == 403
    assert api(cleo).get(address).status_code == 404
    assert [each["name"] for each in api(bob).get("/api/v1/ai-systems").json()["items"]] == [
        "Letters",
        system.name,
    ]
    assert api(bob).get("/api/v1/ai-systems?risk_tier=high").json()["items"][0]["name"] == system.name
    assert api(cleo).get("/api/v1/ai-systems").json()["items"] == []
    stale = api(ann).patch(
        address, {"name": "x"}, content_type="application/json", headers={"If-Match": '"old"'}
    )
    assert stale.status_code == 409
    assert api(ann).post(f"{address}/retirements", {}, content_type="application/json").status_code == 201
