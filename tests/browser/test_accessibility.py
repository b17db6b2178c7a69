"""Every page, in both themes and both widths: axe-core finds nothing, and nothing sticks out sideways."""

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.conftest import NARROW, WIDE, Opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
ALL_ELSE = {"rules": {"color-contrast": {"enabled": False}}}
SIGNED_OUT = ["/accounts/login/", "/accounts/password/reset/"]
SIGNED_IN = [
    "/", "/experiments", "/experiments?q=nothing-like-this", "/experiments?view=deleted", "/experiments/new",
    "/experiments/{experiment}", "/experiments/{experiment}?order_by=metrics.accuracy+DESC&status=FINISHED",
    "/experiments/{experiment}?filter=metrics.accuracy+%3E%3E+1", "/experiments/{experiment}?view=deleted",
    "/runs?tree=1", "/experiments/{experiment}?group_by=params.depth",
    "/experiments/{empty}", "/experiments/{experiment}/overview", "/experiments/{empty}/overview",
    "/runs/{run}/lineage", "/runs/compare?run={run}&run={spare}&show=plots", "/runs/{run}",
    "/runs/{run}/metrics", "/runs/{run}/params", "/runs/{run}/tags",
    "/runs/{run}/datasets", "/runs/{run}/models", "/runs/{run}/artifacts", "/runs/{run}/artifacts?file=scores.csv",
    "/runs/{run}/artifacts?file=curve.png", "/runs/{run}/artifacts?file=report.html", "/runs/{run}/audit",
    "/runs/compare?run={run}&run={spare}", "/runs/compare?run={run}&run={spare}&show=charts",
    "/runs/compare?run={run}&run={spare}&run={fitted}&show=set", "/runs/compare?run={run}&run={spare}&show=code",
    "/workspaces/credit/storage", "/reports", "/reports/new", "/reports/{report}", "/reports/{report}/edit",
    "/runs/compare?run={run}&run={spare}&show=files", "/runs/compare?run={run}&run={spare}&show=files&path=scores.csv",
    "/runs/compare?run={run}&run={spare}&show=files&path=scores.csv&by=id", "/reports/{report}?version=1",
    "/collections/{collection}", "/workspaces/credit/imports", "/imports/{import}",
    "/tokens", "/tokens/new", "/secrets", "/workspaces", "/workspaces/credit/members", "/audit", "/audit/run/{run}",
    "/models", "/models?q=nothing-like-this", "/models?kind=prompts", "/models/credit/loan-scorer",
    "/models/credit/loan-scorer/at?alias=champion&at=2026-01-01", "/models/credit/loan-scorer/versions/4",
    "/models/credit/loan-scorer/versions/4?alias=challenger", "/models/credit/loan-scorer/versions/4/files",
    "/models/credit/loan-scorer/versions/4/card", "/models/credit/loan-scorer/versions/4/card/edit",
    "/models/credit/loan-scorer/versions/4/evidence", "/models/credit/loan-scorer/versions/4/lineage",
    "/models/credit/loan-scorer/versions/4/approvals", "/models/credit/loan-scorer/versions/4/audit",
    "/lineage/version:{version_id}", "/runs/{fitted}/register", "/inbox", "/approvals", "/approvals?view=all",
    "/approvals/{asked}", "/waivers", "/waivers?view=granted", "/waivers/{waiver}", "/delegations",
    "/policies", "/policies/new", "/policies/{policy}", "/policies/{policy}/versions/2", "/findings",
    "/findings?view=closed", "/findings/{finding}", "/systems", "/systems/new", "/systems/{system}",
    "/systems/{system}/record", "/systems/{system}/details",
    "/datasets", "/datasets?text=nothing-like-this", "/datasets/new", "/datasets/credit/applicants",
    "/datasets/credit/applicants/versions/2?with=1", "/data-checks/{check}", "/model-evaluations/{evaluation}",
    "/models/credit/loan-scorer/versions/4/evaluations", "/models/credit/loan-scorer/versions/4/evaluations/new",
    "/training/sweeps", "/training/sweeps/new", "/training/sweeps/{sweep}", "/training/sweeps/{sweeping}",
    "/scorings", "/scorings/{scored}", "/models/credit/loan-scorer/versions/4/score",
    "/endpoints", "/endpoints/risk-scores", "/endpoints/risk-scores/deploy",
    "/monitors", "/monitors?endpoint=risk-scores", "/endpoints/risk-scores/monitors/new", "/monitors/{drift}",
    "/monitors/{drift}/edit", "/monitors/{right}", "/alerts", "/alerts/{alert}", "/systems/{system}/plan",
    "/search?q=run", "/search?q=nothing-like-this", "/nothing-here",
    "/accounts/2fa/", "/accounts/password/change/", "/accounts/logout/",
]  # fmt: skip


@pytest.mark.parametrize("path", SIGNED_OUT)
def test_page_for_nobody(visit_as: Opened, path: str) -> None:
    assert _problems(visit_as(None, path)) == []


@pytest.mark.parametrize("path", SIGNED_IN)
def test_page(visit_as: Opened, scenery: dict[str, Any], path: str) -> None:
    page = visit_as("ann", path.format(**scenery))
    if path.endswith(("/metrics", "=charts")):
        page.locator("canvas").first.wait_for()
    assert page.locator("main [style]:not(run-chart *)").count() == 0
    assert _problems(page) == []


@pytest.mark.parametrize("path", ["/approvals/{asked}", "/inbox", "/models/credit/loan-scorer/versions/3"])
def test_page_of_an_approver(visit_as: Opened, scenery: dict[str, Any], path: str) -> None:
    assert _problems(visit_as("dia", path.format(**scenery))) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_open_parts_have_no_violations(open_as: Opened, scenery: dict[str, Any], theme: str) -> None:
    page = open_as("ann", f"/experiments/{scenery['experiment']}", theme=theme)
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_role("option").first.wait_for()
    assert _axe(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete").first.click()
    page.get_by_role("dialog").wait_for()
    assert _axe(page) == []
    page.keyboard.press("Escape")
    page.get_by_text("Columns").click()
    assert _axe(page) == []
    page.set_viewport_size(NARROW)
    page.get_by_role("button", name="Menu").click()
    assert _axe(page) == []


def _problems(page: Page) -> list[str]:
    """What is wrong with a page: each width and each theme once; colours do not depend on the width.

    To tell colours apart is most of the work, so each theme has that done once.
    """
    found = []
    for size, theme, rules in ((WIDE, "dark", CONTRAST), (WIDE, "light", {}), (NARROW, "light", ALL_ELSE)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        found += [f"{size['width']} {theme}: {problem}" for problem in _axe(page, rules)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{size['width']} {theme}: the page scrolls sideways")
    return found


def _axe(page: Page, rules: dict[str, Any] | None = None) -> list[str]:
    """What axe-core finds; of a table it looks at twelve rows, as the others are of the same template."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    violations = page.evaluate(
        "rules => axe.run({ include: [['html']], exclude: [['tbody tr:nth-child(n+13)']] },"
        " { resultTypes: ['violations'], preload: false, ...rules })"
        ".then(found => found.violations)",
        rules or {},
    )
    return [
        f"{each['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for each in violations
        for node in each["nodes"][:3]
    ]
