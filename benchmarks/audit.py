"""`python -m benchmarks.audit`: what the audit log costs a writer, how soon it is signed, how fast it is checked.

(a) and (b): eight writer processes make changes with 5 ms of other work inside the transaction, in turn without the
audit event, with it, and with a hash chain whose head every writer locks; the sequencer runs all the while. One kind
of change moves an alias through the gate, the other updates one row and nothing else. (c): an export of a million events is verified. (d): a thousand random tamperings. Writes benchmarks/AUDIT.md.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.servers import addresses
from tests.live.databases import beside, database_make

ROOT = Path(__file__).resolve().parents[1]
WRITERS, MODES, WORKS = 8, ("off", "on", "chain"), ("governed", "row")
TARGETS = {"ratio": 0.95, "p99": 2.0, "latest": 60.0, "verify": 60.0}
_DELAYS = """
WITH signed AS (
    SELECT event.recorded_at,
           (SELECT created_at FROM audit_auditcheckpoint WHERE size > leaf.idx ORDER BY size LIMIT 1) AS signed_at
    FROM audit_auditleaf leaf JOIN audit_auditevent event ON event.id = leaf.event_id WHERE event.actor LIKE 'user:%'
), delays AS (SELECT extract(epoch FROM signed_at - recorded_at)::float AS delay FROM signed)
SELECT count(*), percentile_cont(ARRAY[0.5, 0.99, 1.0]) WITHIN GROUP (ORDER BY delay) FROM delays
"""
# As the portal writes them, a piece at a time: the guards of the table look at every row.
_SEED = """
WITH made AS MATERIALIZED (
    SELECT n, gen_random_uuid() AS uuid, clock_timestamp() AS moment, substr(sha256(n::text::bytea), 1, 16) AS salt,
           convert_to('{"actor_name":"ann","changes":{"description":["before ' || n || '","after ' || n || '"]},'
               || '"detail":"","object_name":"credit","reason":"number ' || n || '"}', 'UTF8') AS body
    FROM generate_series(%(start)s::int, %(end)s::int - 1) AS n
), event AS (
    INSERT INTO audit_auditevent (uuid, recorded_at, payload, actor, action, outcome, object_type, object_id,
                                  workspace_id, request_id)
    SELECT uuid, moment, convert_to('{"action":"accounts.workspace.update","actor":"user:' || n %% 500 || '","at":"'
               || to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') || '","detail":"'
               || encode(sha256(salt || body), 'hex') || '","object":"workspace:' || n %% 90 || '","outcome":"done",'
               || '"request":"' || md5(n::text) || '","token":null,"uuid":"' || uuid || '","v":2,"workspace":'
               || n %% 90 || '}', 'UTF8'),
           'user:' || n %% 500, 'accounts.workspace.update', 'done', 'workspace', (n %% 90)::text, n %% 90, md5(n::text)
    FROM made RETURNING id, uuid
)
INSERT INTO audit_auditdetail (event_id, salt, body) SELECT id, salt, body FROM event JOIN made USING (uuid)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--writer", type=int, help="be one of the writers; used by the benchmark itself")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each round; default 5")
    parser.add_argument("--rounds", type=int, default=4, help="of each mode; default 4")
    parser.add_argument("--events", type=int, default=1_000_000, help="to verify; default 1,000,000")
    parser.add_argument("--tamperings", type=int, default=1000)
    parser.add_argument("--parts", nargs="+", choices=[*PARTS], default=[*PARTS], help="default: all")
    parser.add_argument("--kept", type=Path, help="a file of results, for running the parts one by one")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "AUDIT.md")
    options = parser.parse_args()
    if options.writer is not None:
        writer(options.writer)
        return
    with (
        addresses(None, None) as (database, redis),
        tempfile.TemporaryDirectory(prefix="benchmark-audit-") as name,
    ):
        kept = options.kept and options.kept.exists()
        rows: dict[str, Any] = json.loads(options.kept.read_text()) if kept else {}
        place = Place(beside(database, "audit_benchmark"), redis, Path(name))
        for part in options.parts:
            rows[part] = PARTS[part](place, options) | {"load": os.getloadavg()[0]}
            if options.kept:
                options.kept.write_text(json.dumps(rows))
        options.output.write_text(page(rows, database))
    print(options.output.read_text())


class Place:
    """A database of its own with the tables of the portal, and how programs are started on it."""

    def __init__(self, url: str, redis: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        ours = ("MLFLOW_", "PYTEST_", "DJANGO_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        self.env = kept | {
            "DATABASE_URL": url, "REDIS_URL": redis, "DATA_DIR": str(folder), "SECRET_KEY": "x" * 50,
            "DJANGO_SETTINGS_MODULE": "portal.settings.dev", "AUDIT_ORIGIN": "benchmark.example/audit",
            "LOG_LEVEL": "ERROR",
            "ARTIFACT_ROOT": str(folder / "artifacts"),
        }  # fmt: skip
        database_make(url)
        self.run("manage.py", "migrate", "--verbosity", "0")

    def run(self, *arguments: str) -> str:
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.env, check=True, text=True, stdout=subprocess.PIPE
        ).stdout

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=self.env, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )  # fmt: skip


# (a) and (b)


def writer(number: int) -> None:
    """Take orders from standard input, `work mode seconds`; answer with how many changes were made."""
    import django  # noqa: PLC0415 - the parent needs none of this

    django.setup()
    from benchmarks.audit_work import RECORDS, works  # noqa: PLC0415

    found = works(number)
    print("ready", flush=True)
    for line in sys.stdin:
        work, mode, seconds = line.split()
        count, end = 0, time.monotonic() + float(seconds)
        while time.monotonic() < end:
            found[work](RECORDS[mode], count)
            count += 1
        print(count, flush=True)


def writing(place: Place, options: argparse.Namespace) -> dict[str, Any]:
    with psycopg.connect(place.url, autocommit=True) as link:
        link.execute("CREATE TABLE benchmark_head (hash bytea)")
        link.execute("INSERT INTO benchmark_head VALUES ('')")
    sequencer = place.start("manage.py", "audit_sequencer")
    writers = [place.start("-m", "benchmarks.audit", "--writer", str(number)) for number in range(WRITERS)]
    try:
        for each in writers:
            _answer(each)
        rates: dict[str, dict[str, list[float]]] = {work: {mode: [] for mode in MODES} for work in WORKS}
        for work in WORKS:
            order(writers, work, "on", 1.0)
        for turn in range(options.rounds):
            for work in WORKS:
                for mode in (*MODES[turn % 3 :], *MODES[: turn % 3]):
                    found = order(writers, work, mode, options.seconds) / options.seconds
                    rates[work][mode].append(found)
                    print(f"round {turn + 1} {work} {mode}: {found:.0f}/s", flush=True)
        time.sleep(3)
    finally:
        for each in (*writers, sequencer):
            each.terminate()
            each.wait(20)
    return {"rounds": rates, "delay": delays(place)}


def order(writers: list[subprocess.Popen[str]], work: str, mode: str, seconds: float) -> int:
    for each in writers:
        assert each.stdin is not None  # noqa: S101 - opened above
        each.stdin.write(f"{work} {mode} {seconds}\n")
        each.stdin.flush()
    return sum(int(_answer(each)) for each in writers)


def _answer(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None  # noqa: S101 - opened above
    line = process.stdout.readline().strip()
    if not line:
        raise RuntimeError("A writer ended.")
    return line


def delays(place: Place) -> dict[str, float]:
    with psycopg.connect(place.url) as link:
        count, (p50, p99, longest) = link.execute(_DELAYS).fetchone() or (0, (0.0, 0.0, 0.0))
    return {"count": count, "p50": p50, "p99": p99, "max": longest}


# (c) and (d)


def verifying(place: Place, options: argparse.Namespace) -> dict[str, Any]:
    events = options.events
    with psycopg.connect(place.url, autocommit=True) as link:
        for start in range(0, events, 20_000):
            link.execute(_SEED, {"start": start, "end": min(start + 20_000, events)})
    began = time.monotonic()
    place.run("manage.py", "audit_sequencer", "--once")
    sequenced = time.monotonic() - began
    path, began = place.folder / "bundle.zip", time.monotonic()
    place.run("-c", _EXPORT, str(path))
    exported = time.monotonic() - began
    with psycopg.connect(place.url) as link:
        (key,) = link.execute("SELECT verifier FROM audit_auditkey").fetchone() or ("",)
    began = time.monotonic()
    said = place.run(
        "-m", "compliance.verify", str(path), "--key", key, "--json", str(place.folder / "report")
    )
    verified = time.monotonic() - began
    print(said, flush=True)
    problems = json.loads((place.folder / "report").read_text())["problems"]
    return {
        "sequenced": sequenced, "exported": exported, "verified": verified, "problems": len(problems),
        "gigabytes": path.stat().st_size / 1e9, "events": float(said.split("OK: ")[1].split()[0]),
        "megabytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    }  # fmt: skip


# The writers of (a) were made without an operation; their grants are no part of what is measured here.
_EXPORT = """
import sys, django; django.setup()
from compliance.exports import states
from compliance.exports.bundle import BundlePlan, bundle_write
from portal.audit.log import checkpoint_latest
states.STATES.clear()
latest = checkpoint_latest()
with open(sys.argv[1], "wb") as file:
    file.writelines(bundle_write(BundlePlan(latest.note.partition("\\n")[0], latest.size, True)))
"""


def tampering(place: Place, options: argparse.Namespace) -> dict[str, Any]:
    count = options.tamperings
    from tests.audit.tampering import tamper  # noqa: PLC0415 - needs a settled environment

    began = time.monotonic()
    missed = tamper(count, place.folder, size=500, seed=9162)
    for line in missed:
        print(line)
    return {"count": count, "missed": len(missed), "seconds": time.monotonic() - began}


PARTS: dict[str, Callable[[Place, argparse.Namespace], dict[str, Any]]] = {
    "writing": writing, "verifying": verifying, "tampering": tampering,
}  # fmt: skip

# The page


def page(rows: dict[str, Any], database: str) -> str:
    with psycopg.connect(beside(database, "postgres")) as link:
        (version,) = link.execute("SHOW server_version").fetchone() or ("",)
    lines = [
        "# Benchmark of the audit log",
        "",
        f"`python -m benchmarks.audit` on {os.cpu_count()} cores, PostgreSQL {version.split()[0]} with every commit on "
        f"disk, Python {platform.python_version()}; {WRITERS} writer",
        "processes, 5 ms of other work in each transaction, rounds of each mode in turn, the sequencer running.",
        "",
        "| what | found | target | |",
        "|---|---|---|---|",
        *_writing_rows(rows.get("writing")),
        *_verifying_rows(rows.get("verifying")),
        *_tampering_rows(rows.get("tampering")),
        "",
        *(f"- {work}, {mode}: {', '.join(f'{each:.0f}' for each in found)} a second in single rounds"
          for work, modes in rows.get("writing", {}).get("rounds", {}).items() for mode, found in modes.items()),
        *(f"- load of the machine at the end of {part}: {found['load']:.1f}" for part, found in rows.items()),
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def _writing_rows(found: dict[str, Any] | None) -> list[str]:
    if found is None:
        return []
    delay = found["delay"]
    return [
        *_rates("governed", "alias moves through the gate", found),
        *_rates("row", "updates of one row, nothing else", found),
        _row(
            f"from the event to its signed checkpoint, {delay['count']:,} events",
            f"p50 {delay['p50']:.2f} s, p99 {delay['p99']:.2f} s, max {delay['max']:.2f} s",
            "p99 < 2 s, all < 60 s", delay["p99"] < TARGETS["p99"] and delay["max"] < TARGETS["latest"],
        ),
    ]  # fmt: skip


def _verifying_rows(found: dict[str, Any] | None) -> list[str]:
    if found is None:
        return []
    return [
        _row(f"placing and signing {found['events']:,.0f} events", f"{found['sequenced']:.1f} s", "", True),
        _row("exporting them", f"{found['exported']:.1f} s, {found['gigabytes']:.2f} GB", "", True),
        _row(
            "verifying them", f"{found['verified']:.1f} s, largest process {found['megabytes']:.0f} MB", "< 60 s",
            found["verified"] < TARGETS["verify"] and not found["problems"],
        ),
    ]  # fmt: skip


def _tampering_rows(found: dict[str, Any] | None) -> list[str]:
    if found is None:
        return []
    said = f"{found['missed']} not named, {found['seconds']:.0f} s"
    return [_row(f"{found['count']:,} random tamperings", said, "all named", not found["missed"])]


def _rates(work: str, words: str, rows: dict[str, Any]) -> list[str]:
    """Rates are medians; a share is the median over pairs of rounds that followed each other."""
    rounds = rows["rounds"][work]
    middle = {mode: statistics.median(found) for mode, found in rounds.items()}
    share = {
        mode: statistics.median(one / base for one, base in zip(rounds[mode], rounds["off"], strict=True))
        for mode in MODES
    }
    return [
        _row(f"{words}: without the audit event", f"{middle['off']:.0f}/s", "", True),
        _row(
            "… with the event",
            f"{middle['on']:.0f}/s, {share['on']:.1%}",
            "≥ 95%",
            share["on"] >= TARGETS["ratio"],
        ),
        _row(
            "… with a chain whose head is locked",
            f"{middle['chain']:.0f}/s, {share['chain']:.1%}",
            "for comparison",
            True,
        ),
    ]


def _row(what: str, found: str, target: str, is_met: bool) -> str:
    return f"| {what} | {found} | {target} | {'' if not target or 'compar' in target else 'met' if is_met else '**missed**'} |"


if __name__ == "__main__":
    main()
