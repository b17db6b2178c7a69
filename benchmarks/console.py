"""The console's audit log at 5,000,000 events: `python -m benchmarks.console [--events N] [--database URL]`.

Events are made by PostgreSQL itself in a database of their own: two years, 3,000 persons, 60 actions of uneven
frequency, 40 workspaces, one in a hundred refused or denied. Each filter is asked for through the page's own selector
on a connection of its own, cold (the first time) and warm (median and 95th of the rest), for the newest page, for
page 200 and where it can hurt for what is not there at all.
"""

import argparse
import datetime as dt
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from benchmarks.servers import addresses

ROUNDS = 15
_SEED = """
INSERT INTO audit_auditevent (uuid, recorded_at, payload, actor, action, outcome, object_type, object_id, workspace_id,
                              request_id)
SELECT md5('event' || i)::uuid, timestamptz '2026-11-26 00:00Z' - make_interval(secs => (%(events)s - i) * 12.6),
       convert_to('{"v":2,"uuid":"' || md5('event' || i) || '"}', 'UTF8'),
       'user:' || (power(random(), 3) * 3000)::int, 'area.thing' || (power(random(), 3) * 20)::int || '.act' || (random() * 2)::int,
       CASE WHEN random() < 0.005 THEN 'denied' WHEN random() < 0.01 THEN 'refused' ELSE 'done' END,
       (ARRAY['run','experiment','modelversion','registeredmodel','approvalrequest','membership'])[1 + (power(random(), 2) * 5.99)::int %% 6],
       md5('object' || (random() * 400000)::int), 1 + (power(random(), 2) * 39)::int, md5('request' || (i / 2))
FROM generate_series(%(first)s::bigint, %(last)s::bigint) i
"""
_DETAIL = """
INSERT INTO audit_auditdetail (event_id, salt, body)
SELECT id, '\\x00', convert_to('{"actor_name":"someone","object_name":"a thing"}', 'UTF8') FROM audit_auditevent
"""
_LEAF = "INSERT INTO audit_auditleaf (idx, leaf_hash, event_id) SELECT row_number() OVER (ORDER BY id) - 1, leaf_hash, id FROM audit_auditevent"
_HEADS = """
INSERT INTO audit_auditcheckpoint (size, root, note)
SELECT size, '\\x00', '' FROM generate_series(5000, %(events)s::bigint, 5000) AS size
"""
_CHUNK = 500_000


def main() -> None:
    options = _options()
    with addresses(options.database, options.redis) as (database, redis):
        os.environ |= {
            "DATABASE_URL": database, "REDIS_URL": redis, "SECRET_KEY": "benchmark" * 8,
            "DJANGO_SETTINGS_MODULE": "portal.settings.test",
        }  # fmt: skip
        if not options.seeded:
            subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], check=True)
            _seed(database, options.events)
        lines = _measure(database)
    Path(options.output).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def _seed(database: str, events: int) -> None:
    with psycopg.connect(database, autocommit=True) as link:
        tables = ("audit_auditevent", "audit_auditdetail", "audit_auditleaf", "audit_auditcheckpoint")
        for table in tables:
            link.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for first in range(1, events + 1, _CHUNK):
            last = min(first + _CHUNK - 1, events)
            link.execute(_SEED, {"events": events, "first": first, "last": last})
            print(f"{last:,} events", flush=True)
        link.execute(_DETAIL)
        link.execute(_LEAF)
        link.execute(_HEADS, {"events": events})
        for table in tables:
            link.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
            link.execute(f"VACUUM ANALYZE {table}")


def _measure(database: str) -> list[str]:
    import django  # noqa: PLC0415 - after the environment is set

    django.setup()
    from portal.accounts.actor import Actor  # noqa: PLC0415
    from portal.console.events import Wanted, events_found  # noqa: PLC0415

    auditor = Actor(kind="user", name="bench", user_id=1, is_auditor=True)
    with psycopg.connect(database) as link:
        facts = _facts(link)
    at = lambda days: dt.datetime(2026, 11, 26, tzinfo=dt.UTC) - dt.timedelta(days=days)  # noqa: E731
    asked = {
        "no filter": Wanted(),
        "actor, busy": Wanted(actor=facts["busy_actor"]),
        "actor, rare": Wanted(actor=facts["rare_actor"]),
        "actor, unknown": Wanted(actor="user:999999"),
        "object": Wanted(object_type=facts["type"], object_id=facts["object"]),
        "object type": Wanted(object_type="membership"),
        "action, frequent": Wanted(action=facts["busy_action"]),
        "action, rare": Wanted(action=facts["rare_action"]),
        "outcome denied": Wanted(outcome="denied"),
        "outcome done": Wanted(outcome="done"),
        "workspace": Wanted(workspace_id=39),
        "request id": Wanted(request_id=facts["request"]),
        "last day": Wanted(since=at(1)),
        "one month, a year ago": Wanted(since=at(395), until=at(365)),
        "one hour, long ago": Wanted(since=at(600), until=at(600) + dt.timedelta(hours=1)),
        "actor and a month, a year ago": Wanted(actor=facts["busy_actor"], since=at(395), until=at(365)),
        "action and outcome": Wanted(action=facts["rare_action"], outcome="denied"),
        "actor and action, rare together": Wanted(actor=facts["rare_actor"], action=facts["rare_action"]),
        "busy actor, busy action, a year ago": Wanted(
            actor=facts["busy_actor"], action=facts["busy_action"], since=at(365), until=at(364)
        ),
        "workspace and denied": Wanted(workspace_id=39, outcome="denied"),
    }  # fmt: skip
    rows = [
        f"# The console's audit log over {facts['events']:,} events", "",
        f"{os.cpu_count()} cores, PostgreSQL {facts['version']}, Python {platform.python_version()}. Load average {os.getloadavg()[0]:.1f}. Server time of one page of 50 "
        f"rows with places and checkpoints, in ms; `python -m benchmarks.console`.", "",
        "| filter | rows | first | median | 95% | page 200 |", "|---|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    for name, wanted in asked.items():
        times = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            found = events_found(auditor, wanted, limit=51)
            times.append((time.perf_counter() - begun) * 1000)
        deep = _deep(auditor, wanted, events_found)
        warm = sorted(times[1:])
        rows.append(
            f"| {name} | {min(len(found), 50)} | {times[0]:.1f} | {statistics.median(warm):.1f} | {warm[int(len(warm) * 0.95) - 1]:.1f} | {deep} |"
        )
    return [*rows, "", *facts["sizes"]]


def _deep(auditor, wanted, events_found) -> str:
    """The time of page 200, where there is one."""
    before = None
    for _ in range(2):
        rows = events_found(auditor, wanted, before=before, limit=5_000)
        if len(rows) < 5_000:
            return "–"
        before = rows[-1].said.id
    begun = time.perf_counter()
    events_found(auditor, wanted, before=before, limit=51)
    return f"{(time.perf_counter() - begun) * 1000:.1f}"


def _facts(link):
    one = lambda text: link.execute(text).fetchone()[0]  # noqa: E731
    by = "SELECT {0} FROM audit_auditevent GROUP BY {0} ORDER BY count(*) {1} LIMIT 1"
    sizes = link.execute(
        "SELECT indexrelname, pg_size_pretty(pg_relation_size(indexrelid)) FROM pg_stat_user_indexes"
        " WHERE relname = 'audit_auditevent' ORDER BY 1"
    ).fetchall()
    return {
        "events": one("SELECT count(*) FROM audit_auditevent"), "version": one("SHOW server_version"),
        "busy_actor": one(by.format("actor", "DESC")), "rare_actor": one(by.format("actor", "ASC")),
        "busy_action": one(by.format("action", "DESC")), "rare_action": one(by.format("action", "ASC")),
        "type": one("SELECT object_type FROM audit_auditevent WHERE id = 1000"),
        "object": one("SELECT object_id FROM audit_auditevent WHERE id = 1000"),
        "request": one("SELECT request_id FROM audit_auditevent WHERE id = 1000"),
        "sizes": ["Indexes of events: " + ", ".join(f"{name} {size}" for name, size in sizes) + "."],
    }  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--database", help="an empty database; without it a server is started for the run")
    parser.add_argument("--redis")
    parser.add_argument("--seeded", action="store_true", help="the database holds the events already")
    parser.add_argument("--output", default="benchmarks/CONSOLE.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
