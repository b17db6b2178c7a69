"""The page of a job while it runs: its log and its progress go on by themselves, and stop when it has ended."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, Opened
from tests.browser.test_accessibility import _problems
from tests.live.portal import Portal

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PROGRAM = "tests.browser.logged_job"


def test_a_log_is_followed_to_its_end(open_as: Opened, site: Portal) -> None:
    job = site.run("-m", PROGRAM, "begin").split()[-1]
    page = open_as("bob", f"/jobs/{job}", size=NARROW)
    log, bars = page.get_by_role("log"), page.locator("job-progress")
    expect(log).to_have_text("hello <b>world</b>\n 20% of it", use_inner_text=True)
    expect(bars).to_contain_text("20 of 100 row")
    site.run("-m", PROGRAM, "more", job)
    expect(log).to_contain_text("hello <b>world</b>\n 90% of it\nand more", use_inner_text=True)
    expect(bars).to_contain_text("90 of 100 row")
    assert "20%" not in log.inner_text()
    site.run("-m", PROGRAM, "end", job)
    expect(page.get_by_text("The log is complete.")).to_be_visible(timeout=20_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.reload()
    expect(log).to_contain_text("and more", use_inner_text=True)
    assert _problems(open_as("bob", f"/jobs/{job}", theme="dark")) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == f"job-{job}-1.log"
