"""`python -m benchmarks.monitoring`: a drift report over the last 100,000 of millions of logged requests.

Seeds a database of its own: one endpoint among ten with as many requests of eight columns as are asked for, spread over
four weeks, and the profile of training data. Then the measurement as its job makes it, from the statement to the figures of
every column, and the parts of it. Writes `benchmarks/MONITORING.md`.
"""

import argparse
import os
import platform
import statistics
import time
from pathlib import Path
from typing import Any

from benchmarks.servers import addresses

REPORT = Path(__file__).with_name("MONITORING.md")
WINDOW, BUSIEST = 100_000, 0.5
_PLACES = """
INSERT INTO accounts_workspace (id, name, description, created_at) VALUES (1, 'credit', '', now());
INSERT INTO deployments_endpoint (id, workspace_id, name, environment, description, target, settings, is_stopped,
    stop_reason, route_revision, wanted_revision, last_number, created_at)
SELECT md5('e' || i)::uuid, 1, 'scores-' || i, 'dev', '', 'local', '{}', false, '', 1, 1, 0, now()
FROM generate_series(0, 9) i;
INSERT INTO experiments_dataasset (id, workspace_id, name, created_at) VALUES (md5('a')::uuid, 1, 'applicants', now());
INSERT INTO experiments_datasetversion (id, workspace_id, asset_id, number, source_uri, digest, mlflow_digest, manifest,
    path, role, classification, licence, description, datasheet, created_at, problem)
VALUES (md5('d')::uuid, 1, md5('a')::uuid, 1, 's3://x', repeat('ab', 32), '', '[]', '', '', '', '', '', '', now(), '');
"""
_DAY = """
CREATE TABLE deployments_inferencerecord_old_%(day)s PARTITION OF deployments_inferencerecord
FOR VALUES FROM (current_date - %(day)s) TO (current_date - %(day)s + 1)
"""
# Half of the requests are of the first endpoint, whose window is measured.
_RECORDS = """
INSERT INTO deployments_inferencerecord (id, endpoint_id, version, at, request_id, actor, role, status, code, latency_ms,
    rows, request, response, retention_class, routing_key_hash)
SELECT gen_random_uuid(), md5('e' || CASE WHEN random() < %(busiest)s THEN 0 ELSE 1 + i %% 9 END)::uuid, '3',
       current_date - %(day)s + interval '1 day' * (i - 1) / %(count)s, md5(i::text || 'r' || %(day)s), 'user:1', 'live', 200, '',
       3, 1,
       jsonb_build_object('dataframe_split', jsonb_build_object('columns', jsonb_build_array('age', 'income', 'debt',
           'years', 'city', 'product', 'is_member', 'score'), 'data', jsonb_build_array(jsonb_build_array(
           20 + (random() * 50)::int, round((random() * 90000)::numeric, 2), round((random() * 20000)::numeric, 2),
           (random() * 30)::int, (ARRAY['Bonn', 'Kiel', 'Ulm', 'Jena'])[1 + i %% 4], 'p' || i %% 9, i %% 2 = 0, random())))),
       jsonb_build_object('predictions', jsonb_build_array(i %% 2)), 'standard', ''
FROM generate_series(1, %(count)s) i
"""


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    options.add_argument("--rows", type=int, default=10_000_000, help="logged requests; default 10,000,000")
    options.add_argument("--rounds", type=int, default=5)
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
        REPORT.write_text(_measured(given.rows, given.rounds))
    print(f"Written to {REPORT}")


def _measured(rows: int, rounds: int) -> str:
    import django  # noqa: PLC0415 - after the environment is set

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    seeded = _seeded(rows)
    parts = [_round() for _ in range(rounds)]
    return _report(rows, seeded, parts)


def _seeded(rows: int, days: int = 28) -> float:
    """Fill the tables; seconds that it took."""
    from django.db import connection  # noqa: PLC0415

    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_PLACES, None)
        for day in range(days, 0, -1):
            cursor.execute(_DAY % {"day": day}, None)
            cursor.execute(_RECORDS, {"day": day, "count": rows // days, "busiest": BUSIEST})
        cursor.execute("VACUUM ANALYZE deployments_inferencerecord")
        cursor.execute("SET statement_timeout = '30s'")
    _profile()
    return time.perf_counter() - began


def _profile() -> None:
    """The training data as the job that looks at datasets describes it."""
    from experiments.models import DatasetProfile, DatasetVersion  # noqa: PLC0415
    from portal.kernel.clock import now  # noqa: PLC0415

    numbers = {"age": 70.0, "income": 90000.0, "debt": 20000.0, "years": 30.0, "score": 1.0}
    columns: list[dict[str, Any]] = [
        {"name": name, "type": "float64", "missing": 0, "min": 0.0, "max": top, "mean": top / 2, "std": top / 3.46,
         "histogram": {"edges": [top * n / 20 for n in range(21)], "counts": [500] * 20}}
        for name, top in numbers.items()
    ]  # fmt: skip
    labels = {
        "city": ["Bonn", "Kiel", "Ulm", "Jena"],
        "product": [f"p{n}" for n in range(9)],
        "is_member": ["True", "False"],
    }
    columns += [
        {
            "name": name,
            "type": "string",
            "missing": 0,
            "others": 0,
            "top": [{"value": each, "count": 900} for each in top],
        }
        for name, top in labels.items()
    ]
    version = DatasetVersion.objects.get()
    body = {"rows": 10_000, "columns": columns}
    DatasetProfile.objects.create(version=version, workspace_id=1, body=body, made_at=now())


def _round() -> dict[str, float]:
    """Seconds of one report, and of reading its rows alone."""
    from deployments.models import Endpoint  # noqa: PLC0415
    from monitoring.evaluating.measuring import measured  # noqa: PLC0415
    from monitoring.models import Monitor  # noqa: PLC0415
    from monitoring.reading.windows import table_of  # noqa: PLC0415
    from monitoring.validation import settings_read  # noqa: PLC0415
    from portal.kernel.clock import now  # noqa: PLC0415

    settings = settings_read("data_drift", {
        "window": {"rows": WINDOW}, "reference": {"kind": "dataset", "dataset": "applicants"},
    })  # fmt: skip
    endpoint = Endpoint.objects.get(name="scores-0")
    monitor = Monitor(workspace_id=1, endpoint=endpoint, kind="data_drift", settings=settings)
    began = time.perf_counter()
    busy = _busy()
    table = table_of(endpoint.pk, {"rows": WINDOW}, now())
    read = time.perf_counter()
    halfway = _busy()
    found = measured(monitor, now())
    ended = time.perf_counter()
    if table.rows != WINDOW or found.rows != WINDOW or len(found.body["columns"]) != 8:
        raise SystemExit(f"Not what was asked for: {table.rows} rows, {found.summary}")
    return {"read": read - began, "report": ended - read, "load": os.getloadavg()[0],
            "read_busy": halfway - busy, "report_busy": _busy() - halfway}  # fmt: skip


def _busy() -> float:
    """Seconds of processor that this process and its backend of PostgreSQL have used: what a quiet machine would take."""
    from portal.kernel import sql  # noqa: PLC0415

    row = sql.row("SELECT pg_backend_pid()")
    backend = Path(f"/proc/{row[0] if row else 0}/stat")
    ticks = backend.read_text().rpartition(")")[2].split()[11:13] if backend.exists() else []
    return time.process_time() + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _report(rows: int, seeded: float, parts: list[dict[str, float]]) -> str:
    middle = {name: statistics.median(each[name] for each in parts) for name in parts[0]}
    worst = max(each["report"] for each in parts)
    return f"""# A drift report over the last {WINDOW:,} of {rows:,} requests

Written by `make bench-monitoring`. Python {platform.python_version()}, {os.cpu_count()} processors, PostgreSQL with its
own files; {len(parts)} rounds, load average {min(each["load"] for each in parts):.1f} to
{max(each["load"] for each in parts):.1f}. Seeding took {seeded:.0f} s and is not part of it.

| | median | worst | processor used, median | target |
|---|---|---|---|---|
| report: read, compute, judge | {middle["report"]:.2f} s | {worst:.2f} s | {middle["report_busy"]:.2f} s | under 10 s |
| reading the rows as columns alone | {middle["read"]:.2f} s | {max(each["read"] for each in parts):.2f} s | {middle["read_busy"]:.2f} s | |

One endpoint of ten has half of the requests, which lie in 28 days; each asks about one row of eight columns, five of
numbers and three of labels. The processor is that of the worker and of its PostgreSQL backend. The report has all statistics of all columns, beside the profile of a dataset version.
"""


if __name__ == "__main__":
    main()
