"""How charts and histories grow with the table of points: `python -m benchmarks.charts --growth [--growth-points N …]`.

100 runs with 10 metrics each have 1,000, then 10,000, then 100,000 points of each: 1,000,000, 10,000,000 and 100,000,000 in
all. PostgreSQL makes the points of one run and copies them to the others. Pages are asked for through Django's test client
by a member of the workspace, as in `benchmarks.browser`, and the protocol as its server calls it; the report keeps the plans
of the largest table.
"""

import io
import json
import os
import re
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import psycopg

from benchmarks.browser import BACKEND, worked
from benchmarks.charts_seed import curve_seed
from tests.live.people import command

RUNS, METRICS, SHOWN, ROUNDS, BATCH = 100, 10, 20, 15, 1_000
_RUNS = """
INSERT INTO experiments_run (id, experiment_id, workspace_id, name, user_name, status, lifecycle_stage, start_time,
                             end_time, artifact_uri, changes)
SELECT md5('growth' || r)::uuid, e.id, e.workspace_id, 'growth-' || r, 'bench', 'FINISHED', 'active', 1764000000000,
    1764000600000, '', 1
FROM experiments_experiment e, generate_series(1, %(runs)s) r WHERE e.id = %(experiment)s RETURNING id
"""
_COPY = """
INSERT INTO experiments_metricchunk (run_id, key, first_step, last_step, points, is_sorted, steps, timestamps, values)
SELECT run, key, first_step, last_step, points, is_sorted, steps, timestamps, values
FROM experiments_metricchunk, unnest(%(runs)s::uuid[]) run WHERE run_id = %(like)s
"""
_IDS = re.compile(r"'\{[0-9a-f,-]{80,}\}'")
_SIZES = """
SELECT pg_table_size('experiments_metricchunk') / 1e6, pg_indexes_size('experiments_metricchunk') / 1e6
"""


def measure(output: Path, points: list[int]) -> None:
    """Seed and measure in this process, which has the environment of a portal; writes the report's table and plans."""
    import django  # noqa: PLC0415 - after the environment is set

    django.setup()
    from django.test import Client  # noqa: PLC0415

    from portal.kernel import sql  # noqa: PLC0415

    user, experiment = _place()
    protocol, client = _Protocol(user.username), Client(HTTP_HOST="localhost")
    client.force_login(user, backend=BACKEND)
    sql.execute("SET statement_timeout = 0")  # on a busy machine, waiting is not what is measured
    columns: list[dict[str, str]] = []
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as link:
        runs = [row[0] for row in link.execute(_RUNS, {"runs": RUNS, "experiment": experiment}).fetchall()]
        for each in points:
            began = time.perf_counter()
            _seed(link, runs, each)
            print(
                f"{each * RUNS * METRICS:,} points in {time.perf_counter() - began:.0f} s",
                file=sys.stderr,
                flush=True,
            )
            table, index = link.execute(_SIZES).fetchall()[0]
            columns.append(
                {"table and index, MB": f"{table:,.0f} + {index:,.0f}"}
                | _column(client, protocol, runs, each)
            )
        output.write_text("\n".join([*_table(points, columns), *_plans(runs, points[-1])]), encoding="utf-8")


def _place() -> tuple[Any, int]:
    from experiments.models import Experiment  # noqa: PLC0415
    from portal.accounts.models import Membership, User, Workspace  # noqa: PLC0415

    workspace, _ = Workspace.objects.get_or_create(name="growth")
    user, _ = User.objects.get_or_create(username="bench")
    Membership.objects.get_or_create(user=user, workspace=workspace, role="contributor")
    values = {"artifact_location": "mlflow-artifacts:/1/1", "creation_time": 1, "last_update_time": 1}
    experiment, _ = Experiment.objects.get_or_create(workspace=workspace, name="growth", defaults=values)
    return user, experiment.pk


def _seed(link: "psycopg.Connection[Any]", runs: list[Any], points: int) -> None:
    link.execute("SET statement_timeout = 0")
    link.execute("TRUNCATE experiments_metricchunk")
    for number in range(METRICS):
        curve_seed(link, str(runs[0]), f"m{number}", points)
    for first in range(1, len(runs), 10):
        link.execute(_COPY, {"runs": runs[first : first + 10], "like": runs[0]})
    link.execute("VACUUM ANALYZE experiments_metricchunk")


def _column(client: Any, protocol: "_Protocol", runs: list[Any], points: int) -> dict[str, str]:
    """Milliseconds of each question, by the clock and on a processor."""
    shown = "&".join(f"run={run.hex}" for run in runs[:SHOWN])
    curves, middle = f"/runs/curves?{shown}&key=m1&x=step&buckets=400", points // 2
    history = f"run_id={runs[7].hex}&metric_key=m3&max_results=1000"
    asked = {
        f"{SHOWN} runs, the page of the chart": f"/runs/compare?{shown}&show=charts&key=m1",
        f"{SHOWN} runs, their curves": curves,
        "zoom to half": f"{curves}&from={points // 4}&to={3 * points // 4}",
        "zoom to a twentieth": f"{curves}&from={middle}&to={middle + points // 20}",
        "zoom to 200 points": f"{curves}&from={middle}&to={middle + 200}",
        f"{SHOWN} runs, curves over time": curves.replace("x=step", "x=time"),
        "a run, the page of its charts": f"/runs/{runs[3].hex}/metrics",
    }
    found = {name: _times(lambda url=url: client.get(url)) for name, url in asked.items()}
    found["history, 1,000 points"] = _times(lambda: protocol("GET", "metrics/get-history", history))
    return found | {f"{BATCH:,} points written": _times(_Batches(protocol, runs[9].hex, points))}


class _Protocol:
    """Calls of MLflow's protocol, with a token of a person."""

    def __init__(self, person: str) -> None:
        self.token = command("token_issue", person)["token"]

    def __call__(self, method: str, path: str, query: str = "", body: bytes = b"") -> "_Answer":
        from portal.wsgi import application  # noqa: PLC0415

        environ: dict[str, Any] = {
            "REQUEST_METHOD": method, "PATH_INFO": f"/api/2.0/mlflow/{path}", "QUERY_STRING": query,
            "HTTP_AUTHORIZATION": f"Bearer {self.token}", "HTTP_HOST": "localhost", "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body),
        }  # fmt: skip
        setup_testing_defaults(environ)
        status: list[str] = []
        content = b"".join(application(environ, lambda said, heads, *_: status.append(said)))
        return _Answer(int(status[0].split()[0]), content)


@dataclass(frozen=True)
class _Answer:
    status_code: int
    content: bytes


class _Batches:
    """Writes the next points of a run at each call."""

    def __init__(self, protocol: _Protocol, run: str, step: int) -> None:
        self.protocol, self.run, self.step = protocol, run, step

    def __call__(self) -> Any:
        steps = range(self.step, self.step + BATCH)
        self.step += BATCH
        body = {
            "run_id": self.run,
            "metrics": [
                {"key": "m0", "value": 0.5, "step": step, "timestamp": 1_764_000_000_000 + step}
                for step in steps
            ],
        }
        return self.protocol("POST", "runs/log-batch", body=json.dumps(body).encode())


def _times(ask: Any) -> str:
    delays, busy = [], 0.0
    for number in range(ROUNDS):
        began, before = time.perf_counter(), worked()
        answer = ask()
        if number:
            delays.append((time.perf_counter() - began) * 1000)
            busy += worked() - before
        if answer.status_code != 200:
            raise SystemExit(f"answered {answer.status_code}: {answer.content[:300]!r}")
    return f"{statistics.median(delays):.0f} | {busy / (ROUNDS - 1):.0f}"


def _table(points: list[int], columns: list[dict[str, str]]) -> list[str]:
    heads = " | ".join(f"{each * RUNS * METRICS:,} points | processor" for each in points)
    lines = [
        "## Growth", "",
        f"{RUNS} runs with {METRICS} metrics each; by the clock and on a processor, in ms, of {ROUNDS - 1} times; load of the "
        f"machine {os.getloadavg()[2]:.1f} on average over 15 minutes. `python -m benchmarks.charts --growth`.", "",
        f"| what | {heads} |", f"|---|{'---:|' * 2 * len(points)}",
    ]  # fmt: skip
    for name in columns[0]:
        cells = " | ".join(column[name] + ("" if "|" in column[name] else " | ") for column in columns)
        lines.append(f"| {name} | {cells} |")
    return lines


def _plans(runs: list[Any], points: int) -> list[str]:
    """The plans of a chart of the whole, by summaries, and of a zoom, by points."""
    from experiments.selectors import curves  # noqa: PLC0415
    from portal.kernel import sql  # noqa: PLC0415

    plain = sql.cursor
    lines = ["", "### Plans", ""]
    for name, first, last in (
        ("the whole", None, None),
        ("a zoom to 200 points", points / 2, points / 2 + 200),
    ):
        asked: list[tuple[Any, Any]] = []

        class Recording(psycopg.Cursor[Any]):
            def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
                asked.append((query, params))  # noqa: B023 - used in this round alone
                return super().execute(query, params, **how)

        sql.cursor = lambda: Recording(plain().connection)
        curves.curves(runs[:SHOWN], "m1", curves.Window("step", first, last, 400))
        sql.cursor = plain
        lines += [f"**{name}**", "", "```"]
        for query, params in asked:
            plan = plain().execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {query}", params).fetchall()
            lines += [*(_IDS.sub("'{…}'", line) for (line,) in plan), ""]
        lines += ["```", ""]
    return lines


if __name__ == "__main__":
    measure(Path(sys.argv[1]), [int(each) for each in sys.argv[2:]])
