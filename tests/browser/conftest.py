"""A real browser on a portal as it is deployed. Whatever a page writes to its console as an error fails the test."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.browser.chromium import chromium_launch, chromium_program
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
    if chromium_program() is None:
        pytest.skip("NO CHROMIUM: the browser tests did not run. Install it, on Debian: apt install chromium")
    with sync_playwright() as playwright:
        browser = chromium_launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def people(site: Portal, scenery: dict[str, Any], chromium: Browser) -> "People":
    """Who uses the browser."""
    return People(site.uri, chromium)


class People:
    """Opens pages as a person; None is nobody. Each person signs in once."""

    def __init__(self, uri: str, browser: Browser) -> None:
        self._uri = uri
        self._browser = browser
        self._sessions: dict[str, Any] = {}
        self._kept: dict[str | None, Page] = {}
        self.errors: list[str] = []

    def page_new(self, person: str | None, size: Any = None, theme: str = "light", **more: Any) -> Page:
        """An empty page of a browser that has seen nothing of the portal but this person's sign-in."""
        context = self._browser.new_context(
            base_url=self._uri, viewport=size or WIDE, color_scheme=theme,  # type: ignore[arg-type]
            storage_state=self._session(person) if person else None, **more,
        )  # fmt: skip
        page = context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page

    def page_kept(self, person: str | None) -> Page:
        """The person's one page, with what the browser kept of earlier visits: a new browser takes a second each."""
        if person not in self._kept:
            self._kept[person] = self.page_new(person)
        return self._kept[person]

    def _note(self, message: ConsoleMessage) -> None:
        # Chromium reports every 4xx answer as an error; those are asserted where they matter. That a script of an
        # artifact is kept from running is what should happen.
        is_expected = message.text.startswith("Failed to load resource") or (
            message.text.startswith("Blocked script execution in") and "/framed" in message.text
        )
        if message.type == "error" and not is_expected:
            self.errors.append(message.text)

    def _session(self, person: str) -> Any:
        if person not in self._sessions:
            self._sessions[person] = _signed_in(self._browser, self._uri, person)
        return self._sessions[person]


@pytest.fixture
def heard_errors(people: People) -> Iterator[list[str]]:
    """Fails at the end if a page reported an error meanwhile."""
    people.errors.clear()
    yield people.errors
    assert people.errors == []


@pytest.fixture
def open_as(people: People, heard_errors: list[str]) -> Iterator[Opened]:
    """Opens a page as a person, in a browser of its own."""
    opened: list[BrowserContext] = []

    def open_page(person: str | None, path: str = "/", *, size: Any = None, theme: str = "light") -> Page:
        page = people.page_new(person, size, theme)
        opened.append(page.context)
        page.goto(path)
        return page

    yield open_page
    for context in opened:
        context.close()


@pytest.fixture
def visit_as(people: People, heard_errors: list[str]) -> Opened:
    """Opens a page as a person in the page that they have open, for tests that change nothing."""

    def visit(person: str | None, path: str) -> Page:
        page = people.page_kept(person)
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        page.emulate_media(color_scheme="light")
        page.goto(path)
        return page

    return visit


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
