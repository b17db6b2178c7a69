"""Every page, in both themes and both widths: axe-core finds nothing, and nothing sticks out sideways."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import NARROW, WIDE, Opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIGNED_OUT = ["/accounts/login/", "/accounts/password/reset/"]
SIGNED_IN = [
    "/", "/experiments", "/experiments?q=nothing-like-this", "/experiments?view=deleted", "/experiments/new",
    "/experiments/{experiment}", "/experiments/{experiment}?order_by=metrics.accuracy+DESC&status=FINISHED",
    "/experiments/{experiment}?filter=metrics.accuracy+%3E%3E+1", "/experiments/{experiment}?view=deleted",
    "/experiments/{empty}", "/runs/{run}", "/runs/{run}/metrics", "/runs/{run}/params", "/runs/{run}/tags",
    "/runs/{run}/datasets", "/runs/{run}/models", "/runs/{run}/artifacts", "/runs/{run}/artifacts?file=scores.csv",
    "/runs/{run}/artifacts?file=curve.png", "/runs/{run}/artifacts?file=report.html", "/runs/{run}/audit",
    "/tokens", "/tokens/new", "/workspaces", "/workspaces/credit/members", "/audit", "/audit/run/{run}", "/search?q=run",
    "/search?q=nothing-like-this", "/nothing-here", "/accounts/2fa/", "/accounts/password/change/", "/accounts/logout/",
]  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1440", "390"])
def test_pages_have_no_violations(open_as: Opened, scenery: dict[str, Any], size: Any, theme: str) -> None:
    page = open_as(None, SIGNED_OUT[0], size=size, theme=theme)
    found = _problems(page, SIGNED_OUT)
    page = open_as("ann", "/", size=size, theme=theme)
    found += _problems(page, [path.format(**scenery) for path in SIGNED_IN])
    assert found == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_open_parts_have_no_violations(open_as: Opened, scenery: dict[str, Any], theme: str) -> None:
    page = open_as("ann", f"/experiments/{scenery['experiment']}", theme=theme)
    page.keyboard.press("Control+k")
    page.get_by_role("option").first.wait_for()
    assert _axe(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").wait_for()
    assert _axe(page) == []
    page.keyboard.press("Escape")
    page.get_by_text("Columns").click()
    assert _axe(page) == []
    page.set_viewport_size(NARROW)
    page.get_by_role("button", name="Menu").click()
    assert _axe(page) == []


def _problems(page: Page, paths: list[str]) -> list[str]:
    found = []
    for path in paths:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        found += [f"{path}: {problem}" for problem in _axe(page)]
        too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if too_wide > 0:
            found.append(f"{path}: sticks out by {too_wide} px")
        if page.locator("[style]").count() and "/metrics" not in path:
            found.append(f"{path}: has inline styles")
    return found


def _axe(page: Page) -> list[str]:
    answer = Axe().run(page, options={"resultTypes": ["violations"]})
    return [
        f"{each['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for each in answer.response["violations"]
        for node in each["nodes"][:3]
    ]
