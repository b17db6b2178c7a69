"""The runs table in a browser beside MLflow's own: `python -m benchmarks.browser_painted [--runs N]`.

Both servers are started with a database of their own in one PostgreSQL, with the same runs, and are opened in turn by the
same Chromium on the same machine. *First visit* has an empty cache, *again* is the same address in the same browser once
more. Painted is the time from the start of the navigation until the first row of runs has been drawn in a frame. Bytes are
those of the answers as they came over the wire, heads included; the portal's files are collected as in production.
"""

import argparse
import os
import platform
import shutil
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from benchmarks.client import Client
from benchmarks.deployed import PLACE, files_collect
from benchmarks.scenarios import API
from benchmarks.seed import portal_seed, stock_seed
from benchmarks.servers import addresses
from tests.browser.scenery_names import PASSWORD
from tests.live.databases import beside
from tests.live.portal import Portal
from tests.live.stock import Stock

ROUNDS, STOCK_WORKERS, WAIT_MS, SETTLE_MS = 5, 2, 60_000, 1_500
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
# A row of runs: in the portal's table, and in the grid of MLflow's page.
_ROWS = {"portal": "table.runs tbody tr[data-run]", "MLflow": "[role=row] a[href*='/runs/']"}


def main() -> None:
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="portal-painted-"))
    with addresses(options.database, options.redis) as (database, redis):
        stock = Stock(beside(database, "stock_painted"), folder, workers=STOCK_WORKERS)
        try:
            files_collect(folder)
            portal = Portal(beside(database, "portal_painted"), redis, folder, settings=PLACE)
            try:
                lines = _report(portal, stock, options.runs)
            finally:
                portal.close()
        finally:
            stock.close()
            shutil.rmtree(folder, ignore_errors=True)
    Path(options.output).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def _report(portal: Portal, stock: Stock, runs: int) -> list[str]:
    portal.run("-c", _PEOPLE.format(password=PASSWORD))
    ours, theirs = _experiment(Client(portal.port, portal.token("ann"))), _experiment(Client(stock.port))
    portal_seed(portal.url, ours, runs)
    stock_seed(stock.url, theirs, runs)
    pages = {
        "portal": f"{portal.uri}/experiments/{ours}",
        "MLflow": f"http://127.0.0.1:{stock.port}/#/experiments/{theirs}/runs",
    }
    lines = [
        f"# {runs:,} runs in a browser, beside MLflow's own page", "",
        f"{os.cpu_count()} cores, Python {platform.python_version()}, Chromium headless on the same machine; load average "
        f"{os.getloadavg()[0]:.1f} at the start. Median (and worst) of {ROUNDS}; `python -m benchmarks.browser_painted`. "
        "*Painted*: from the start of the navigation until the first row of runs is on the screen.", "",
        "| page | first visit, painted ms | kB | requests | again, painted ms | kB |", "|---|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        cookies = _signed_in(browser, portal)
        found: dict[str, list[tuple[dict[str, float], dict[str, float]]]] = {name: [] for name in pages}
        for _ in range(ROUNDS):
            for name, address in pages.items():
                with browser.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True) as context:
                    if name == "portal":
                        context.add_cookies(cookies)
                    found[name].append((_visit(context, name, address), _visit(context, name, address)))
        browser.close()
    return lines + [_line(name, rounds) for name, rounds in found.items()]


def _visit(context: BrowserContext, name: str, address: str) -> dict[str, float]:
    """Milliseconds until the first row, and what came over the wire until a while after it."""
    page = context.new_page()
    page.add_init_script(_WATCH % {"row": _ROWS[name]})
    wire = {"bytes": 0.0, "requests": 0.0}
    link = context.new_cdp_session(page)
    link.send("Network.enable")
    link.on("Network.loadingFinished", _counter(wire))
    page.goto(address, wait_until="commit")
    page.wait_for_function("window.paintedAt > 0", timeout=WAIT_MS)
    painted = page.evaluate("window.paintedAt")
    page.wait_for_timeout(SETTLE_MS)  # not until the network is idle: pages ask for news
    page.close()
    return wire | {"painted": painted}


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


def _line(name: str, rounds: list[tuple[dict[str, float], dict[str, float]]]) -> str:
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
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--database", help="any database of a server that runs already; else one is started")
    parser.add_argument("--redis")
    parser.add_argument("--output", default="benchmarks/PAINTED.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
