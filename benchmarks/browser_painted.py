"""The runs table in a browser beside MLflow's own and Aim's: `python -m benchmarks.browser_painted [--runs N …]`.

The portal and MLflow are started with a database of their own in one PostgreSQL, with the same runs, Aim (with `--aim`, and
at most 1,000 runs) with as many of its own; they are opened in turn by the same Chromium on the same machine. *First visit*
has an empty cache, *again* is the same address in the same tab once more. The tab is open before: what a browser does for a
window of its own is over when a page is asked for. Painted is the time from the start of the navigation until the frame
after the one with the first row of runs. Nothing else runs in the page meanwhile; the browser is asked from outside. Bytes
are those of the answers as they came over the wire, heads included; the portal's files are collected as in production.
"""

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from benchmarks.browser_aim import MOST_RUNS, aim_served
from benchmarks.client import Client
from benchmarks.deployed import PLACE, files_collect
from benchmarks.scenarios import API
from benchmarks.seed import portal_seed, stock_seed
from benchmarks.servers import addresses
from tests.browser.chromium import chromium_launch
from tests.browser.scenery_names import PASSWORD
from tests.live.databases import beside
from tests.live.portal import Portal
from tests.live.stock import Stock

_Visit = dict[str, float]
ROUNDS, STOCK_WORKERS, WAIT_SECONDS, SETTLE_MS = 7, 2, 120, 1_500
# When the first row was drawn: looked for at each frame, and told at the next one, when it is on the screen.
_WATCH = """
(() => {
  const find = () => {
    const row = document.querySelector("%(row)s");
    if (row && row.getClientRects().length) requestAnimationFrame(() => { window.paintedAt = performance.now(); });
    else requestAnimationFrame(find);
  };
  requestAnimationFrame(find);
})();
"""
_PEOPLE = """
import django
django.setup()
from django.contrib.auth import get_user_model
user = get_user_model().objects.get(username="ann")
user.set_password("{password}")
user.save()
"""
# A row of runs: in the portal's table, in the grid of MLflow's page, in that of Aim's.
_ROWS = {
    "portal": "table.runs tbody tr[data-run]",
    "MLflow": "[role=row] a[href*='/runs/']",
    "Aim": "a[href^='/runs/']",
}


def main() -> None:
    options = _options()
    lines = [
        "# Runs in a browser, beside MLflow's own page and Aim's", "",
        f"{os.cpu_count()} cores, Python {platform.python_version()}, Chromium headless on the same machine. Median (and worst) "
        f"of {ROUNDS}; `python -m benchmarks.browser_painted`. *Painted*: from the start of the navigation until the first row "
        "of runs is on the screen.", "",
    ]  # fmt: skip
    for runs in options.runs:
        lines += _measured(options, runs)
    Path(options.output).write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


def _measured(options: argparse.Namespace, runs: int) -> list[str]:
    """The part of the report on so many runs, on servers of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-painted-")))
        database, redis = stack.enter_context(addresses(options.database, options.redis))
        stock = stack.enter_context(
            closing(Stock(beside(database, "stock_painted"), folder, workers=STOCK_WORKERS))
        )
        files_collect(folder)
        portal = stack.enter_context(
            closing(Portal(beside(database, "portal_painted"), redis, folder, settings=PLACE))
        )
        pages = _pages(portal, stock, runs)
        if options.aim and runs <= MOST_RUNS:
            pages["Aim"] = stack.enter_context(aim_served(options.environments, folder, runs))
        load = f"{os.getloadavg()[0]:.1f}"
        found = _rounds(portal, pages)
    return [
        f"## {runs:,} runs", "", f"Load average {load} at the start.", "",
        "| page | first visit, painted ms | kB | requests | again, painted ms | kB |", "|---|---:|---:|---:|---:|---:|",
        *[_line(name, rounds) for name, rounds in found.items()], "",
    ]  # fmt: skip


def _pages(portal: Portal, stock: Stock, runs: int) -> dict[str, str]:
    """The addresses of the same runs in the portal and in MLflow."""
    portal.run("-c", _PEOPLE.format(password=PASSWORD))
    ours, theirs = _experiment(Client(portal.port, portal.token("ann"))), _experiment(Client(stock.port))
    portal_seed(portal.url, ours, runs)
    stock_seed(stock.url, theirs, runs)
    return {
        "portal": f"{portal.uri}/experiments/{ours}",
        "MLflow": f"http://127.0.0.1:{stock.port}/#/experiments/{theirs}/runs",
    }


def _rounds(portal: Portal, pages: Mapping[str, str]) -> dict[str, list[tuple[_Visit, _Visit]]]:
    """First visits and second ones, the pages in turn."""
    found: dict[str, list[tuple[_Visit, _Visit]]] = {name: [] for name in pages}
    with sync_playwright() as playwright:
        browser = chromium_launch(playwright)
        cookies = _signed_in(browser, portal)
        for _ in range(ROUNDS):
            for name, address in pages.items():
                with browser.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True) as context:
                    if name == "portal":
                        context.add_cookies(cookies)
                    found[name].append(_visits(context, name, address))
        browser.close()
    return found


def _visits(context: BrowserContext, name: str, address: str) -> tuple[_Visit, _Visit]:
    page = context.new_page()
    page.add_init_script(_WATCH % {"row": _ROWS[name]})
    link = context.new_cdp_session(page)
    link.send("Network.enable")
    return _visit(page, link, address), _visit(page, link, address)


def _visit(page: Page, link: CDPSession, address: str) -> _Visit:
    """Milliseconds until the first row, and what came over the wire until a while after it."""
    page.goto("about:blank")
    page.wait_for_timeout(SETTLE_MS)
    wire = {"bytes": 0.0, "requests": 0.0}
    count = _counter(wire)
    link.on("Network.loadingFinished", count)
    page.goto(address, wait_until="commit")
    painted = _painted(page, link)
    page.wait_for_timeout(SETTLE_MS)  # not until the network is idle: pages ask for news
    link.remove_listener("Network.loadingFinished", count)
    return wire | {"painted": painted}


def _painted(page: Page, link: CDPSession) -> float:
    """Asked without a script of the driver, which would have to be loaded into the page first."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        page.wait_for_timeout(200)
        value = link.send("Runtime.evaluate", {"expression": "window.paintedAt ?? 0"})["result"]["value"]
        if value:
            return float(value)
    raise RuntimeError(f"no row on {page.url} after {WAIT_SECONDS} s")


def _counter(wire: dict[str, float]) -> Callable[[dict[str, Any]], None]:
    def count(event: dict[str, Any]) -> None:
        wire["bytes"] += event["encodedDataLength"]
        wire["requests"] += 1

    return count


def _signed_in(browser: Browser, portal: Portal) -> list[Any]:
    with browser.new_context(base_url=portal.uri) as context:
        page: Page = context.new_page()
        page.goto("/accounts/login/")
        page.get_by_label("Login").fill("ann")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/")
        return list(context.cookies())


def _line(name: str, rounds: list[tuple[_Visit, _Visit]]) -> str:
    cells = []
    for place, fields in ((0, ("painted", "bytes", "requests")), (1, ("painted", "bytes"))):
        for field in fields:
            values = [each[place][field] / (1000 if field == "bytes" else 1) for each in rounds]
            middle = f"{statistics.median(values):,.0f}"
            cells.append(f"{middle} ({max(values):,.0f})" if field == "painted" else middle)
    return f"| {name} | {' | '.join(cells)} |"


def _experiment(client: Client) -> str:
    answer = client.json("POST", f"{API}/experiments/create", {"name": "painted"})
    client.close()
    return str(answer["experiment_id"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument(
        "--aim", action="store_true", help="beside Aim too, in an environment that is built for it"
    )
    parser.add_argument(
        "--environments",
        type=Path,
        default=Path(".data/bench-environments").resolve(),
        help="where environments are kept",
    )
    parser.add_argument("--database", help="any database of a server that runs already; else one is started")
    parser.add_argument("--redis")
    parser.add_argument("--output", default="benchmarks/PAINTED.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
