"""`python -m benchmarks.audit`: what the audit log costs a writer, how soon it is signed, how fast it is checked.

Writing: eight processes make changes with 5 ms of other work inside the transaction, without the audit event and with it,
and with a hash chain whose head every writer locks; the sequencer runs all the while. One kind of change moves an alias
through the gate, the other updates one row and nothing else. Verifying: an export of a million events. Tampering: a
thousand times at random. Writes benchmarks/AUDIT.md.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.audit_place import ROOT, Place
from benchmarks.audit_seed import SEED
from benchmarks.audit_writing import WRITERS, processor, share, share_between, writer, writing
from benchmarks.servers import addresses
from tests.live.databases import beside

TARGETS = {"ratio": 0.95, "p99": 2.0, "latest": 60.0, "verify": 60.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--writer", type=int, help="be one of the writers; used by the benchmark itself")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each slice; default 2")
    parser.add_argument("--pairs", type=int, default=150, help="of slices; default 150")
    parser.add_argument("--events", type=int, default=1_000_000, help="to verify; default 1,000,000")
    parser.add_argument("--tamperings", type=int, default=1000)
    parser.add_argument(
        "--priority",
        type=int,
        default=0,
        help="run the verifier before other programs (root only); default 0",
    )
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


def verifying(place: Place, options: argparse.Namespace) -> dict[str, Any]:
    events = options.events
    with psycopg.connect(place.url, autocommit=True) as link:
        for start in range(0, events, 20_000):
            link.execute(SEED, {"start": start, "end": min(start + 20_000, events)})
    began = time.monotonic()
    place.run("manage.py", "audit_sequencer", "--once")
    sequenced = time.monotonic() - began
    path, began = place.folder / "bundle.zip", time.monotonic()
    place.run("-c", _EXPORT, str(path))
    exported = time.monotonic() - began
    with psycopg.connect(place.url) as link:
        (key,) = link.execute("SELECT verifier FROM audit_auditkey").fetchone() or ("",)
    _go_before(options.priority)
    used, began = _children_seconds(), time.monotonic()
    said = place.run(
        "-m", "compliance.verify", str(path), "--key", key, "--json", str(place.folder / "report")
    )
    verified = time.monotonic() - began
    _go_before(0)
    print(said, flush=True)
    problems = json.loads((place.folder / "report").read_text())["problems"]
    return {
        "sequenced": sequenced, "exported": exported, "verified": verified,
        "processors": _children_seconds() - used, "priority": options.priority, "problems": len(problems),
        "gigabytes": path.stat().st_size / 1e9, "events": float(said.split("OK: ")[1].split()[0]),
        "megabytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    }  # fmt: skip


def _go_before(steps: int) -> None:
    """Let this process, and what it starts from here on, go before others by so many steps of niceness.

    Linux shares processors between sessions first, and then by niceness within each.
    """
    os.setpriority(os.PRIO_PROCESS, 0, -steps)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(-steps))


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# The writers were made without an operation; their grants are no part of what is measured here.
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
        f"`make bench-audit` on {os.cpu_count()} cores, PostgreSQL {version.split()[0]} with every commit on disk, "
        f"Python {platform.python_version()}; {WRITERS} writer processes,",
        "5 ms of other work in each transaction, the sequencer running. Slices of time with and without the audit event stand "
        "side by side in",
        "pairs; a share is that of all slices together, with the interval that holds 95% of it (bootstrap over the pairs). "
        "Load is that of the whole",
        "machine at the end of a part, of which the benchmark itself makes some: compare shares, not rates, where it is high. "
        "Where processors are full, an",
        "event costs every change about the same time of theirs, and so weighs most on the smallest one.",
        "",
        "| what | found | target | | load |",
        "|---|---|---|---|---|",
        *_writing_rows(rows.get("writing")),
        *_verifying_rows(rows.get("verifying")),
        *_tampering_rows(rows.get("tampering")),
        "",
        *(_spread(work, found) for work, found in rows.get("writing", {}).get("works", {}).items()),
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def _spread(work: str, found: dict[str, Any]) -> str:
    shares = sorted(pair["on"][0] / pair["off"][0] for pair in found["pairs"])
    lower, middle, upper = statistics.quantiles(shares, n=4)
    return (
        f"- {work}: {len(shares)} pairs; single ones have {lower:.0%}, {middle:.0%}, {upper:.0%} of the throughput "
        f"(quartiles), {shares[0]:.0%} at least, {shares[-1]:.0%} at most"
    )


def _writing_rows(found: dict[str, Any] | None) -> list[str]:
    if found is None:
        return []
    delay = found["delay"]
    return [
        *_rates(found["works"]["governed"], "alias moves through the gate, under a policy", is_target=True),
        *_rates(
            found["works"]["row"], "for comparison, updates of one row and nothing else", is_target=False
        ),
        _row(
            f"from the event to its signed checkpoint, {delay['count']:,} events",
            f"p50 {delay['p50']:.2f} s, p99 {delay['p99']:.2f} s, max {delay['max']:.2f} s",
            "p99 < 2 s, all < 60 s",
            is_met=delay["p99"] < TARGETS["p99"] and delay["max"] < TARGETS["latest"],
            load=found["load"],
        ),
    ]


def _verifying_rows(found: dict[str, Any] | None) -> list[str]:
    if found is None:
        return []
    load = found["load"]
    return [
        _row(f"placing and signing {found['events']:,.0f} events", f"{found['sequenced']:.1f} s", load=load),
        _row("exporting them", f"{found['exported']:.1f} s, {found['gigabytes']:.2f} GB", load=load),
        _row(
            "verifying them"
            + (f", {found['priority']} steps of niceness before other programs" if found["priority"] else ""),
            f"{found['verified']:.1f} s, {found['processors']:.0f} s of processors, largest process "
            f"{found['megabytes']:.0f} MB",
            "< 60 s",
            is_met=found["verified"] < TARGETS["verify"] and not found["problems"],
            load=load,
        ),
    ]


def _tampering_rows(found: dict[str, Any] | None) -> list[str]:
    if found is None:
        return []
    said = f"{found['missed']} not named, {found['seconds']:.0f} s"
    what = f"{found['count']:,} random tamperings"
    return [_row(what, said, "all named", is_met=not found["missed"], load=found["load"])]


def _rates(found: dict[str, Any], words: str, *, is_target: bool) -> list[str]:
    pairs, load, chain = found["pairs"], found["load"], found["chain"]
    rate = {mode: statistics.mean(pair[mode][0] for pair in pairs) for mode in ("off", "on")}
    chained = statistics.mean(each[0] for each in chain)
    low, high = share_between(pairs)
    return [
        _row(
            f"{words}: without the audit event",
            f"{rate['off']:.0f}/s, {processor(pairs, 'off'):.2f} ms of a processor each",
            load=load,
        ),
        _row(
            "… with the event",
            f"{rate['on']:.0f}/s, {processor(pairs, 'on'):.2f} ms; **{share(pairs):.1%}** ({low:.1%} to {high:.1%})",
            "≥ 95%" if is_target else "",
            is_met=share(pairs) >= TARGETS["ratio"],
            load=load,
        ),
        _row(
            "… with a chain whose head is locked",
            f"{chained:.0f}/s, {chained / rate['off']:.1%}",
            load=load,
        ),
    ]


def _row(what: str, found: str, target: str = "", *, is_met: bool = True, load: float) -> str:
    verdict = "" if not target else "met" if is_met else "**missed**"
    return f"| {what} | {found} | {target} | {verdict} | {load:.0f} |"


if __name__ == "__main__":
    main()
