"""Metric points per second that come over: `python -m benchmarks.transfer [--points N]`, on a portal database of its own.

A stock store on SQLite is filled with runs of long histories straight through its tables. Then `import_mlflow` reads it
once as a database and once through a real `mlflow server`, each time into an empty workspace, with and without the
comparison at the end; and `export_mlflow` takes a tenth of it out to a fresh server. The peak of memory is that of the
command's own process.
"""

import argparse
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa
from mlflow.store.tracking.dbmodels.models import SqlMetric
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

from benchmarks.servers import addresses
from tests.live.portal import Portal
from tests.transfer.stock import SqliteStock

RUNS, KEYS, PER_INSERT = 20, 5, 50_000
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


def timed(portal: Portal, *words: str) -> tuple[float, int, str]:
    """Seconds, the highest memory in MiB, and what the command says."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.transfer", "--command", *words],
        env=portal.env,
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    memory = int(re.search(r"memory (\d+)", done.stdout).group(1))
    return seconds, memory, done.stdout


def command(words: list[str]) -> None:
    """A management command in this process, and its highest memory."""
    import django  # noqa: PLC0415 - only here the settings are those of a portal
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command(*words)
    print("memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--database")
    parser.add_argument("--redis")
    parser.add_argument("--output", default="benchmarks/TRANSFER.md")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-transfer-"))
    with addresses(given.database, given.redis) as (database, redis):
        url = f"{database.rsplit('/', 1)[0]}/bench_transfer"
        (folder / "portal").mkdir()
        portal = Portal(url, redis, folder / "portal")
        stock, fresh = SqliteStock(folder / "stock"), SqliteStock(folder / "fresh")
        try:
            stock.ready()
            fresh.ready()
            fill(stock.database, stock.artifacts, given.points)
            rows = measure(portal, stock, fresh, given.points)
        finally:
            for each in (stock, fresh, portal):
                each.close()
            shutil.rmtree(folder, ignore_errors=True)
    Path(given.output).write_text(report(rows, given.points))
    print(report(rows, given.points))


def measure(
    portal: Portal, stock: SqliteStock, fresh: SqliteStock, points: int
) -> list[tuple[str, int, float, int]]:
    """`(what, points, seconds, MiB)` of each way."""
    found = []
    ways = [
        ("database, without the comparison", stock.database, ["--no-check"]),
        ("database, with the comparison", stock.database, []),
        ("server, with the comparison", stock.uri, []),
        ("database again, nothing new", stock.database, []),
    ]
    names = ["bench-a", "bench-b", "bench-c", "bench-b"]
    for name in names[:3]:
        portal.commands(["workspace_create", name], ["member_add", name, "ann", "maintainer"])
    for name, (what, uri, options) in zip(names, ways, strict=True):
        words = [
            "import_mlflow",
            uri,
            "--workspace",
            name,
            "--as",
            "ann",
            *options,
            "--origin",
            what.split(",")[0].split()[0],
        ]
        seconds, memory, said = timed(portal, *words)
        print(what, f"{seconds:.1f} s", said.splitlines()[1][:150], flush=True)
        found.append((what, points, seconds, memory))
    seconds, memory, said = timed(portal, "export_mlflow", fresh.uri, "--workspace", "bench-b", "--as", "ann")
    print("export", f"{seconds:.1f} s", said.splitlines()[1][:150], flush=True)
    found.append(("export to a server, with the comparison", points, seconds, memory))
    return found


def report(rows: list[tuple[str, int, float, int]], points: int) -> str:
    """The measurement as Markdown."""
    lines = [
        "# How fast things come over",
        "",
        f"`make bench-transfer`: {points:,} metric points in {RUNS} runs of {KEYS} metrics, from a stock MLflow store on SQLite.",
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, which the source, the portal's PostgreSQL and",
        f"the command share. Load before: {os.getloadavg()[0]:.1f}. Seconds are of the whole command, some 5 of which start it.",
        "",
        "| way | seconds | points/s | memory of the command, MiB |",
        "|---|---|---|---|",
        *(
            f"| {what} | {seconds:.1f} | {count / seconds:,.0f} | {memory} |"
            for what, count, seconds, memory in rows
        ),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--command"]:
        command(sys.argv[2:])
    else:
        main()
