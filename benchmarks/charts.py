"""Charts of 20 runs in a browser: `python -m benchmarks.charts [--points N]`, on a portal and a database of its own.

PostgreSQL makes the points itself: noise on a falling curve, with one spike; of the long curves two are made and copied
to the other runs. What is measured: the time from the start of the navigation until every line stands on the canvas, of
which the answer of `/runs/curves` is one part; the same for a zoom; and the server's time for the pages of a comparison.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from playwright.sync_api import Page, sync_playwright

from benchmarks.charts_seed import SPIKE_AT, curve_seed
from benchmarks.deployed import PLACE, files_collect
from benchmarks.growth import growth_report
from benchmarks.servers import addresses
from tests.browser.chromium import chromium_launch
from tests.browser.scenery_names import PASSWORD
from tests.live.databases import beside, database_drop
from tests.live.portal import Portal
from tests.template import copy_make

RUNS, SHORT = 20, 10_000
ROUNDS = 7
KEYS = ("short", "long")
_PEOPLE = """
from django.contrib.auth import get_user_model
for user in get_user_model().objects.filter(username="ann"):
    user.set_password("{password}")
    user.save()
"""
_RUNS = """
WITH made AS (
    INSERT INTO experiments_experiment (workspace_id, name, lifecycle_stage, creation_time, last_update_time, is_default, artifact_location)
    SELECT id, 'charts', 'active', 0, 0, false, '' FROM accounts_workspace WHERE name = 'credit' RETURNING id, workspace_id
)
INSERT INTO experiments_run (id, experiment_id, workspace_id, name, user_name, status, lifecycle_stage, start_time, end_time,
                             artifact_uri, changes)
SELECT md5('chart' || r)::uuid, made.id, made.workspace_id, 'chart-' || r, 'ann', 'FINISHED', 'active', 1764000000000,
    1764000600000, '', 1
FROM made, generate_series(1, %(runs)s) r RETURNING id
"""
_PARAMS = """
INSERT INTO experiments_param (run_id, experiment_id, key, value)
SELECT r.id, r.experiment_id, 'p' || k, CASE WHEN k <= 10 THEN md5(r.id::text || k) ELSE 'same' END
FROM experiments_run r, generate_series(1, 30) k WHERE r.name LIKE 'chart-%%'
"""
_LATEST = """
INSERT INTO experiments_latestmetric (run_id, experiment_id, key, value, is_nan, step, timestamp, loose)
SELECT r.id, r.experiment_id, 'm' || k, random(), false, 0, 0, 0
FROM experiments_run r, generate_series(1, 30) k WHERE r.name LIKE 'chart-%%'
"""
_COPY = """
INSERT INTO experiments_metricchunk (run_id, key, first_step, last_step, points, is_sorted, steps, timestamps, values)
SELECT %(run)s, key, first_step, last_step, points, is_sorted, steps, timestamps, values
FROM experiments_metricchunk WHERE run_id = %(like)s AND key = %(key)s
"""
# When each chart is drawn, in milliseconds since the navigation began.
_WATCH = """
window.drawnAt = [];
new MutationObserver((changes) => {
  for (const change of changes) if (change.attributeName === "drawn") window.drawnAt.push(performance.now());
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["drawn"] });
"""
_TIMES = """
() => ({
  drawn: window.drawnAt.at(-1),
  asked: performance.getEntriesByType("resource").filter((each) => each.name.includes("/runs/curves")).map((each) =>
    ({ start: each.startTime, ms: each.responseEnd - each.startTime, bytes: each.transferSize })),
})
"""


# The points of the zoom have come and are drawn; other things that the browser fetches do not count.
_REFINED = """
() => {
  const asked = performance.getEntriesByType("resource").filter((each) => each.name.includes("/runs/curves"));
  return asked.length > 0 && window.drawnAt.at(-1) > asked.at(-1).responseEnd;
}
"""


def main() -> None:
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="portal-charts-"))
    with addresses(options.database, options.redis) as (database, redis):
        if options.growth:
            lines = _growth(database, redis, options.growth)
            growth_report(options.output, lines)
            return
        files_collect(folder)
        portal = Portal(f"{database}_charts", redis, folder, settings=PLACE)
        try:
            portal.run("-c", "import django; django.setup()\n" + _PEOPLE.format(password=PASSWORD))
            ids = _seed(portal.url, options.points)
            lines = _report(portal, ids, options.points)
        finally:
            portal.close()
            shutil.rmtree(folder, ignore_errors=True)
    growth_report(options.output, lines)


def _growth(database: str, redis: str, points: list[int]) -> list[str]:
    """What `benchmarks.charts_growth` says, on a database of its own."""
    url = beside(database, "charts_growth")
    copy_make(url)
    env = {
        "DATABASE_URL": url, "REDIS_URL": redis, "SECRET_KEY": "benchmark" * 8,
        "DJANGO_SETTINGS_MODULE": "portal.settings.test",
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "growth.md"
        command = [sys.executable, "-m", "benchmarks.charts_growth", str(output), *map(str, points)]
        try:
            subprocess.run(command, check=True, env=os.environ | env)
        finally:
            database_drop(url)
        return output.read_text(encoding="utf-8").splitlines()


def _seed(url: str, points: int) -> list[str]:
    with psycopg.connect(url, autocommit=True) as link:
        ids = [str(row[0]) for row in link.execute(_RUNS, {"runs": RUNS}).fetchall()]
        link.execute(_PARAMS)
        link.execute(_LATEST)
        for number, run in enumerate(ids):
            curve_seed(link, run, KEYS[0], SHORT)
            if number < 2:
                curve_seed(link, run, KEYS[1], points)
            else:
                link.execute(_COPY, {"run": run, "like": ids[number % 2], "key": KEYS[1]})
        for table in ("metricchunk", "param", "latestmetric", "run"):
            link.execute(f"VACUUM ANALYZE experiments_{table}")
    return [run.replace("-", "") for run in ids]


def _report(portal: Portal, ids: list[str], points: int) -> list[str]:
    lines = [
        "# Charts and comparisons of 20 runs", "",
        f"{os.cpu_count()} cores, Python {platform.python_version()}, Chromium headless on the same machine; load average "
        f"{os.getloadavg()[0]:.1f} at the start. Milliseconds, median (and worst) of {ROUNDS}; `python -m benchmarks.charts`.", "",
        f"`short` has {SHORT:,} points a run, `long` {points:,}. *Drawn* counts from the start of the navigation, or of the zoom, until "
        "all lines are on the canvas; *answer* is `/runs/curves` as the browser sees it.", "",
        "| what | drawn | of it the answer | kB sent |", "|---|---:|---:|---:|",
    ]  # fmt: skip
    with sync_playwright() as playwright:
        browser = chromium_launch(playwright)
        context = browser.new_context(
            base_url=portal.uri, viewport={"width": 1440, "height": 900}, bypass_csp=True
        )
        page = context.new_page()
        page.goto("/accounts/login/")
        page.get_by_label("Login").fill("ann")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/")
        page.add_init_script(_WATCH)
        for key, count in zip(KEYS, (SHORT, points), strict=True):
            lines.append(
                _line(
                    f"20 × {count:,} points, page and chart", [_open(page, ids, key) for _ in range(ROUNDS)]
                )
            )
            for share, name in ((0.5, "half"), (0.05, "a twentieth"), (0.0002, "a five-thousandth")):
                middle, half = count * SPIKE_AT, max(count * share / 2, 20)
                found = [_zoom(page, ids, key, middle - half, middle + half) for _ in range(ROUNDS)]
                lines.append(_line(f"20 × {count:,} points, zoom to {name}", found))
        lines += [
            "",
            "| page of 20 runs with 30 params and 30 metrics each | server and network | kB |",
            "|---|---:|---:|",
        ]
        for part in ("values", "charts", "set", "code", "data", "files"):
            lines.append(_page(page, ids, part))
        browser.close()
    return lines


def _open(page: Page, ids: list[str], key: str) -> dict[str, Any]:
    """The page of charts with one metric."""
    page.goto(f"/runs/compare?{'&'.join('run=' + each for each in ids)}&show=charts&key={key}")
    return _drawn(page, key)


def _drawn(page: Page, key: str) -> dict[str, Any]:
    page.wait_for_function("window.drawnAt.length >= 1 && document.querySelector('run-chart[drawn]')")
    found: dict[str, Any] = page.evaluate(_TIMES)
    return found


def _zoom(page: Page, ids: list[str], key: str, first: float, last: float) -> dict[str, Any]:
    page.evaluate("() => { window.drawnAt = []; performance.clearResourceTimings(); }")
    began = page.evaluate(
        "([from, to]) => { const at = performance.now(); document.querySelector('chart-board').zoom(from, to); return at; }",
        [first, last],
    )
    page.wait_for_function(_REFINED)
    found: dict[str, Any] = page.evaluate(_TIMES)
    found["drawn"] -= began
    page.evaluate("() => document.querySelector('chart-board').zoom(null, null)")
    page.wait_for_timeout(400)
    return found


def _line(name: str, rounds: list[dict[str, Any]]) -> str:
    drawn = [each["drawn"] for each in rounds]
    answers = [max(asked["ms"] for asked in each["asked"]) for each in rounds]
    sent = max(asked["bytes"] for each in rounds for asked in each["asked"]) / 1000
    return f"| {name} | {_both(drawn)} | {_both(answers)} | {sent:.0f} |"


def _page(page: Page, ids: list[str], part: str) -> str:
    times, size = [], 0
    for _ in range(ROUNDS * 3):
        began = time.perf_counter()
        answer = page.request.get(f"/runs/compare?{'&'.join('run=' + each for each in ids)}&show={part}")
        times.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise SystemExit(f"{part} answers {answer.status}")
        size = len(answer.body())
    return f"| {part} | {_both(times)} | {size / 1000:.0f} |"


def _both(values: list[float]) -> str:
    return f"{statistics.median(values):.0f} ({max(values):.0f})"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000, help="points of a long curve")
    parser.add_argument(
        "--growth", type=int, nargs="*", metavar="POINTS",
        help="measure how charts grow with the table of points instead; points of each of 1,000 curves",
    )  # fmt: skip
    parser.add_argument("--database", help="a server that runs already, for a database of its own")
    parser.add_argument("--redis")
    parser.add_argument("--output", default="benchmarks/CHARTS.md")
    options = parser.parse_args()
    if options.growth == []:
        options.growth = [1_000, 10_000, 100_000]
    return options


if __name__ == "__main__":
    main()
