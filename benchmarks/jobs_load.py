"""What asks for jobs in the benchmark: `python -m benchmarks.jobs_load latency|throughput jobs`, one JSON line."""

import json
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import django

django.setup()

from django.db import connection, transaction  # noqa: E402 - needs the set-up

from jobs.models import ACTIVE_STATES, JobRun  # noqa: E402 - needs the set-up
from jobs.queue import enqueue  # noqa: E402 - needs the set-up
from portal.accounts.actor import Actor  # noqa: E402 - needs the set-up

ACTOR = Actor.system("benchmarks.jobs", actions=["jobs.job.read"])
KIND = "benchmarks.noop"
CALLERS = 4  # as many requests at once


def ask(key: str) -> JobRun:
    with transaction.atomic(durable=True):
        return enqueue(KIND, key=key, args={}, actor=ACTOR, workspace_id=None)


def latency(count: int) -> dict[str, float]:
    """One job at a time: from before the call of `enqueue` to the first line of its handler."""
    delays = []
    for number in range(count):
        begun = time.time()
        run = ask(f"latency-{number}")
        while (state := JobRun.objects.values_list("state", "result").get(pk=run.pk))[0] != "done":
            time.sleep(0.005)
        delays.append((state[1] - begun) * 1000)
        time.sleep(0.03)
    return quantiles(delays)


def throughput(count: int) -> dict[str, float]:
    """All at once: from the first call of `enqueue` until the last job has ended."""
    begun = time.perf_counter()
    with ThreadPoolExecutor(CALLERS) as callers:
        list(callers.map(lambda number: ask(f"throughput-{number}"), range(count)))
    asked = time.perf_counter() - begun
    while JobRun.objects.filter(kind=KIND, state__in=ACTIVE_STATES).exists():
        time.sleep(0.02)
    whole = time.perf_counter() - begun
    return {"per_second": count / whole, "asked_per_second": count / asked}


def quantiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"p50": statistics.median(ordered), "p95": ordered[int(len(ordered) * 0.95)], "max": ordered[-1]}


MODES: dict[str, Callable[[int], dict[str, float]]] = {"latency": latency, "throughput": throughput}

if __name__ == "__main__":
    connection.ensure_connection()
    ask("warm")
    print(json.dumps(MODES[sys.argv[1]](int(sys.argv[2]))))
