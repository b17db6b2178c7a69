"""The page of a run: charts, notes, names, artifacts, deleting; and what a viewer does not get."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_run_is_renamed_and_the_trail_says_so(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("ann", f"/runs/{scenery['spare']}")
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Name", exact=True).fill("first <b>try</b>")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("first <b>try</b>")
    page.get_by_role("link", name="Audit", exact=True).click()
    entry = page.get_by_role("row", name="experiments.run.update").first
    expect(entry).to_contain_text("first <b>try</b>")
    expect(entry).to_contain_text("ann")


def test_notes_are_markdown_that_cannot_run(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("ann", f"/runs/{scenery['run']}")
    prose = page.locator(".prose")
    expect(prose.locator("strong")).to_have_text("Good enough")
    expect(prose).to_contain_text("<script>alert(1)</script>")
    assert prose.locator("script").count() == 0
    page.get_by_text("Edit", exact=True).click()
    page.get_by_label("Notes in Markdown").fill(
        "[click](javascript:alert(1)) and ![x](https://tracker.example/x.png) *new*"
    )
    page.get_by_role("button", name="Save notes").click()
    expect(prose.locator("em")).to_have_text("new")
    assert prose.locator("img, a[href^=javascript]").count() == 0


def test_run_is_deleted_and_restored(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("ann", f"/runs/{scenery['spare']}")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("This run is deleted.")).to_be_visible()
    page.goto(f"/experiments/{scenery['experiment']}?view=deleted")
    expect(page.get_by_role("region", name="Runs").locator("tbody tr")).to_have_count(1)
    page.goto(f"/runs/{scenery['spare']}")
    page.get_by_role("button", name="Restore").click()
    expect(page.locator(".toast")).to_contain_text("restored")
    expect(page.get_by_role("button", name="Rename")).to_be_visible()


def test_artifacts_are_shown_but_never_run(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("bob", f"/runs/{scenery['run']}/artifacts")
    page.get_by_role("link", name="report.html").click()
    expect(page.frame_locator(".preview iframe").get_by_role("heading", name="report")).to_be_visible()
    assert "owned" not in page.title() + page.frames[1].title()
    framed = page.request.get(f"/runs/{scenery['run']}/framed", params={"path": "report.html"})
    assert framed.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert page.request.get(f"/runs/{scenery['run']}/framed", params={"path": "picture.svg"}).status == 404
    page.get_by_role("link", name="scores.csv").click()
    expect(page.get_by_role("columnheader", name="score")).to_be_visible()
    page.get_by_role("link", name="curve.png").click()
    assert (
        page.locator(".preview img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 40
    )
    page.get_by_role("link", name="model/").click()
    expect(page.get_by_role("link", name="weights.bin")).to_be_visible()
    for name in ("report.html", "picture.svg", "model/weights.bin"):
        answer = page.request.get(f"/runs/{scenery['run']}/file", params={"path": name})
        assert answer.status == 200
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert "sandbox" in answer.headers["content-security-policy"]


def test_paths_out_of_the_artifacts_are_refused(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("bob", "/")
    for path in ("../../secret", "%2e%2e/x", "/etc/passwd", "a/../../b", "..\\x"):
        for address in (f"/runs/{scenery['run']}/file?path=", f"/runs/{scenery['run']}/artifacts?file="):
            assert page.request.get(address + path).status == 400
    assert page.request.get(f"/runs/{scenery['run']}/file?path=absent.txt").status == 404


def test_viewer_reads_and_changes_nothing(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("bob", f"/runs/{scenery['run']}")
    for name in ("Rename", "Delete", "Save notes"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    page.goto("/workspaces/credit/members")
    expect(page.get_by_role("button", name="Remove")).to_have_count(0)
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    answer = page.request.post(
        f"/runs/{scenery['run']}/rename", form={"name": "mine", "csrfmiddlewaretoken": token},
        headers={"Referer": page.url},
    )  # fmt: skip
    assert "needs the role" in answer.text()
    page.goto(f"/runs/{scenery['run']}")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("mine")


def test_outsider_gets_the_same_answer_as_for_nothing(open_as: Opened, scenery: dict[str, Any]) -> None:
    page = open_as("cleo", "/")
    hidden = [f"/experiments/{scenery['experiment']}", f"/runs/{scenery['run']}", f"/runs/{scenery['run']}/metrics",
              f"/runs/curves?run={scenery['run']}&key=loss", f"/runs/{scenery['run']}/file?path=scores.csv",
              "/workspaces/credit/members"]  # fmt: skip
    for path in hidden:
        assert page.request.get(path).status == 404, path
    absent = page.request.get(f"/runs/{'0' * 32}")
    there = page.request.get(f"/runs/{scenery['run']}")
    assert _without_ids(absent.text()) == _without_ids(there.text())


def _without_ids(html: str) -> list[str]:
    ours = ("csrf", "Request", "with id=", 'name="next"')
    return [line for line in html.splitlines() if not any(word in line for word in ours)]
