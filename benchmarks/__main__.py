"""`python -m benchmarks`: seed both servers, measure them in turn, print and write the table."""

import argparse
import os
import platform
import tempfile
from collections.abc import Mapping
from pathlib import Path

import psycopg

from benchmarks.client import Client
from benchmarks.measure import Side, calls_measure, load_measure
from benchmarks.report import Report
from benchmarks.scenarios import API, LOADS, SCENARIOS
from benchmarks.seed import portal_seed, stock_seed
from benchmarks.servers import addresses
from tests.live.databases import beside
from tests.live.portal import Portal
from tests.live.processes import memory_bytes
from tests.live.stock import Stock

STOCK_WORKERS = 2
MEMORY_TARGET_MB = 400


def main() -> None:
    options = _options()
    with (
        addresses(options.database, options.redis) as (database, redis),
        tempfile.TemporaryDirectory(prefix="benchmark-") as name,
    ):
        report = _run(database, redis, Path(name), options)
        title = (
            f"Benchmark: {options.runs:,} runs, {os.cpu_count()} cores, "
            f"PostgreSQL {_version(database)}, Python {platform.python_version()}"
        )
    report.write(options.output, title)
    print(f"\nWritten to {options.output}/benchmark.md and .json")


def _run(database: str, redis: str, folder: Path, options: argparse.Namespace) -> Report:
    stock = Stock(beside(database, "stock_benchmark"), folder, workers=STOCK_WORKERS)
    try:
        portal = Portal(beside(database, "portal_benchmark"), redis, folder)
        try:
            return _measure(portal, stock, options)
        finally:
            portal.close()
    finally:
        stock.close()


def _measure(portal: Portal, stock: Stock, options: argparse.Namespace) -> Report:
    sides = {
        "portal": Side(
            portal.port, _experiment(Client(portal.port, portal.token("ann"))), portal.token("ann")
        ),
        "stock": Side(stock.port, _experiment(Client(stock.port))),
    }
    portal_seed(portal.url, sides["portal"].experiment, options.runs)
    stock_seed(stock.url, sides["stock"].experiment, options.runs)
    report = Report()
    for scenario in SCENARIOS:
        if _is_wanted(scenario.name, options):
            report.add_calls(scenario, calls_measure(scenario, sides, options.rounds))
    for load in LOADS:
        if _is_wanted(load.name, options):
            report.add_load(load, load_measure(load, sides, options.rounds, _batches(load.clients)))
    report.add_memory(_megabytes(portal, stock), MEMORY_TARGET_MB)
    return report


def _batches(clients: int) -> Mapping[str, int]:
    """How many batches each client sends: enough to measure, few enough to wait for."""
    return {"portal": 60 // clients, "stock": 12 // clients}


def _megabytes(portal: Portal, stock: Stock) -> dict[str, float]:
    return {
        "portal": memory_bytes(portal.server.process.pid) / 1e6,
        "stock": memory_bytes(stock.server.process.pid) / 1e6,
    }


def _experiment(client: Client) -> str:
    answer = client.json("POST", f"{API}/experiments/create", {"name": "benchmark"})
    client.close()
    return str(answer["experiment_id"])


def _is_wanted(name: str, options: argparse.Namespace) -> bool:
    return not options.only or any(word in name for word in options.only)


def _version(database: str) -> str:
    with psycopg.connect(database) as connection:
        return str(connection.execute("SHOW server_version").fetchall()[0][0])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--database",
        default=os.environ.get("DATABASE_URL"),
        help="any database of the server to use; else an embedded one",
    )
    parser.add_argument("--redis", default=os.environ.get("REDIS_URL"))
    parser.add_argument("--runs", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", help="measure the rows whose name holds one of these words")
    parser.add_argument("--output", type=Path, default=Path(".data/benchmarks"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
