"""Server time of the runs table, its facets and the search box: `python -m benchmarks.browser [--runs N …]`.

Runs are made by PostgreSQL itself (`browser_seed`), in one experiment, in a database of their own. Each page is asked for
through Django's test client, middleware and templates included, by a member of the workspace. Beside the time by the clock
stands the time that the server's process and its process of PostgreSQL were on a processor: on a machine that has nothing
else to do, the two are the same. `--runs 1000 10000 100000 1000000` shows how cost grows, in a table that stays in the report
when less is measured. The report keeps the plans of the statements that matter, of the last size.
"""

import argparse
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import psycopg.sql

from benchmarks.browser_other import OTHER, OTHER_SEED
from benchmarks.browser_seed import SEED, runs_seed
from benchmarks.growth import growth_report
from benchmarks.servers import addresses
from portal.kernel.memory import collector_prepare
from tests.live.databases import beside, name_of

ROUNDS, _CELLS, _SIZES = 30, 4, 2
_IDS = re.compile(r"'\{[0-9a-f,-]{80,}\}'")  # in a plan
_Times = tuple[list[float], float]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
DEEP = 999 * 50  # rows before page 1,000
TABLE = {
    "newest first": "",
    "by name": "order_by=attributes.run_name ASC",
    "by status": "order_by=attributes.status ASC",
    "by owner": "order_by=attributes.user_id ASC",
    "by duration": "order_by=attributes.duration DESC",
    "by a metric": "order_by=metrics.metric0 DESC",
    "by a metric that is 1 in half of the runs": "order_by=metrics.metric7 DESC",
    "by a param with 6 values": "order_by=params.param0 ASC",
    "by a param that never differs": "order_by=params.param9 ASC",
    "by a number in a param": "order_by=params.param7 DESC",
    "by a tag": "order_by=tags.team ASC",
    "by a tag that no run has": "order_by=tags.nothing ASC",
}
THREE = "columns=metrics.metric0&columns=metrics.metric1&columns=metrics.metric2"
FILTERS = {
    "a tenth, by another metric": "filter=metrics.metric0 > 0.9&order_by=metrics.metric1 DESC",
    "one in ten thousand": "filter=metrics.metric0 > 0.99 and metrics.metric1 < 0.01&order_by=metrics.metric2 DESC",
    "a param and a metric": "filter=params.param0 = 'v1' and metrics.metric0 > 0.5&order_by=params.param4 DESC",
    "a param by LIKE": "filter=params.param0 LIKE '%1%'&order_by=metrics.metric2 DESC",
    "a param by LIKE, nothing found": "filter=params.param0 LIKE '%zz%'&order_by=metrics.metric2 DESC",
    "a name by LIKE": "filter=attributes.run_name LIKE '%-777%'&order_by=metrics.metric2 DESC",
    "six terms": "filter=params.param0 = 'v1' and params.param1 = 'v2' and metrics.metric1 > 0.2 and metrics.metric2 < 0.9"
                 " and tags.team = 'risk' and attributes.status = 'FINISHED'&order_by=params.param7 DESC",
    "two facets": "facet=params.param0=v1&facet=params.param0=v2&facet=attributes.status=FAILED&order_by=metrics.metric2 DESC",
    "one rare word": "q=77777",
    "one frequent word": "q=amber&order_by=attributes.duration DESC",
    "two words, of name and notes": "q=ott fresh&order_by=metrics.metric2 DESC",
    "running now": "facet=attributes.status=RUNNING",
    "deleted, by a metric": "view=deleted&order_by=metrics.metric2 DESC",
    "nested": "tree=1",
    "grouped by a param, three metrics": "group_by=params.param0",
    "its figures, behind the page": f"group_by=params.param0&part=figures&{THREE}",
    "those of all runs, behind these": f"group_by=params.param0&part=figures&of=all&{THREE}",
    "grouped by commit": "group_by=tags.mlflow.source.git.commit",
    "its figures, behind the page, by commit": f"group_by=tags.mlflow.source.git.commit&part=figures&{THREE}",
    "those of all runs, behind these, by commit": f"group_by=tags.mlflow.source.git.commit&part=figures&of=all&{THREE}",
}  # fmt: skip
FACETS = {
    "of all runs": "", "of a sixth": "filter=params.param0 = 'v1'", "of a hundredth": "filter=metrics.metric0 > 0.99",
    "with two picks": "facet=params.param0=v1&facet=attributes.status=FINISHED", "of one param": "of=params.param3",
    # Where many runs are found, these come behind the answers above, each by a request of its own.
    "with two picks, one of them": "facet=params.param0=v1&facet=attributes.status=FINISHED&of=params.param0",
    "with two picks, the other": "facet=params.param0=v1&facet=attributes.status=FINISHED&of=attributes.status",
    "with two picks, another param": "facet=params.param0=v1&facet=attributes.status=FINISHED&of=params.param1",
}  # fmt: skip
SEARCHES = {"frequent word": "amber", "rare word": "harbor-77", "part of a new name": "comet-99", "an id": "019b2dcd7c00", "nothing": "zzzz"}  # fmt: skip
EXPLAINED = (
    ("page 1,000, by a metric that is 1 in half of the runs", "order_by=metrics.metric7 DESC", True),
    ("page 1,000, by a param with 6 values", "order_by=params.param0 ASC", True),
    ("page 1,000, by a number in a param", "order_by=params.param7 DESC", True),
    ("one in ten thousand", FILTERS["one in ten thousand"], False),
    ("two words, of name and notes", FILTERS["two words, of name and notes"], False),
)


def main() -> None:
    options = _options()
    lines = [
        "# The experiment browser", "",
        f"{os.cpu_count()} cores, Python {platform.python_version()}. 10 params, 10 metrics and 5 tags per run, one experiment. "
        "“processor” is the time on a processor, of server and PostgreSQL together; the rest of the time by the clock is "
        f"waiting for one. Server time in ms with middleware and templates, {options.rounds} times each, 50 rows a page; `python -m benchmarks.browser`.", "",
    ]  # fmt: skip
    grown: dict[str, list[str]] = {}
    for runs in options.runs:
        with addresses(options.database, options.redis) as (given, redis):
            database = _own(given, runs) if options.database and len(options.runs) > 1 else given
            env = {
                "DATABASE_URL": database, "REDIS_URL": redis, "SECRET_KEY": "benchmark" * 8,
                "DJANGO_SETTINGS_MODULE": "portal.settings.test",
            }  # fmt: skip
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "-v", "0"], check=True, env=os.environ | env
            )
            command = [
                sys.executable, "-m", "benchmarks.browser", "--measure", str(runs), "--rounds", str(options.rounds),
            ]  # fmt: skip
            is_last = runs == options.runs[-1]
            done = subprocess.run(
                [*command, *(["--explain"] if is_last else []), *(["--other"] if options.other else [])], check=True, env=os.environ | env, text=True,
                stdout=subprocess.PIPE,
            )  # fmt: skip
            load = f"Load of the machine meanwhile: {os.getloadavg()[2]:.1f} on average over 15 minutes."
            lines += [f"## {runs:,} runs", "", f"PostgreSQL {_version(database)}. {load}", "", done.stdout]
            _grow(grown, done.stdout)
    if len(options.runs) > _SIZES:
        lines += _growth(grown, options.runs)
    growth_report(options.output, lines)


def _own(database: str, runs: int) -> str:
    """A database for so many runs beside the one that was given: that of an earlier run, else a new one."""
    url = beside(database, f"{name_of(database)}_{runs}")
    with psycopg.connect(database, autocommit=True) as link:
        if not link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name_of(url)]).fetchone():
            link.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name_of(url))))
    return url


def _grow(grown: dict[str, list[str]], report: str) -> None:
    """Take the time on a processor from each line of the tables of a report."""
    title = ""
    for line in report.partition("## Plans")[0].splitlines():
        name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        if cells and cells[0] == "first":
            title = name
        elif len(cells) >= _CELLS and cells[0].isdecimal():
            grown.setdefault(f"{title}: {name}", []).append(cells[_CELLS - 1])
            if len(cells) > _CELLS:
                grown.setdefault(f"{title}, page 1,000: {name}", []).append(cells[-1])


def _growth(grown: dict[str, list[str]], runs: list[int]) -> list[str]:
    """How each page grows; page 1,000 is left out where the smaller experiments have none."""
    rows = [f"| {name} | {' | '.join(cells)} |" for name, cells in grown.items() if len(cells) == len(runs)]
    return [
        "## Growth", "", "Milliseconds on a processor, server and PostgreSQL together.", "",
        f"| page | {' | '.join(f'{each:,} runs' for each in runs)} |", f"|---|{'---:|' * len(runs)}", *rows, "",
    ]  # fmt: skip


def measure(runs: int, rounds: int, *, is_explained: bool, has_other: bool) -> None:
    """Seed and measure in this process, which has the environment of a portal; prints its part of the report."""
    import django  # noqa: PLC0415 - after the environment is set

    django.setup()
    from django.test import Client  # noqa: PLC0415

    from portal.accounts.models import Membership, User, Workspace  # noqa: PLC0415
    from portal.kernel import sql  # noqa: PLC0415

    workspace, _ = Workspace.objects.get_or_create(name="bench")
    user, _ = User.objects.get_or_create(username="bench")
    Membership.objects.get_or_create(user=user, workspace=workspace, role="contributor")
    experiment = _experiment(workspace, "bench", SEED, runs)
    client = Client(HTTP_HOST="localhost")
    client.force_login(user, backend=BACKEND)
    base = f"/experiments/{experiment}?"
    client.get(base)
    collector_prepare()  # as the portal's server does with what it has loaded: else a page now and then pays for looking at all
    sql.execute("SET statement_timeout = 0")  # on a busy machine, waiting is not what is measured
    print("| table | first | median | 95% | processor | page 1,000 median | 95% | processor |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, query in TABLE.items():
        token = _token(user, experiment, query)
        deep = _times(client, f"{base}{query}&page_token={token}", rounds) if token else None
        print(_row(name, _times(client, base + query, rounds), deep), flush=True)
    facets = f"/runs/facets?experiment={experiment}&"
    for part in ("filter", FILTERS, base), ("facets", FACETS, facets), ("search box", SEARCHES, "/search?q="):
        _table(client, *part, rounds)
    if has_other:
        other = _experiment(workspace, "other", OTHER_SEED, runs)
        _table(client, "filter, beside an experiment of another shape", FILTERS, base, rounds)
        _table(client, "in that experiment", OTHER, f"/experiments/{other}?", rounds)
    if is_explained:
        _explain(user, experiment)


def _experiment(workspace: Any, name: str, seed: str, runs: int) -> int:
    """The id of an experiment, which is filled where it is new."""
    from experiments.models import Experiment  # noqa: PLC0415

    values = {"artifact_location": f"mlflow-artifacts:/1/{name}", "creation_time": 1, "last_update_time": 1}
    found, is_new = Experiment.objects.get_or_create(workspace=workspace, name=name, defaults=values)
    if is_new:
        runs_seed(os.environ["DATABASE_URL"], found.pk, runs, seed)
    return int(found.pk)


def _table(client: Any, title: str, asked: dict[str, str], start: str, rounds: int) -> None:
    print(f"\n| {title} | first | median | 95% | processor |\n|---|---:|---:|---:|---:|")
    for name, query in asked.items():
        print(_row(name, _times(client, start + query, rounds)), flush=True)


def _times(client: Any, url: str, rounds: int) -> _Times:
    """Milliseconds by the clock, in the order in which they were measured; and on a processor, on average."""
    delays, url, busy = [], quote(url, safe="/?=&:,.-_~"), 0.0
    for number in range(rounds):
        begun, before = time.perf_counter(), worked()
        answer = client.get(
            url, headers={"Accept": "application/json"} if url.startswith("/search") else None
        )
        delays.append((time.perf_counter() - begun) * 1000)
        busy += (worked() - before) if number else 0
        if answer.status_code != 200:
            raise SystemExit(f"{url} answered {answer.status_code}")
    return delays, busy / (rounds - 1)


def worked() -> float:
    """Milliseconds that this process and its process of PostgreSQL have been on a processor."""
    from django.db import connection  # noqa: PLC0415

    pid = connection.connection.info.backend_pid
    return time.process_time() * 1000 + int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def _row(name: str, times: _Times, deep: _Times | None = None) -> str:
    return f"| {name} | {' | '.join([f'{times[0][0]:.0f}', *_quantiles(times), *(_quantiles(deep) if deep else [])])} |"


def _quantiles(times: _Times) -> list[str]:
    warm = sorted(times[0][1:])
    return [f"{statistics.median(warm):.0f}", f"{warm[int(len(warm) * 0.95)]:.0f}", f"{times[1]:.0f}"]


def _query(user: Any, experiment: int, text: str) -> Any:
    from django.http import QueryDict  # noqa: PLC0415

    from experiments.selectors.table_state import table_query  # noqa: PLC0415
    from experiments.web.table_address import state_of  # noqa: PLC0415
    from portal.accounts.actor import Actor  # noqa: PLC0415

    actor = Actor.of_user(user, request_id="bench")
    return table_query(actor, state_of(QueryDict(text.replace(" ", "+")), [experiment]))


def _token(user: Any, experiment: int, text: str) -> str:
    """The token of page 1,000, where there is one."""
    from experiments.selectors.table_search import table_ids  # noqa: PLC0415

    return table_ids(_query(user, experiment, text), page_token=None, limit=DEEP)[1] or ""


def _explain(user: Any, experiment: int) -> None:
    """Print the plans of what a page asks to find its runs."""
    from experiments.selectors.table_search import table_ids  # noqa: PLC0415
    from portal.kernel import sql  # noqa: PLC0415

    asked: list[tuple[Any, Any]] = []

    class Recording(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
            if " experiments_run r" in str(query):
                asked.append((query, params))
            return super().execute(query, params, **how)

    plain = sql.cursor
    print("\n## Plans\n")
    for name, text, is_deep in EXPLAINED:
        token = _token(user, experiment, text) if is_deep else None
        sql.cursor = lambda: Recording(plain().connection)
        asked.clear()
        table_ids(_query(user, experiment, text), page_token=token, limit=50)
        sql.cursor = plain
        print(f"**{name}**\n\n```")
        for query, params in asked:
            lines = plain().execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {query}", params).fetchall()
            print("\n".join(_IDS.sub("'{…}'", line) for (line,) in lines), "\n")
        print("```\n")


def _version(database: str) -> str:
    with psycopg.connect(database) as link:
        return str(link.execute("SHOW server_version").fetchall()[0][0])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, nargs="+", default=[100_000])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument(
        "--database",
        help="an empty database, or one of an earlier run; else a server is started. Of several sizes each"
        " has one beside it, by the number of runs",
    )
    parser.add_argument("--redis")
    parser.add_argument(
        "--other", action="store_true", help="then again beside as many runs of another shape, and those, too"
    )
    parser.add_argument("--output", default="benchmarks/BROWSER.md")
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--explain", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    given = _options()
    if given.measure:
        measure(given.measure, given.rounds, is_explained=given.explain, has_other=given.other)
    else:
        main()
