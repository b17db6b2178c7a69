"""`python -m benchmarks.lineage`: lineage and blast radius over 100,000 edges, with the plan of PostgreSQL.

Seeds a database of its own, measures the selectors as the API calls them, and writes `benchmarks/LINEAGE.md`.
"""

import argparse
import os
import platform
import statistics
import time
from pathlib import Path
from typing import Any

from benchmarks.servers import addresses

REPORT = Path(__file__).with_name("LINEAGE.md")
ROUNDS = 7
RUNS, DATASETS, LAG = 22_000, 2_000, 250
_SEED = f"""
INSERT INTO accounts_workspace (id, name, description, created_at) VALUES (1, 'credit', '', now());
INSERT INTO experiments_experiment (id, workspace_id, name, artifact_location, lifecycle_stage, creation_time,
                                    last_update_time, is_default)
VALUES (1, 1, 'scoring', 'x', 'active', 1, 1, false), (2, 1, 'again', 'x', 'active', 1, 1, false);
INSERT INTO experiments_dataset (id, workspace_id, experiment_id, name, digest, source_type, source)
SELECT md5('d' || e || '.' || i)::uuid, 1, e, 'set-' || i, 'digest-' || i, 's3', '{{}}'
FROM generate_series(0, {DATASETS - 1}) i, generate_series(1, 2) e;
INSERT INTO experiments_run (id, name, user_name, status, lifecycle_stage, start_time, end_time, artifact_uri, changes,
                             experiment_id, workspace_id)
SELECT md5('r' || i)::uuid, 'run-' || i, 'bench', 'FINISHED', 'active', i, i + 1, 'x', 0, 1 + i % 2, 1
FROM generate_series(0, {RUNS - 1}) i;
INSERT INTO experiments_runinput (run_id, dataset_id, tags, context)
SELECT DISTINCT md5('r' || i)::uuid, md5('d' || (1 + i % 2) || '.' || d)::uuid, '[]'::jsonb, 'training'
FROM generate_series(0, {RUNS - 1}) i, LATERAL (VALUES (1 + i % {DATASETS - 1}), (1 + (i * 7 + 3) % {DATASETS - 1})) v(d);
INSERT INTO experiments_runinput (run_id, dataset_id, tags, context)
SELECT md5('r' || i)::uuid, md5('d' || (1 + i % 2) || '.0')::uuid, '[]'::jsonb, 'training'
FROM generate_series(0, {LAG - 1}) i;
INSERT INTO experiments_loggedmodel (id, workspace_id, experiment_id, source_run_id, name, artifact_location, model_type,
    status, status_message, lifecycle_stage, creation_timestamp, last_updated_timestamp, digest)
SELECT 'm-' || md5('m' || i), 1, 1 + i % 2, md5('r' || i)::uuid, 'model', 'x', '', 'LOGGED_MODEL_READY', '', 'active',
       1, 1, '' FROM generate_series(0, {RUNS - 1}) i;
INSERT INTO experiments_runmodelinput (run_id, model_id)
SELECT md5('r' || i)::uuid, 'm-' || md5('m' || (i - {LAG})) FROM generate_series({LAG}, {RUNS - 1}) i WHERE i % 2 = 0;
INSERT INTO registry_registeredmodel (id, workspace_id, name, description, is_prompt, last_version, creation_timestamp,
                                      last_updated_timestamp)
SELECT md5('g' || i)::uuid, 1, 'model-' || i, '', false, 1, 1, 1 FROM generate_series(0, {RUNS - 1}) i WHERE i % 4 < 3;
INSERT INTO registry_modelversion (id, workspace_id, model_id, version, description, user_name, current_stage, source,
    artifact_location, run_id, logged_model_id, run_link, status, status_message, digest, creation_timestamp,
    last_updated_timestamp)
SELECT md5('v' || i)::uuid, 1, md5('g' || i)::uuid, 1, '', '', 'None', '', 'x', md5('r' || i)::uuid,
       'm-' || md5('m' || i), '', 'READY', '', md5('x' || i) || md5('y' || i), 1, 1
FROM generate_series(0, {RUNS - 1}) i WHERE i % 4 < 3;
INSERT INTO registry_assignment (id, workspace_id, model_id, version_id, kind, name, valid_from, moved_by, moved_by_name,
                                 ended_by, reason)
SELECT md5('a' || i)::uuid, 1, md5('g' || i)::uuid, md5('v' || i)::uuid, 'alias', 'champion', now(), 'user:1', '', '', ''
FROM generate_series(0, {RUNS - 1}) i WHERE i % 4 = 0;
"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--database", help="an empty database; default: a server of its own")
    options.add_argument("--redis")
    given = options.parse_args()
    with addresses(given.database, given.redis) as (database, redis):
        os.environ.update(
            DATABASE_URL=database,
            REDIS_URL=redis,
            DJANGO_SETTINGS_MODULE="portal.settings.test",
            SECRET_KEY="x" * 50,
        )
        REPORT.write_text(_measured())
    print(f"Written to {REPORT}")


def _measured() -> str:
    import django  # noqa: PLC0415 - after the environment is set

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_SEED.replace("%", "%%"), [])
        cursor.execute("ANALYZE")
        cursor.execute("SET statement_timeout = '10s'")
    return _report()


def _report() -> str:
    from django.db import connection  # noqa: PLC0415

    from portal.accounts.actor import Actor  # noqa: PLC0415
    from registry.lineage.graph import NodeKey, blast_radius, lineage_of  # noqa: PLC0415
    from registry.lineage.statements import blast_statement, graph_statement  # noqa: PLC0415

    actor = Actor(kind="user", name="bench", user_id=1, roles={1: frozenset({"viewer"})})
    hub, small = (NodeKey.parse(f"dataset:{_md5(name)}") for name in ("d1.0", "d1.1999"))
    version = NodeKey.parse(f"version:{_md5(f'v{RUNS - 4}')}")
    asked: dict[str, Any] = {
        "blast radius of a dataset under most of the graph": lambda: blast_radius(actor, hub),
        "blast radius of one of 2,000 datasets": lambda: blast_radius(actor, small),
        "graph of a version, both ways, depth 12": lambda: lineage_of(actor, version),
        "graph of a version, up, depth 40": lambda: lineage_of(actor, version, direction="up", depth=40),
    }
    rows = []
    for name, ask in asked.items():
        found = ask()
        size = sum(found.counts.values()) if hasattr(found, "counts") else len(found.nodes)
        what = f"{len(found.live):,} live" if hasattr(found, "live") else f"{len(found.edges):,} edges"
        busy = _busy_ms()
        samples = sorted(_timed(ask) for _ in range(ROUNDS))
        busy = (_busy_ms() - busy) / ROUNDS
        rows.append(
            f"| {name} | {size:,} | {what} | {statistics.median(samples):.0f} | {samples[0]:.0f} | {busy:.0f} |"
        )
        print(rows[-1])
    params = {
        "kind": hub.kind,
        "id": hub.id,
        "seen": [1],
        "live": ["live", "ai-system", "dataset"],
        "limit": 1000,
    }
    plans = [
        ("Blast radius of the dataset under most of the graph", blast_statement(), params),
        (
            "Graph of a version",
            graph_statement(("up", "down")),
            {**params, "kind": "version", "id": version.id, "depth": 12},
        ),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()")
        server = str(cursor.fetchone()[0]).split(",")[0]
    edges = _edges()
    load = os.getloadavg()[0]
    head = (
        f"# Lineage over {edges:,} edges\n\n{server}, Python {platform.python_version()}, {os.cpu_count()} cores, load "
        f"{load:.1f} while measured. Each question is one statement; milliseconds include reading the rows and making the "
        f"answer in Python. `python -m benchmarks.lineage` writes this file.\n\n"
        "| question | nodes reached | answer | median ms | best ms | processor ms of PostgreSQL |\n|---|---|---|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n" + "".join(_plan(*each) for each in plans)


def _edges() -> int:
    from portal.kernel import sql  # noqa: PLC0415
    from registry.lineage.catalogue import HOPS  # noqa: PLC0415

    counts = [
        sql.row(f"SELECT count(*) FROM {hop.relation} t WHERE t.{hop.source_column} IS NOT NULL"
                f" AND t.{hop.target_column} IS NOT NULL AND {hop.where}")
        for hop in HOPS
    ]  # fmt: skip
    return sum(int(row[0]) for row in counts if row)


def _plan(title: str, statement: str, params: dict[str, Any]) -> str:
    from portal.kernel import sql  # noqa: PLC0415

    lines = [
        row[0]
        for row in sql.rows(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY ON) {statement}", params)
    ]
    return f"\n## {title}\n\n```\n" + "\n".join(lines) + "\n```\n"


def _busy_ms() -> float:
    """Milliseconds of processor time of our PostgreSQL process: what other load on the machine does not change much."""
    from portal.kernel import sql  # noqa: PLC0415

    row = sql.row("SELECT pg_backend_pid()")
    fields = Path(f"/proc/{row[0] if row else 0}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _timed(ask: Any) -> float:
    begun = time.perf_counter()
    ask()
    return (time.perf_counter() - begun) * 1000


def _md5(text: str) -> str:
    import hashlib  # noqa: PLC0415

    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


if __name__ == "__main__":
    main()
