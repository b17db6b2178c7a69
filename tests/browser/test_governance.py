"""From training to champion in the browser: a scientist registers and asks, an approver decides, others see why not."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, Opened
from tests.browser.scenery_names import PASSWORD
from tests.live.portal import Portal

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def register(open_as: Opened, scenery: dict[str, Any], name: str) -> Page:
    page = open_as("eve", f"/runs/{scenery['fitted']}/models")
    page.get_by_role("link", name="Register a model").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("What is new").fill("First **try**.")
    page.get_by_role("button", name="Register").click()
    return page


def decide(page: Page, verdict: str, secret: str = PASSWORD) -> None:
    form = page.locator("#decide")
    form.get_by_label(verdict, exact=True).check()
    form.get_by_label("Your password").fill(secret)
    page.get_by_role("button", name="Record my decision").click()


def test_a_scientist_registers_asks_and_an_approver_decides(
    open_as: Opened, site: Portal, scenery: dict[str, Any]
) -> None:
    page = register(open_as, scenery, "from-the-browser")
    expect(page.get_by_text("Being registered.")).to_be_visible()
    site.run("-m", "tests.browser.work")
    page.reload()
    expect(page.locator(".run-head .pill").first).to_have_text("ready")
    expect(page.get_by_text("All rules hold. It needs 1 approval of the role approver.")).to_be_visible()
    page.get_by_label("Why", exact=True).fill("Better on every slice.")
    page.get_by_role("button", name="Request approval").click()
    page.wait_for_url(re.compile("/approvals/"))
    expect(page.get_by_text("You asked for it, so other people decide.")).to_be_visible()
    address = page.url
    other = open_as("dia", "/inbox")
    expect(other.locator(".side-count").first).to_contain_text("2")
    other.get_by_role("link", name="champion of from-the-browser").click()
    expect(other.get_by_text("AUC is at least 0.8")).to_be_visible()
    expect(other.locator(".fact-value").first).to_contain_text("0.91")
    decide(other, "Approve", "not the password")
    expect(other.get_by_role("alert")).to_contain_text("did not prove who you are")
    decide(other, "Approve")
    expect(other.locator(".toast")).to_contain_text("points to from-the-browser v1 now")
    page.goto(address)
    expect(page.locator(".run-head .pill").first).to_have_text("approved")
    page.goto("/models/credit/from-the-browser")
    expect(page.locator(".alias.protected").first).to_have_text("champion")


def test_an_excluded_person_sees_why_not(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("ann", f"/approvals/{scenery['asked']}")
    expect(page.get_by_text("You made the run or the version")).to_be_visible()
    expect(page.get_by_role("button", name="Record my decision")).to_have_count(0)
    viewer = open_as("bob", f"/approvals/{scenery['asked']}")
    expect(viewer.get_by_text("Deciding needs the role approver")).to_be_visible()
    assert open_as("cleo", f"/approvals/{scenery['asked']}").get_by_text("Nothing here").is_visible()


def test_a_request_can_be_decided_on_a_phone_by_keyboard(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("dia", f"/approvals/{scenery['asked']}", size=NARROW)
    page.get_by_role("link", name="Decide").click()
    expect(page.get_by_label("Approve", exact=True)).to_be_in_viewport()
    page.get_by_label("Approve", exact=True).focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Ask for changes")).to_be_checked()


def test_links_of_the_client_lead_to_versions(open_as: Opened) -> None:
    page = open_as("bob", "/#/models/loan-scorer/versions/3")
    page.wait_for_url("**/models/credit/loan-scorer/versions/3")
    page.goto("/#/models/loan-scorer")
    page.wait_for_url("**/models/credit/loan-scorer")


def test_the_past_of_an_alias_is_one_form_away(open_as: Opened) -> None:
    page = open_as("bob", "/models/credit/loan-scorer")
    page.get_by_label("Date and time, UTC").fill("2020-01-01T12:00")
    page.get_by_role("button", name="Look up").click()
    expect(page.get_by_text("It pointed to nothing")).to_be_visible()


def test_the_palette_finds_models_and_requests(open_as: Opened) -> None:
    page = open_as("bob", "/")
    page.keyboard.press("Control+k")
    page.keyboard.type("loan-scorer v2")
    expect(page.get_by_role("option").first).to_contain_text("loan-scorer v2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/models/credit/loan-scorer/versions/2")
