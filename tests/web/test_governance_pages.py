"""Pages of the registry and of compliance: who sees them, and that each says what matters."""

from typing import Any

import pytest
from django.test import Client

from experiments.models import Experiment
from portal.accounts.models import User, Workspace
from portal.kernel.clock import now
from registry.models import ModelVersion
from tests.web import governed

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def version(workspace: Workspace, experiment: Experiment, cora: User) -> ModelVersion:
    model = governed.model_row(
        workspace, owner=cora, description="Scores **loans**. <script>alert(1)</script>"
    )
    first = governed.version_row(model, digest="1" * 64)
    governed.assignment_row(first, days_ago=30)
    return governed.version_row(model, run=governed.run_row(experiment, cora), created_by=cora)


@pytest.fixture
def seen_by(client: Client) -> Any:
    """The page at an address as a person sees it."""

    def get(user: User, path: str, **query: str) -> Any:
        client.force_login(user, backend=BACKEND)
        return client.get(path, query)

    return get


def test_models_are_listed_to_members_only(
    version: ModelVersion, bob: User, cleo: User, seen_by: Any
) -> None:
    page = seen_by(bob, "/models").text
    assert "/models/credit/scorer" in page
    assert "champion" in page
    assert "scorer" not in seen_by(cleo, "/models").text


def test_prompts_stand_behind_a_chip(workspace: Workspace, bob: User, seen_by: Any) -> None:
    governed.model_row(workspace, "greeting", is_prompt=True)
    assert "greeting" not in seen_by(bob, "/models").text
    assert "greeting" in seen_by(bob, "/models", kind="prompts").text


def test_an_empty_list_shows_how_to_register(bob: User, seen_by: Any) -> None:
    assert "mlflow.register_model(" in seen_by(bob, "/models").text


def test_the_list_goes_on_where_it_ended(workspace: Workspace, bob: User, seen_by: Any) -> None:
    for number in range(52):
        governed.model_row(workspace, f"m{number:03}")
    first = seen_by(bob, "/models")
    names = {f"m{number:03}" for number in range(52)}
    shown = {name for name in names if f"/{name}" in first.text}
    rest = seen_by(bob, "/models", page_token=first.context["next_token"])
    assert {name for name in names if f"/{name}" in rest.text} == names - shown
    assert len(shown) == 50
    for token in ("x", "1", "1.2", "9" * 30 + "." + "a" * 32):
        assert seen_by(bob, "/models", page_token=token).status_code == 400


def test_a_model_shows_its_versions_and_its_past(version: ModelVersion, bob: User, seen_by: Any) -> None:
    governed.evidence_row(version, outcome="fail", summary="pickle calls os.system")
    page = seen_by(bob, "/models/credit/scorer").text
    assert "<strong>loans</strong>" in page
    assert "<script>alert" not in page
    assert "pickle calls os.system" in page
    assert "Where its aliases pointed" in page


@pytest.mark.parametrize(
    "path",
    ["/models/credit/scorer", "/models/credit/scorer/versions/2", "/models/credit/scorer/versions/2/files",
     "/models/credit/scorer/at?alias=champion&at=2026-01-01"],
)  # fmt: skip
def test_what_is_not_visible_is_not_there(version: ModelVersion, cleo: User, seen_by: Any, path: str) -> None:
    assert seen_by(cleo, path).status_code == 404


def test_links_of_the_client_find_their_version(
    version: ModelVersion, bob: User, cleo: User, seen_by: Any
) -> None:
    assert seen_by(bob, "/models/find", name="scorer", version="2").url == "/models/credit/scorer/versions/2"
    assert seen_by(bob, "/models/find", name="scorer").url == "/models/credit/scorer"
    assert seen_by(cleo, "/models/find", name="scorer").url == "/models?q=scorer"


def test_the_past_is_told_from_the_intervals(version: ModelVersion, bob: User, seen_by: Any) -> None:
    path = "/models/credit/scorer/at"
    assert "It pointed to nothing" in seen_by(bob, path, alias="champion", at="2020-01-01").text
    assert seen_by(bob, path, alias="champion", at="2099-01-01T10:00").status_code == 400
    assert seen_by(bob, path, alias="champion", stage="Production", at="2026-01-01").status_code == 400
    page = seen_by(bob, path, alias="champion", at=now().isoformat()).text
    assert "1" * 64 in page
    for said in (
        "none: it moved without one",
        "On which data",
        "nowhere at that time",
    ):
        assert said in page
    for bad in ("", "yesterday", "2026-13-01", "2026-01-01T99:00"):
        assert seen_by(bob, path, alias="champion", at=bad).status_code == 400


def test_a_request_states_the_move_the_rules_and_who_is_excluded(
    version: ModelVersion, cora: User, ann: User, dia: User, cleo: User, seen_by: Any
) -> None:
    asked = governed.request_row(version, cora, excluded=(ann,))
    answer = seen_by(dia, f"/approvals/{asked.pk}")
    page = answer.text
    assert "auc is 0.9134, the champion has 0.8911" in page
    assert [(each.name, each.why) for each in answer.context["excluded"]] == [
        ("ann", "made the run or the version"), ("cora", "asked for it"),
    ]  # fmt: skip
    needed = answer.context["needed"][0]
    assert (needed.quorum, needed.given, needed.open_to) == (2, [], ["dia"])
    assert seen_by(cleo, f"/approvals/{asked.pk}").status_code == 404
    assert "champion of scorer" in seen_by(dia, "/approvals").text
    assert "champion of scorer" not in seen_by(cleo, "/approvals").text


def test_findings_are_filtered(version: ModelVersion, bob: User, cleo: User, seen_by: Any) -> None:
    found = governed.finding_row(version)
    governed.finding_row(version, "Card is empty", severity="low", owner=bob)
    assert "Card is empty" not in seen_by(bob, "/findings", severity="high").text
    assert "A byte of" not in seen_by(bob, "/findings", view="mine").text
    assert seen_by(cleo, f"/findings/{found.pk}").status_code == 404
    assert "The digest of the file" in seen_by(bob, f"/findings/{found.pk.hex}").text


def test_a_policy_shows_what_changed(
    workspace: Workspace, ann: User, dia: User, bob: User, cleo: User, seen_by: Any
) -> None:
    policy = governed.policy_row(
        workspace, "champions", ["quorum: 1\n", "quorum: 2\n"], proposer=ann, decider=dia
    )
    page = seen_by(bob, f"/policies/{policy.pk}").text
    assert "-quorum: 1" in page
    assert "+quorum: 2" in page
    assert seen_by(bob, f"/policies/{policy.pk}/versions/9").status_code == 404
    assert seen_by(cleo, f"/policies/{policy.pk}").status_code == 404


def test_a_system_names_the_version_that_it_means(
    version: ModelVersion, ann: User, bob: User, cleo: User, seen_by: Any
) -> None:
    system = governed.system_row(version.workspace, ann, version.model)
    assert "champion → v1" in seen_by(bob, f"/systems/{system.pk}").text.replace("&rarr;", "→")
    assert "Loan scoring" in seen_by(bob, "/systems").text
    assert seen_by(cleo, f"/systems/{system.pk}").status_code == 404


@pytest.mark.parametrize("tab", ["files", "evidence", "approvals", "audit"])
def test_every_tab_of_a_version_opens(
    version: ModelVersion, cora: User, bob: User, seen_by: Any, tab: str
) -> None:
    governed.evidence_row(version)
    governed.request_row(version, cora)
    assert seen_by(bob, f"/models/credit/scorer/versions/2/{tab}").status_code == 200
