"""Charts and comparisons in a browser: exact values, zoom in the address, hiding, smoothing, groups, files, keys."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def loss_of(page: Page) -> Locator:
    chart = page.locator('run-chart[key="loss"]')
    expect(chart.locator("canvas")).to_be_visible()
    return chart


def drag(chart: Locator, begin: float, end: float) -> None:
    box = chart.locator(".u-over").bounding_box()
    assert box is not None
    mouse, middle = chart.page.mouse, box["y"] + box["height"] / 2
    mouse.move(box["x"] + box["width"] * begin, middle)
    mouse.down()
    mouse.move(box["x"] + box["width"] * end, middle, steps=4)
    mouse.up()


def test_one_run_tells_exact_values_by_mouse_and_by_key(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("bob", f"/runs/{scenery['run']}/metrics")
    expect(page.locator("run-chart")).to_have_count(2)
    chart = loss_of(page)
    expect(chart.locator(".chart-value")).to_contain_text("step 119")
    chart.locator(".u-over").hover(position={"x": 0, "y": 40})
    expect(chart.locator(".chart-value")).to_have_text(re.compile(r"step 0\s+2"))
    chart.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(chart.locator(".chart-value")).not_to_contain_text("step 0 ")
    page.get_by_label("Log axis").check()
    expect(page).to_have_url(re.compile("log=1"))
    expect(chart.locator("canvas")).to_be_visible()


def test_a_zoom_is_kept_by_all_charts_and_by_the_address(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("bob", f"/runs/compare?run={scenery['run']}&run={scenery['spare']}&show=charts")
    with page.expect_response(lambda each: "key=val" in each.url and "from=" in each.url):
        drag(loss_of(page), 0.25, 0.5)
    expect(page).to_have_url(re.compile(r"from=2\d\.?\d*&to=5\d|from=2\d\.?\d*&to=6\d|from=3\d\.?\d*&to=6\d"))
    page.reload()
    loss_of(page)
    expect(page.get_by_role("button", name="Show all")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page).not_to_have_url(re.compile("from="))


def test_looks_are_in_the_address_and_runs_can_be_hidden(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as(
        "bob", f"/runs/compare?run={scenery['run']}&run={scenery['spare']}&show=charts&smooth=0.8&best=1"
    )
    chart = loss_of(page)
    expect(chart).to_have_attribute("drawn", "2")
    expect(page.locator(".chart-tools output")).to_have_text("0.80")
    page.get_by_role("button", name="run-000").click()
    expect(chart).to_have_attribute("drawn", "1")
    expect(page).to_have_url(re.compile(f"hide={scenery['spare']}"))
    page.get_by_role("button", name="run-000").click()
    page.get_by_label("Groups").select_option("depth")
    expect(chart).to_have_attribute("drawn", "2")
    expect(chart.locator(".chart-value")).to_have_text("2 groups")
    for axis in ("time", "relative", "metric:val/auc"):
        page.get_by_label("Across").select_option(axis)
        expect(page).to_have_url(re.compile(f"x={axis.replace(':', '%3A').replace('/', '%2F')}"))
        expect(chart.locator("canvas")).to_be_visible()


def test_a_chart_is_saved_as_csv_svg_and_png(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("bob", f"/runs/{scenery['run']}/metrics")
    loss_of(page)
    kept: dict[str, bytes] = {}
    for how in ("CSV", "SVG", "PNG"):
        page.get_by_label("Save or enlarge loss").click()
        with page.expect_download() as waiting:
            page.get_by_role("button", name=f"Save {how}").first.click()
        kept[how] = Path(waiting.value.path()).read_bytes()
        page.get_by_label("Save or enlarge loss").click()
    rows = list(csv.reader(io.StringIO(kept["CSV"].decode())))
    assert rows[0] == ["run", "name", "step", "loss"]
    assert (len(rows), rows[1][2:]) == (121, ["0", "2"])
    assert b"<path d=" in kept["SVG"]
    assert kept["PNG"].startswith(b"\x89PNG")


def test_runs_side_by_side(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("bob", f"/runs/compare?run={scenery['run']}&run={scenery['spare']}")
    metrics = page.get_by_role("region", name="Metrics that differ")
    accuracy = metrics.get_by_role("row", name="accuracy")
    expect(accuracy.locator("td.best")).to_contain_text("0.895")
    expect(accuracy.locator("td.worst")).to_contain_text("−0.295")
    metrics.get_by_label("Make run-000 the baseline").click()
    expect(accuracy.locator("td.best")).to_contain_text("+0.295")
    page.get_by_role("region", name="Metrics that differ").get_by_label("Leave run-000 out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare 1 run")
    page.goto("/runs/compare?run=" + "0" * 32)
    expect(page.get_by_text("No runs to compare")).to_be_visible()


def test_curves_over_one_another_tell_their_values_and_hide(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("ann", f"/runs/compare?run={scenery['run']}&run={scenery['spare']}&show=plots")
    overlay = page.locator("curve-overlay.ready").first
    drawing, values = overlay.locator("svg"), overlay.locator("output")
    drawing.focus()
    for _ in range(3):
        page.keyboard.press("PageUp")
    # The points of the files at 0.3: 1 - (1 - x) ** 4 and 1 - (1 - x) ** 2.
    expect(values.nth(0)).to_have_text("0.3 → 0.7599")
    expect(values.nth(1)).to_have_text("0.3 → 0.51")
    expect(overlay.locator(".overlay-said")).to_contain_text("0.3 → 0.51")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert overlay.get_by_role("button").first.get_attribute("aria-pressed") == "false"
    expect(overlay.locator("polyline").first).to_be_hidden()
    box = drawing.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.25)
    expect(values.nth(0)).to_have_text("")
    expect(values.nth(1)).to_have_text("0.5 → 0.75")
