"""What the audit event costs a writer: eight processes change rows, with the event and without it, in pairs.

All writers do the same for one slice of time, then all do the other; the two slices of a pair stand side by side and their
order turns with every pair, so that other load on the machine falls on both. Writers count the processor time as well,
their own and that of their database connection: where the processors are full, that decides how much gets done.
"""

import os
import random
import statistics
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.audit_place import Place

WRITERS = 8
_DELAYS = """
WITH signed AS (
    SELECT event.recorded_at,
           (SELECT created_at FROM audit_auditcheckpoint WHERE size > leaf.idx ORDER BY size LIMIT 1) AS signed_at
    FROM audit_auditleaf leaf JOIN audit_auditevent event ON event.id = leaf.event_id WHERE event.actor LIKE 'user:%'
), delays AS (SELECT extract(epoch FROM signed_at - recorded_at)::float AS delay FROM signed)
SELECT count(*), percentile_cont(ARRAY[0.5, 0.99, 1.0]) WITHIN GROUP (ORDER BY delay) FROM delays
"""


def writer(number: int) -> None:
    """Take orders from standard input, `work mode seconds`; answer `changes seconds processor-seconds`."""
    import django  # noqa: PLC0415 - the parent needs none of this

    django.setup()
    from benchmarks.audit_work import recorded_as, works  # noqa: PLC0415

    found = works(number)
    server = sql_process()
    print("ready", flush=True)
    for line in sys.stdin:
        work, mode, seconds = line.split()
        recorded_as(mode)
        count, used, began = 0, processor_seconds(server), time.monotonic()
        while time.monotonic() < began + float(seconds):
            found[work](count)
            count += 1
        print(count, time.monotonic() - began, processor_seconds(server) - used, flush=True)


def sql_process() -> int:
    """The process of the database that serves this writer."""
    from django.db import connection  # noqa: PLC0415

    return int(connection.connection.info.backend_pid)


def processor_seconds(server: int) -> float:
    """What this process and `server` have used so far; a database on another machine counts as nothing."""
    try:
        words = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return time.process_time()
    return time.process_time() + (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def writing(place: Place, options: Namespace) -> dict[str, Any]:
    with psycopg.connect(place.url, autocommit=True) as link:
        link.execute("CREATE TABLE benchmark_head (hash bytea)")
        link.execute("INSERT INTO benchmark_head VALUES ('')")
    wanted = {"governed": options.pairs, "row": max(options.pairs // 4, 3)}
    sequencer = place.start("manage.py", "audit_sequencer")
    writers = [place.start("-m", "benchmarks.audit", "--writer", str(number)) for number in range(WRITERS)]
    try:
        for each in writers:
            _answer(each)
        found = {work: _measured(writers, work, pairs, options.seconds) for work, pairs in wanted.items()}
        time.sleep(3)
    finally:
        for each in (*writers, sequencer):
            each.terminate()
            each.wait(20)
    return {"works": found, "delay": _delays(place)}


def _measured(writers: list[subprocess.Popen[str]], work: str, count: int, seconds: float) -> dict[str, Any]:
    """Pairs of `[changes a second, processor seconds a change]` without and with the event; a few with a chain."""
    for mode in ("on", "off"):
        _order(writers, work, mode, 1.0)
    pairs = []
    for turn in range(count):
        modes = ("off", "on") if turn % 2 else ("on", "off")
        pairs.append({mode: _order(writers, work, mode, seconds) for mode in modes})
        if turn % 10 == 9:
            print(f"{work}: {turn + 1} pairs, {share(pairs):.1%}, load {os.getloadavg()[0]:.1f}", flush=True)
    chain = [_order(writers, work, "chain", seconds) for _ in range(max(count // 10, 3))]
    return {"pairs": pairs, "chain": chain, "load": os.getloadavg()[0]}


def _order(writers: list[subprocess.Popen[str]], work: str, mode: str, seconds: float) -> list[float]:
    for each in writers:
        assert each.stdin is not None  # noqa: S101 - opened above
        each.stdin.write(f"{work} {mode} {seconds}\n")
        each.stdin.flush()
    answers = [[float(word) for word in _answer(each).split()] for each in writers]
    made = sum(count for count, _, _ in answers)
    return [sum(count / took for count, took, _ in answers), sum(used for *_, used in answers) / made]


def _answer(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None  # noqa: S101 - opened above
    line = process.stdout.readline().strip()
    if not line:
        raise RuntimeError("A writer ended.")
    return line


def _delays(place: Place) -> dict[str, float]:
    with psycopg.connect(place.url) as link:
        count, (p50, p99, longest) = link.execute(_DELAYS).fetchone() or (0, (0.0, 0.0, 0.0))
    return {"count": count, "p50": p50, "p99": p99, "max": longest}


def share(pairs: list[dict[str, list[float]]]) -> float:
    """What is left of the throughput: changes in all slices with the event, by those in all without it."""
    return sum(pair["on"][0] for pair in pairs) / sum(pair["off"][0] for pair in pairs)


def share_between(pairs: list[dict[str, list[float]]], *, draws: int = 2000) -> tuple[float, float]:
    """The interval that holds 95% of the shares of as many pairs drawn anew (bootstrap)."""
    draw = random.Random(9162)  # noqa: S311 - statistics, and the same each time
    found = sorted(share(draw.choices(pairs, k=len(pairs))) for _ in range(draws))
    return found[draws // 40], found[-draws // 40 - 1]


def processor(pairs: list[dict[str, list[float]]], mode: str) -> float:
    """Milliseconds of processor time of a change."""
    return 1000 * statistics.median(pair[mode][1] for pair in pairs)
