"""`python -m benchmarks.jobs`: how soon a job starts, how many run, how fast their pages are; beside bare Celery.

The portal's jobs are rows whose every step is on disk before the next (PostgreSQL with fsync, an audit event for each
end); Celery alone is asked for a task that only says that it ran. Both use the same Valkey and as many pool processes,
one after the other in each round. Then the pages over a million past jobs. Writes benchmarks/JOBS.md.
"""

import argparse
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis
from celery import Celery

from benchmarks.audit import Place
from benchmarks.servers import addresses
from tests.live.databases import beside

ROOT = Path(__file__).resolve().parents[1]
SLOTS, LATENCIES = 2, 150
TARGETS = {"p50": 50.0, "p95": 200.0, "per_second": 200.0, "page": 100.0}
LEAN = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "warning", "-c", str(SLOTS)]
Figures = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="default 3")
    parser.add_argument(
        "--jobs", type=int, default=3000, help="of each measurement of throughput; default 3000"
    )
    parser.add_argument(
        "--past", type=int, default=1_000_000, help="past jobs for the pages; default 1,000,000"
    )
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "JOBS.md")
    options = parser.parse_args()
    with (
        addresses(None, None) as (database, broker),
        tempfile.TemporaryDirectory(prefix="bench-jobs-") as name,
    ):
        place = Place(beside(database, "jobs_benchmark"), broker, Path(name))
        place.env["DJANGO_SETTINGS_MODULE"] = "benchmarks.jobs_settings"
        rounds = [
            {
                "portal": portal(place, options.jobs),
                "bare": bare(place, options.jobs),
                "load": os.getloadavg()[0],
            }
            for _ in range(options.rounds)
        ]
        pages = json.loads(place.run("-m", "benchmarks.jobs_pages", str(options.past)).splitlines()[-1])[
            "rows"
        ]
        options.output.write_text(page(rounds, pages, options))
    print(options.output.read_text())


@contextmanager
def running(place: Place, *commands: list[str]) -> Iterator[None]:
    """These programs, until the block ends."""
    log = (place.folder / "programs.log").open("a")
    started = [
        subprocess.Popen([sys.executable, *command], cwd=ROOT, env=place.env, stdout=log, stderr=log)
        for command in commands
    ]
    try:
        time.sleep(8)
        yield
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(40)


def portal(place: Place, count: int) -> Figures:
    """One worker and one scheduler; jobs are asked for by a process of their own."""
    worker = ["-m", "celery", "-A", "portal.celery", "worker", *LEAN]
    with running(place, worker, ["manage.py", "scheduler"]):
        figures = _load(place, "latency", LATENCIES)
        return figures | _load(place, "throughput", count)


def _load(place: Place, mode: str, count: int) -> Figures:
    found: Figures = json.loads(place.run("-m", "benchmarks.jobs_load", mode, str(count)).splitlines()[-1])
    return found


def bare(place: Place, count: int) -> Figures:
    """The same by Celery alone; a task that ran is a line in Valkey."""
    app, client = Celery("bare", broker=place.env["REDIS_URL"]), redis.Redis.from_url(place.env["REDIS_URL"])
    with running(place, ["-m", "celery", "-A", "benchmarks.jobs_bare", "worker", *LEAN]):
        delays = []
        for _ in range(LATENCIES):
            client.delete("bare:began")
            begun = time.time()
            app.send_task("bare.noop", ignore_result=True)
            answer = client.blpop(["bare:began"], timeout=30)
            delays.append((float(answer[1]) - begun) * 1000)  # type: ignore[index]
            time.sleep(0.03)
        begun = time.perf_counter()
        for _ in range(count):
            app.send_task("bare.noop", ignore_result=True)
        while client.llen("bare:began") < count:  # type: ignore[operator]
            time.sleep(0.02)
        whole = time.perf_counter() - begun
    client.delete("bare:began")
    ordered = sorted(delays)
    return {
        "p50": statistics.median(ordered), "p95": ordered[int(len(ordered) * 0.95)], "max": ordered[-1],
        "per_second": count / whole,
    }  # fmt: skip


def page(rounds: list[dict[str, Any]], pages: list[tuple[str, Figures]], options: argparse.Namespace) -> str:
    """The report; of the rounds the median."""
    mine = {name: statistics.median(each["portal"][name] for each in rounds) for name in rounds[0]["portal"]}
    theirs = {name: statistics.median(each["bare"][name] for each in rounds) for name in rounds[0]["bare"]}
    load = ", ".join(f"{each['load']:.1f}" for each in rounds)
    lines = [
        "# Jobs", "",
        f"Written by `make bench-jobs` on {platform.machine()} with {os.cpu_count()} cores, Python"
        f" {platform.python_version()}; the median of {len(rounds)} rounds (load of the machine during each: {load}).",
        f"{SLOTS} pool processes on each side; {LATENCIES} jobs one at a time, then {options.jobs:,} at once by four"
        " callers. PostgreSQL with fsync and synchronous commits.", "",
        "| | portal | Celery alone | target |", "|---|---:|---:|---:|",
        f"| asked → first line of the handler, p50 | {mine['p50']:.0f} ms | {theirs['p50']:.0f} ms |"
        f" < {TARGETS['p50']:.0f} ms {_met(mine['p50'] < TARGETS['p50'])} |",
        f"| p95 | {mine['p95']:.0f} ms | {theirs['p95']:.0f} ms | < {TARGETS['p95']:.0f} ms"
        f" {_met(mine['p95'] < TARGETS['p95'])} |",
        f"| no-op jobs, asked to ended | {mine['per_second']:.0f}/s | {theirs['per_second']:.0f}/s |"
        f" ≥ {TARGETS['per_second']:.0f}/s {_met(mine['per_second'] >= TARGETS['per_second'])} |",
        f"| asked for | {mine['asked_per_second']:.0f}/s | | |", "",
        f"## Pages over {options.past:,} past jobs", "",
        "Time in the server, in one process, without the network.", "",
        "| page | p50 | p95 | target |", "|---|---:|---:|---:|",
        *(
            f"| {label} | {found['p50']:.0f} ms | {found['p95']:.0f} ms | < {TARGETS['page']:.0f} ms"
            f" {_met(found['p95'] < TARGETS['page'])} |"
            for label, found in pages
        ),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _met(is_met: bool) -> str:
    return "✓" if is_met else "✗"


if __name__ == "__main__":
    main()
