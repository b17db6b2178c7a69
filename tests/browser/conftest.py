"""A real browser on a portal as it is deployed. Whatever a page writes to its console as an error fails the test."""

import json
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.browser.scenery_names import PASSWORD
from tests.live.fixtures import live_url
from tests.live.portal import Portal

__all__ = ["live_url"]

WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 390, "height": 844}
Opened = Callable[..., Page]


@pytest.fixture(scope="session")
def site(live_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal for the browser tests alone."""
    portal = Portal(f"{live_url}_browser", settings.REDIS_URL, tmp_path_factory.mktemp("site"))
    yield portal
    portal.close()


@pytest.fixture(scope="session")
def scenery(site: Portal) -> dict[str, Any]:
    """The ids of what there is to see."""
    found: dict[str, Any] = json.loads(site.run("-m", "tests.browser.scenery").splitlines()[-1])
    return found


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Package scope: while it lives, an event loop runs in this thread, and Django would refuse queries in it."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next((found for name in names if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("NO CHROMIUM: the browser tests did not run. Install it, on Debian: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def sessions() -> dict[str, Any]:
    """The cookies of those who have signed in, so that each person signs in once."""
    return {}


@pytest.fixture
def open_as(
    site: Portal, scenery: dict[str, Any], chromium: Browser, sessions: dict[str, Any]
) -> Iterator[Opened]:
    """Opens a page as a person; None is nobody. Fails at the end if a page reported an error."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # Chromium reports every 4xx answer as an error; those are asserted where they matter. That a script of an
        # artifact is kept from running is what should happen.
        is_expected = message.text.startswith("Failed to load resource") or (
            message.text.startswith("Blocked script execution in") and "/framed" in message.text
        )
        if message.type == "error" and not is_expected:
            errors.append(message.text)

    def open_page(person: str | None, path: str = "/", *, size: Any = None, theme: str = "light") -> Page:
        if person and person not in sessions:
            sessions[person] = _signed_in(chromium, site.uri, person)
        context = chromium.new_context(
            base_url=site.uri, viewport=size or WIDE, color_scheme=theme,  # type: ignore[arg-type]
            storage_state=sessions.get(person) if person else None,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def _signed_in(browser: Browser, uri: str, person: str) -> Any:
    context = browser.new_context(base_url=uri)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("Login").fill(person)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
    state = context.storage_state()
    context.close()
    return state
