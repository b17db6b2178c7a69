"""Finding one's way: links of the client, the runs table, the palette, theme and phone."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, Opened
from tests.browser.scenery_names import PASSWORD, RUNS
from tests.live.portal import Portal

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_link_of_the_client_survives_signing_in(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as(None, f"/#/experiments/{scenery['experiment']}/runs/{scenery['run']}")
    page.get_by_label("Login").fill("eve")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("not correct")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{page.url.split('/runs/')[0]}/runs/{scenery['run']}")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"run-{RUNS - 1:03}")


def test_link_of_the_client_opens_the_run(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("ann", f"/#/experiments/{scenery['experiment']}/runs/{scenery['run']}")
    page.wait_for_url(f"**/runs/{scenery['run']}")
    page = open_as("ann", f"/#/experiments/{scenery['experiment']}")
    page.wait_for_url(f"**/experiments/{scenery['experiment']}")


def test_runs_table_keeps_its_state_in_the_url(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("bob", f"/experiments/{scenery['experiment']}")
    rows = page.get_by_role("region", name="Runs").locator("tbody tr")
    expect(rows).to_have_count(50)
    page.get_by_role("region", name="Runs").evaluate("box => box.scrollTo(0, box.scrollHeight)")
    expect(rows).to_have_count(RUNS)
    page.get_by_label("Filter runs").fill("metrics.accuracy > 0.8 and params.depth = '4'")
    page.get_by_role("button", name="Filter").click()
    page.locator("#facets").get_by_role("link", name="finished").click()
    page.get_by_role("columnheader", name="accuracy").get_by_role("link").click()
    names = rows.locator("th a").all_inner_texts()
    assert names == sorted(names, reverse=True)
    assert names[0] == "run-057"
    page.reload()
    assert rows.locator("th a").all_inner_texts() == names
    expect(page.get_by_role("columnheader", name="accuracy")).to_have_attribute("aria-sort", "descending")
    expect(page.locator("#facets").get_by_role("link", name="finished")).to_have_attribute(
        "aria-current", "true"
    )


def test_wrong_filter_is_pointed_at(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("bob", f"/experiments/{scenery['experiment']}")
    page.get_by_label("Filter runs").fill("metrics.accuracy > 0.5 and colour.depth = '4'")
    page.get_by_role("button", name="Filter").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Invalid entity type")
    expect(alert.locator("mark")).to_have_text("colour")


def test_columns_can_be_chosen(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("bob", f"/experiments/{scenery['experiment']}")
    page.get_by_text("Columns").click()
    for name in ("loss", "val/auc", "lr"):
        page.get_by_role("checkbox", name=name).uncheck()
    page.get_by_role("button", name="Show these").click()
    heads = page.get_by_role("region", name="Runs").get_by_role("columnheader")
    expect(heads).to_have_text(["", "Run", "Status", "Owner", "Started ↓", "Duration", "accuracy", "depth"])


def test_name_and_pinned_columns_stay_while_the_rest_scrolls(
    open_as: Opened, scenery: dict[str, Any]
) -> None:
    fields = "params.depth metrics.accuracy metrics.loss params.lr attributes.status attributes.start_time"
    columns = "&".join(f"columns={field}" for field in fields.split())
    page = open_as("bob", f"/experiments/{scenery['experiment']}?{columns}&pinned=params.depth")
    page.set_viewport_size({"width": 800, "height": 700})
    box = page.get_by_role("region", name="Runs")
    box.evaluate("box => { box.scrollLeft = 1000; }")
    edge, scrolled = box.evaluate(
        "box => [box.getBoundingClientRect().left + box.clientLeft, box.scrollLeft]"
    )
    assert scrolled > 50, "there is something to scroll"
    for row in (box.locator("thead tr").last, box.locator("tbody tr").first):
        places = row.evaluate("row => [...row.cells].slice(0, 3).map(cell => cell.getBoundingClientRect())")
        assert [each["left"] for each in places] == pytest.approx(
            [edge, places[0]["right"], places[1]["right"]], abs=1
        )


def test_palette_is_driven_by_keys(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("bob", "/tokens")
    page.keyboard.press("Control+k")
    page.keyboard.type("run-01")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("run-019")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Search")).to_be_hidden()
    page.keyboard.press("Control+k")
    page.keyboard.type("scoring")
    page.keyboard.press("Enter")  # at once: the list still shows what was found before
    page.wait_for_url(f"**/experiments/{scenery['experiment']}")


def test_palette_finds_nothing_of_others(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("cleo", "/")
    for text in ("scoring", scenery["run"], "run-0"):
        answer = page.request.get("/search", params={"q": text}, headers={"Accept": "application/json"})
        assert answer.json() == {"results": []}


def test_theme_and_density_are_remembered(open_as: Opened) -> None:
    page = open_as("bob", "/experiments")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    page.get_by_role("button", name="Dense").click()
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    expect(page.locator("html")).to_have_attribute("data-density", "dense")


def test_phone_has_a_drawer_and_tables_scroll_inside(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("bob", f"/experiments/{scenery['experiment']}", size=NARROW)
    menu = page.get_by_role("navigation", name="Main")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    region = page.get_by_role("region", name="Runs")
    assert region.evaluate("box => box.scrollWidth > box.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", ["Views", "Group", "Columns"])
def test_boxes_of_the_bar_are_whole_on_a_phone(open_as: Opened, scenery: dict[str, Any], name: str) -> None:
    page = open_as("bob", f"/experiments/{scenery['experiment']}", size=NARROW)
    page.get_by_text(name, exact=True).first.click()
    box = page.locator("details[open] > .columns-box").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= NARROW["width"]


def test_first_tab_skips_to_the_content(open_as: Opened) -> None:
    page = open_as("bob", "/experiments")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_home_shows_a_new_run_without_reload(open_as: Opened, site: Portal, scenery: dict[str, Any]) -> None:
    page = open_as("ann", "/")
    with site.wire("ann") as wire:
        made = wire.json(
            "POST",
            "/api/2.0/mlflow/runs/create",
            {"experiment_id": str(scenery["empty"]), "run_name": "just-begun"},
        )
        assert made.status == 200
    expect(page.get_by_role("link", name="just-begun")).to_be_visible(timeout=15_000)


def test_hidden_tab_asks_for_nothing(open_as: Opened) -> None:
    page = open_as("ann", "/")
    page.evaluate(
        """() => {
            Object.defineProperty(document, "hidden", { value: true });
            document.dispatchEvent(new Event("visibilitychange"));
            document.addEventListener("htmx:beforeRequest", () => { document.title = "asked"; });
        }"""
    )
    page.wait_for_timeout(6_500)
    assert page.title() != "asked"
