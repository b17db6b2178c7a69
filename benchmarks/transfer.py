"""Metric points per second that come over: `python -m benchmarks.transfer [--points N]`, on a portal database of its own.

A stock store on SQLite is filled with runs of long histories straight through its tables. Then `import_mlflow` reads it
once as a database and once through a real `mlflow server` with its usual four workers, each time into an empty
workspace, with and without the comparison at the end; and `export_mlflow` takes it out to a fresh server. Before each
import from the server the same histories are fetched from it by four bare connections that throw the answers away, and
before and after the export the same points are logged by bare connections, a thousand in a request, and fetched back: no
client can be faster. The peak of memory is that of the command's own process.
"""

import argparse
import json
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

import sqlalchemy as sa
import urllib3
from mlflow.store.tracking.dbmodels.models import SqlMetric
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from mlflow.tracking import MlflowClient

from benchmarks.servers import addresses
from tests.live.portal import Portal
from tests.transfer.stock import SqliteStock

RUNS, KEYS, PER_INSERT, PER_CALL, WORKERS = 20, 5, 50_000, 1000, 4
_API = "mlflow/metrics/get-history"
_LATEST = """
INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
SELECT key, value, timestamp, step, is_nan, run_uuid FROM metrics WHERE step = :last
"""


def fill(database: str, folder: Path, points: int) -> None:
    """`points` points in RUNS runs of KEYS metrics each."""
    store = SqlAlchemyStore(database, str(folder))
    experiment = store.create_experiment("histories")
    length = points // (RUNS * KEYS)
    for number in range(RUNS):
        run = store.create_run(experiment, "ann", 1_700_000_000_000 + number, [], f"run-{number}").info.run_id
        rows = (
            {"key": f"metric-{key}", "value": 1 / (step + 1), "timestamp": 1_700_000_000_000 + step, "step": step,
             "is_nan": False, "run_uuid": run}
            for key in range(KEYS) for step in range(length)
        )  # fmt: skip
        with store.engine.begin() as connection:
            while batch := [row for row, _ in zip(rows, range(PER_INSERT), strict=False)]:
                connection.execute(sa.insert(SqlMetric), batch)
    with store.engine.begin() as connection:
        connection.execute(sa.text(_LATEST), {"last": length - 1})
    store.engine.dispose()


@dataclass
class Taken:
    """What a command took, after it was loaded: seconds, those of its own processor time, MiB at most; and its words."""

    seconds: float
    processor: float
    memory: float
    said: str


def timed(portal: Portal, *words: str) -> Taken:
    """Run a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.transfer", "--command", *words],
        env=portal.env, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    found = {
        name: float(value)
        for name, value in re.findall(r"^(seconds|processor|memory) (.+)$", done.stdout, re.M)
    }
    return Taken(**found, said=done.stdout)


def command(words: list[str]) -> None:
    """A management command in this process, and its highest memory."""
    import django  # noqa: PLC0415 - only here the settings are those of a portal
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    import_module("transfer.exporting")  # and MLflow with it, so that the time is that of the work

    started, processor = time.perf_counter(), time.process_time()
    call_command(*words)
    print("seconds", time.perf_counter() - started)
    print("processor", time.process_time() - processor)
    print("memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--database")
    parser.add_argument("--redis")
    parser.add_argument(
        "--no-export", action="store_true", help="leave out the way out, which takes the longest"
    )
    parser.add_argument("--only-export", action="store_true", help="of the ways in, take only the fastest")
    parser.add_argument("--output", default="benchmarks/TRANSFER.md")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-transfer-"))
    with addresses(given.database, given.redis) as (database, redis):
        url = f"{database.rsplit('/', 1)[0]}/bench_transfer"
        (folder / "portal").mkdir()
        portal = Portal(url, redis, folder / "portal")
        stock, fresh = (
            SqliteStock(folder / "stock", workers=WORKERS),
            SqliteStock(folder / "fresh", workers=WORKERS),
        )
        try:
            stock.ready()
            fresh.ready()
            fill(stock.database, stock.artifacts, given.points)
            rows = measure(portal, stock, given.points, only=1 if given.only_export else 5)
            rows += [] if given.no_export else exported(portal, fresh, given.points)
        finally:
            for each in (stock, fresh, portal):
                each.close()
            shutil.rmtree(folder, ignore_errors=True)
    Path(given.output).write_text(report(rows, given.points))
    print(report(rows, given.points))


Row: TypeAlias = tuple[str, int, Taken]


def measure(portal: Portal, stock: SqliteStock, points: int, only: int) -> list[Row]:
    """`(what, points, what it took)` of the first ways in."""
    found: list[Row] = []
    ways = [
        ("database, without the comparison", stock.database, ["--no-check"]),
        ("database, with the comparison", stock.database, []),
        ("server, without the comparison", stock.uri, ["--no-check"]),
        ("server, with the comparison", stock.uri, []),
        ("database again, nothing new", stock.database, []),
    ]
    names = ["bench-a", "bench-b", "bench-c", "bench-d", "bench-b"]
    for name in names[:4]:
        portal.commands(["workspace_create", name], ["member_add", name, "ann", "maintainer"])
    for name, (what, uri, options) in list(zip(names, ways, strict=True))[:only]:
        origin = what.split(",")[0].split()[0]
        words = ["import_mlflow", uri, "--workspace", name, "--as", "ann", *options, "--origin", origin]
        if uri == stock.uri:
            found += bare(uri, points)
        found.append((what, points, shown(what, timed(portal, *words))))
    return found


def exported(portal: Portal, fresh: SqliteStock, points: int) -> list[Row]:
    """The way out, between two bare ones."""
    words = ["export_mlflow", fresh.uri, "--workspace", "bench-a", "--as", "ann"]
    found = logged(fresh.uri, points, 1) + logged(fresh.uri, points, WORKERS)
    found.append(("export to a server, with the comparison", points, shown("export", timed(portal, *words))))
    return found + logged(fresh.uri, points, WORKERS)


def logged(uri: str, points: int, connections: int) -> list[Row]:
    """Points as many, in as many runs and metrics, by bare connections; then fetched back."""
    client = MlflowClient(uri)
    experiment = client.create_experiment(f"bare {time.time()}")
    runs, keys = [client.create_run(experiment).info.run_id for _ in range(RUNS)], range(KEYS)
    calls = (
        {"run_id": run, "metrics": [
            {"key": f"metric-{key}", "value": 1 / (step + 1), "timestamp": 1_700_000_000_000 + step, "step": step}
            for step in range(start, min(start + PER_CALL, points // (RUNS * KEYS)))
        ]}
        for run in runs for key in keys for start in range(0, points // (RUNS * KEYS), PER_CALL)
    )  # fmt: skip
    bodies = [json.dumps(call) for call in calls]
    pool = urllib3.PoolManager(maxsize=connections, headers={"Content-Type": "application/json"})
    path = f"{uri}/api/2.0/mlflow/runs/log-batch"
    what = f"bare logging, {connections} connection{'s' * (connections > 1)}"
    taken = by_connections(what, connections, lambda body: pool.request("POST", path, body=body), bodies)
    back = fetched("bare fetching back", uri, in_bulk(runs, points))
    return [(what, points, taken), (f"{what}: fetching it back", points, back)]


def in_bulk(runs: list[str], points: int) -> list[str]:
    """The addresses of the call that takes a metric of several runs."""
    several = max(1, 25_000 // (points // (RUNS * KEYS)))
    return [
        f"/ajax-api/2.0/{_API}-bulk?metric_key=metric-{key}&max_results=25000&"
        + "&".join(f"run_id={run}" for run in runs[start : start + several])
        for key in range(KEYS) for start in range(0, len(runs), several)
    ]  # fmt: skip


def bare(uri: str, points: int) -> list[Row]:
    """The same histories by four connections, unread: page by page, and a metric of several runs at a time."""
    runs = [run.info.run_id for run in MlflowClient(uri).search_runs(["1"])]
    keys = [f"metric-{key}" for key in range(KEYS)]
    pages = [
        f"/api/2.0/{_API}?metric_key={key}&run_id={run}&max_results=25000" for run in runs for key in keys
    ]
    return [
        ("bare fetching, a metric of a run", points, fetched("bare", uri, pages)),
        (
            "bare fetching, a metric of several runs",
            points,
            fetched("bare, several", uri, in_bulk(runs, points)),
        ),
    ]


def fetched(what: str, uri: str, paths: list[str]) -> Taken:
    """Get these by four kept connections and throw them away."""
    pool = urllib3.PoolManager(maxsize=WORKERS)
    return by_connections(what, WORKERS, lambda path: pool.request("GET", uri + path), paths)


def by_connections(what: str, connections: int, ask: Callable[[str], Any], given: Iterable[str]) -> Taken:
    """Ask so many at a time."""
    started, processor = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(connections) as threads:
        for answer in threads.map(ask, given):
            if answer.status != 200:
                raise RuntimeError(answer.data[:300])
    taken = Taken(time.perf_counter() - started, time.process_time() - processor, 0, "")
    print(what, f"{taken.seconds:.1f} s", flush=True)
    return taken


def shown(what: str, taken: Taken) -> Taken:
    """The same, said on the terminal as well."""
    print(what, f"{taken.seconds:.1f} s,", taken.said.splitlines()[1][:150], flush=True)
    return taken


def report(rows: list[Row], points: int) -> str:
    """The measurement as Markdown."""
    lines = [
        "# How fast things come over",
        "",
        f"`make bench-transfer`: {points:,} metric points in {RUNS} runs of {KEYS} metrics, from a stock MLflow store on SQLite.",
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, which the source, the portal's PostgreSQL and",
        f"the command share. Load after it: {os.getloadavg()[0]:.1f}. The time is that of the work, without loading MLflow.",
        "",
        "| way | seconds | points/s | processor time of the command, s | its memory, MiB |",
        "|---|---|---|---|---|",
        *(
            f"| {what} | {taken.seconds:.1f} | {count / taken.seconds:,.0f} | {taken.processor:.1f} | {taken.memory:.0f} |"
            for what, count, taken in rows
        ),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--command"]:
        command(sys.argv[2:])
    else:
        main()
