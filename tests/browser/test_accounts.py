"""Tokens, members and experiments, changed by the people who may."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opened, People
from tests.live.portal import Portal
from tests.live.wire import Wire

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_token_is_shown_once_works_and_is_revoked(open_as: Opened, site: Portal) -> None:
    page = open_as("eve", "/tokens")
    page.get_by_role("link", name="New token").first.click()
    page.get_by_label("Name", exact=True).fill("nightly training")
    page.get_by_label("credit").check()
    page.get_by_role("button", name="Make the token").click()
    secret = page.locator("#secret").inner_text()
    expect(page.locator("#snippet")).to_contain_text(f"MLFLOW_TRACKING_TOKEN={secret}")
    assert _status(site, secret) == 200
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy The token").click()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    page.goto("/tokens")
    assert secret not in page.content()
    page.get_by_role("button", name="Revoke nightly training").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("row", name="nightly training")).to_contain_text("revoked")
    assert _status(site, secret) == 401


def test_members_come_and_go_but_the_last_maintainer_stays(open_as: Opened) -> None:
    page = open_as("ann", "/workspaces/credit/members")
    page.get_by_label("User name or e-mail").fill("cleo@example.com")
    page.get_by_label("Role").select_option("viewer")
    page.get_by_role("button", name="Add").click()
    row = page.get_by_role("row", name="cleo")
    expect(row).to_contain_text("viewer")
    row.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
    page.get_by_role("row", name="ann").get_by_role("button", name="Remove").click()
    expect(page.locator(".toast")).to_contain_text("last maintainer")
    expect(page.get_by_role("row", name="ann")).to_be_visible()


def test_experiment_is_made_deleted_and_restored(open_as: Opened) -> None:
    page = open_as("ann", "/experiments")
    page.get_by_role("link", name="New experiment").first.click()
    page.get_by_label("Name").fill("scoring")
    page.get_by_role("button", name="Make the experiment").click()
    expect(page.get_by_text("already exists")).to_be_visible()
    page.get_by_label("Name").fill("second thoughts")
    page.get_by_role("button", name="Make the experiment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("second thoughts")
    expect(page.get_by_text("No runs yet")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("link", name="second thoughts")).to_have_count(0)
    page.get_by_role("link", name="deleted", exact=True).click()
    page.get_by_role("button", name="Restore second thoughts").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("second thoughts")


def test_list_of_experiments_filters_while_typing(open_as: Opened) -> None:
    page = open_as("bob", "/experiments")
    page.get_by_label("Filter experiments").press_sequentially("untou")
    expect(page.get_by_role("link", name="scoring")).to_have_count(0)
    expect(page.get_by_role("link", name="untouched")).to_be_visible()
    assert "q=untou" in page.url


def test_forms_work_without_scripts(people: People, heard_errors: list[str]) -> None:
    page = people.page_new("ann", java_script_enabled=False)
    page.goto("/experiments")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("searchbox", name="Search pages").fill("scoring")
    page.keyboard.press("Enter")
    page.locator("main").get_by_role("link", name="scoring").click()
    expect(page.get_by_role("region", name="Runs").locator("tbody tr")).to_have_count(50)
    page.context.close()


def _status(site: Portal, secret: str) -> int:
    with Wire(site.port, token=secret) as wire:
        return wire.send("GET", "/api/2.0/mlflow/experiments/search?max_results=1").status
