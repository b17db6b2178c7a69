"""AI systems in the browser: recorded, linked to models, classified, and what answers each control."""

from typing import Any

import pytest
from django.test import Client

from compliance.models import AISystem, Evidence
from portal.accounts.models import User, Workspace
from registry.models import SystemModel
from tests.web import governed

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
WISH = {"name": "Loan scoring", "intended_purpose": "Scores applications.", "owner": "ann", "role": "deployer",
        "risk_tier": "high", "risk_rationale": "It decides about credit."}  # fmt: skip


@pytest.fixture
def as_(client: Client) -> Any:
    def use(user: User) -> Client:
        client.force_login(user, backend=BACKEND)
        return client

    return use


@pytest.fixture
def system(workspace: Workspace, ann: User, as_: Any) -> AISystem:
    as_(ann).post("/systems/new", WISH)
    return AISystem.objects.get()


def test_a_maintainer_records_a_system(system: AISystem, ann: User, cora: User, as_: Any) -> None:
    assert (system.name, system.owner, system.risk_tier) == ("Loan scoring", ann, "high")
    again = as_(ann).post("/systems/new", WISH)
    assert "has an AI system of" in again.text or "already" in again.text
    assert as_(cora).get("/systems/new").status_code == 404
    assert AISystem.objects.count() == 1


def test_its_record_is_edited_as_it_was_seen(system: AISystem, ann: User, as_: Any) -> None:
    path = f"/systems/{system.pk}/record"
    seen = as_(ann).get(path).context["form"]["row_version"].value()
    as_(ann).post(path, WISH | {"description": "New.", "row_version": seen})
    stale = as_(ann).post(path, WISH | {"description": "Other.", "row_version": seen})
    assert "changed by somebody else" in stale.text
    lower = as_(ann).get(path).context["form"]["row_version"].value()
    refused = as_(ann).post(path, WISH | {"risk_tier": "minimal", "row_version": lower})
    assert "cannot be lowered" in refused.text
    system.refresh_from_db()
    assert (system.description, system.risk_tier) == ("New.", "high")


def test_details_of_annex_iv_are_kept(system: AISystem, ann: User, as_: Any) -> None:
    path = f"/systems/{system.pk}/details"
    seen = as_(ann).get(path).context["form"]["row_version"].value()
    as_(ann).post(
        path, {"row_version": seen, "limitations": "Not for firms.", "standards_applied": "A\r\n\r\nB"}
    )
    system.refresh_from_db()
    assert system.details == {"limitations": "Not for firms.", "standards_applied": ["A", "B"]}


def test_an_approver_reclassifies_and_a_maintainer_retires(
    system: AISystem, ann: User, dia: User, as_: Any
) -> None:
    path = f"/systems/{system.pk}"
    as_(ann).post(f"{path}/tier", {"risk_tier": "limited", "risk_rationale": "A person decides."})
    system.refresh_from_db()
    assert system.risk_tier == "high"
    as_(dia).post(f"{path}/tier", {"risk_tier": "limited", "risk_rationale": "A person decides."})
    as_(ann).post(f"{path}/retire")
    system.refresh_from_db()
    assert (system.risk_tier, system.retired_at is None) == ("limited", False)
    assert as_(ann).get("/systems").context["rows"] == []
    assert "Loan scoring" in as_(ann).get("/systems", {"view": "retired"}).text


def test_models_are_linked_and_unlinked(system: AISystem, ann: User, cora: User, as_: Any) -> None:
    governed.version_row(governed.model_row(system.workspace))
    as_(cora).post(f"/systems/{system.pk}/models", {"model": "scorer", "alias": "champion"})
    assert not SystemModel.objects.exists()
    as_(ann).post(f"/systems/{system.pk}/models", {"model": "scorer", "number": "1"})
    link = SystemModel.objects.get()
    assert "v1" in as_(ann).get(f"/systems/{system.pk}").text
    as_(ann).post(f"/systems/{system.pk}/models/{link.pk}/end")
    link.refresh_from_db()
    assert link.valid_to is not None


def test_controls_say_what_is_missing_and_who_must_act(
    system: AISystem, ann: User, bob: User, as_: Any
) -> None:
    page = as_(bob).get(f"/systems/{system.pk}")
    framework, coverage = page.context["framework"], page.context["coverage"]
    assert sum(coverage.counts.values()) == len(coverage.controls) == page.context["frameworks"][framework]
    assert "compliant" not in page.text.lower()
    asked = next(each for each in coverage.controls if each.control.needs_statement)
    assert any(need.who for need in asked.needs)
    said = {"control": asked.control.id, "framework": framework, "summary": "It is done.", "outcome": "pass"}
    as_(bob).post(f"/systems/{system.pk}/statements", said)
    assert not Evidence.objects.exists()
    as_(ann).post(f"/systems/{system.pk}/statements", said)
    assert Evidence.objects.get().body["control"] == asked.control.id
    shown = as_(ann).get(f"/systems/{system.pk}", {"framework": framework, "show": "no evidence"})
    assert all(each.state == "no evidence" for each in shown.context["controls"])
    assert as_(ann).get(f"/systems/{system.pk}", {"framework": "XX"}).status_code == 400


def test_outsiders_find_no_system(system: AISystem, cleo: User, as_: Any) -> None:
    for path in ("", "/record", "/details"):
        assert as_(cleo).get(f"/systems/{system.pk}{path}").status_code == 404
    for path in ("tier", "retire", "models", "statements"):
        data = {
            "risk_tier": "high",
            "risk_rationale": "x",
            "model": "m",
            "control": "c",
            "summary": "s",
            "outcome": "pass",
        }
        assert as_(cleo).post(f"/systems/{system.pk}/{path}", data).status_code == 404
