"""The auditor console in a browser: an auditor's walk, an operator's grant, and no page with a flaw in any look."""

import json
from typing import Any

import pytest

from tests.browser.conftest import Opened
from tests.browser.test_accessibility import _problems
from tests.live.portal import Portal

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = [
    "/console/", "/console/posture/unsigned", "/console/posture/unconfirmed", "/console/audit",
    "/console/audit?action=no.such.act",
    "/console/audit?outcome=refused", "/console/decisions", "/console/decisions?q=nothing-like-this", "/console/access",
    "/console/retention", "/console/retention?state=released",
    "/console/records/", "/console/records/compliance/evidence/",
    "/console/records/compliance/finding/?q=zzz",
    "/console/records/registry/modelversion/", "/console/records/accounts/user/", "/console/decisions/{asked}",
]  # fmt: skip


@pytest.fixture(scope="session")
def overseen(site: Portal, scenery: dict[str, Any]) -> dict[str, Any]:
    """The scenery with people who oversee it."""
    site.run("-m", "tests.browser.console_scenery")
    return scenery


@pytest.mark.parametrize("path", PAGES)
def test_pages_have_no_flaw(open_as: Opened, overseen: dict[str, Any], path: str) -> None:
    page = open_as("aude", path.format(**overseen))
    page.get_by_role("navigation", name="Console").wait_for()
    assert page.locator("main [style]").count() == 0
    assert page.get_by_role("heading", level=1).count() == 1
    assert _problems(page) == []


def test_an_operator_sees_the_form_without_a_flaw(open_as: Opened, overseen: dict[str, Any]) -> None:
    page = open_as("olga", "/console/access")
    page.get_by_label("Person", exact=True).fill("cleo")
    page.get_by_label("Workspace", exact=True).fill("credit")
    page.get_by_label("Until").fill("2026-12-20T12:00")
    page.get_by_label("Why").fill("A second look.")
    assert _problems(page) == []
    page.get_by_role("button", name="Let them audit").click()
    page.get_by_text("cleo audits until").wait_for()
    page.get_by_role("button", name="End the grant of cleo").click()
    page.get_by_text("The grant has ended.").wait_for()


def test_an_auditor_finds_an_event_and_keeps_its_proof(open_as: Opened, overseen: dict[str, Any]) -> None:
    page = open_as("aude", "/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Console").click()
    page.get_by_role("navigation", name="Console").get_by_role("link", name="Audit log").click()
    page.get_by_label("Action").fill("experiments.run.create")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url("**action=experiments.run.create**")
    rows = page.get_by_role("region", name="Audit events").locator("tbody tr")
    assert rows.count() == 50
    assert {text.strip() for text in rows.locator("td.mono").first.all_inner_texts()} == {
        "experiments.run.create"
    }
    page.get_by_role("link", name="Next page").click()
    page.wait_for_url("**page_token=**")
    rows.first.get_by_role("link").first.click()
    page.get_by_role("heading", name="Payload as hashed").wait_for()
    assert _problems(page) == []
    with page.expect_download() as kept:
        page.get_by_role("link", name="Download the proof").click()
    with open(kept.value.path(), encoding="utf-8") as file:
        assert json.load(file)["format"] == "portal-audit-receipt/1"


def test_an_auditor_opens_a_decision_and_nothing_can_be_changed(
    open_as: Opened, overseen: dict[str, Any]
) -> None:
    page = open_as("aude", "/console/decisions")
    page.get_by_role("region", name="Requests").get_by_role("link").first.click()
    page.get_by_role("heading", name="Rules").wait_for()
    with page.expect_download() as kept:
        page.get_by_role("link", name="ZIP").click()
    assert kept.value.suggested_filename.endswith(".zip")
    page.goto("/console/access")
    assert page.get_by_role("button", name="Let them audit").count() == 0


def test_who_does_not_oversee_is_shown_the_door(open_as: Opened, overseen: dict[str, Any]) -> None:
    page = open_as("ann", "/console/")
    page.get_by_role("heading", name="You may not do that").wait_for()
    page.goto("/")
    assert page.get_by_role("link", name="Console").count() == 0


def test_an_operator_holds_something_and_lets_it_go(open_as: Opened, overseen: dict[str, Any]) -> None:
    page = open_as("olga", "/console/retention")
    page.get_by_label("What").select_option("modelversion")
    page.get_by_label("Id", exact=True).fill("nothing")
    page.get_by_label("Why").fill("Case 12 before the court.")
    page.get_by_role("button", name="Place the hold").click()
    page.get_by_text("There is no such object").wait_for()
    assert _problems(page) == []
    page.get_by_label("Id", exact=True).fill(overseen["version_id"])
    page.get_by_role("button", name="Place the hold").click()
    page.get_by_text("is on hold.", exact=False).first.wait_for()
    assert _problems(page) == []
    page.get_by_role("button", name="Release").click()
    page.get_by_role("dialog").get_by_label("Why").fill("The case is closed.")
    page.get_by_role("button", name="Release it").click()
    page.get_by_text("is not on hold any more").first.wait_for()


def test_an_operator_conducts_an_access_review(open_as: Opened, overseen: dict[str, Any]) -> None:
    page = open_as("olga", "/console/access")
    page.get_by_role("link", name="All, and conducting them").click()
    assert _problems(page) == []
    page.get_by_role("button", name="Review credit").click()
    page.get_by_role("heading", name="credit", level=1).wait_for()
    assert _problems(page) == []
    page.get_by_label("Why, for dia as contributor").fill("She approves here.")
    page.get_by_role("button", name="Take contributor away from dia").click()
    page.get_by_text("dia is not contributor any more.").wait_for()
    while (
        keep := page.get_by_role("row").filter(has_text="not yet").get_by_role("button", name="Keep")
    ).count():
        keep.first.click()
        page.get_by_text("stays").first.wait_for()
    page.get_by_label("What the review found").fill("Duties are kept apart again.")
    page.get_by_role("button", name="Complete it").click()
    page.get_by_text("Duties are kept apart again.").wait_for()
    assert _problems(page) == []
