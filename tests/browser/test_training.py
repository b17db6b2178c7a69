"""Trainings in a browser: the form with its specification beside it, a clone with a change, and a comparison."""

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opened
from tests.browser.test_accessibility import _problems
from tests.live.portal import Portal

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGES = [
    "/training", "/training?text=nothing-like-this", "/training/new", "/training/new?as=text", "/training/{training}",
    "/training/pipelines", "/training/pipelines?text=none", "/training/pipelines/new", "/training/pipelines/{pipeline}",
    "/training/pipelines/{pipeline}/edit", "/training/pipeline-runs/{pipeline_run}",
    "/training/{clone}", "/training/new?from={clone}", "/training/comparison?t={training}&t={clone}",
]  # fmt: skip


@pytest.fixture(scope="session")
def trained(site: Portal, scenery: dict[str, Any]) -> dict[str, Any]:
    """The scenery with two trainings."""
    found: dict[str, Any] = json.loads(site.run("-m", "tests.browser.training_scenery").splitlines()[-1])
    return found


@pytest.mark.parametrize("path", PAGES)
def test_pages_have_no_flaw(open_as: Opened, trained: dict[str, Any], path: str) -> None:
    page = open_as("ann", path.format(**trained))
    assert page.locator("main [style]").count() == 0
    assert _problems(page) == []


def test_a_training_is_asked_for_changed_and_compared(open_as: Opened, trained: dict[str, Any]) -> None:
    page = open_as("ann", "/training")
    page.get_by_role("link", name="New training").click()
    shown = page.locator("#specification")
    expect(shown).to_contain_text("bundled: iris")
    expect(page.get_by_label("Address")).to_be_hidden()
    page.get_by_text("Git repository", exact=True).click()
    page.get_by_label("Address").fill("bundled:diabetes")
    page.get_by_role("button", name="Add a parameter").click()
    page.get_by_label("Parameter 3", exact=True).fill("depth")
    page.get_by_label("Value of parameter 3").fill("3")
    expect(shown).to_contain_text("depth: 3")
    page.get_by_label("Memory").fill("much")
    page.get_by_role("button", name="Run it").click()
    expect(page.get_by_text("Such as 512Mi or 4Gi.", exact=True)).to_be_visible()
    assert _problems(page) == []
    page.get_by_label("Memory").fill("1Gi")
    page.get_by_role("button", name="Run it").dblclick()
    page.wait_for_url("**/training/*-*")
    expect(page.get_by_role("list", name="Steps")).to_contain_text("to come")
    page.get_by_role("button", name="Cancel training").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel training").click()
    expect(page.get_by_text("It is cancelled.")).to_be_visible()
    page.goto(f"/training/{trained['clone']}")
    page.get_by_role("link", name="Compare with original").click()
    expect(page.get_by_role("heading", name="Comparison")).to_be_visible()
    expect(page.get_by_text("+C = 2")).to_be_visible()
