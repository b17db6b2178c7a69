"""Server time of the pages of jobs over many past jobs: `python -m benchmarks.jobs_pages jobs`, one JSON line."""

import json
import sys
import time
from typing import Any

import django

django.setup()

from django.test import Client  # noqa: E402 - needs the set-up

from benchmarks.jobs_load import quantiles  # noqa: E402 - needs the set-up
from jobs.models import JobRun  # noqa: E402 - needs the set-up
from portal.accounts.models import Membership, User, Workspace  # noqa: E402 - needs the set-up
from portal.kernel import sql  # noqa: E402 - needs the set-up

PLACES, PEOPLE, TIMES = 50, 200, 40
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# A year of jobs: ids in the order of time, most done, some failed; the first workspace and the first person have few.
_JOBS = """
INSERT INTO jobs_jobrun (id, kind, key, workspace_id, args, queue, state, attempt, max_attempts, owner, cursor, reason,
                         result, created_by_id, actor, actor_name, request_id, created_at, not_before, started_at,
                         finished_at)
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8'
        || substr(md5(n::text), 4, 15))::uuid,
       (%(kinds)s::text[])[1 + (hashtext('k' || n) & 7)], n::text,
       CASE WHEN n %% 20000 = 0 THEN %(place)s ELSE %(place)s + 1 + (hashtext('w' || n) & 1023) %% %(places)s END,
       '{"value": 1}', CASE WHEN n %% 4 = 0 THEN 'system' ELSE 'default' END,
       CASE WHEN n %% 20 = 0 THEN 'failed' WHEN n %% 33 = 0 THEN 'cancelled' ELSE 'done' END, 1, 5, 'node:1:2', '{}',
       CASE WHEN n %% 20 = 0 THEN 'The other side did not answer.' ELSE '' END, '{"files": 3}',
       CASE WHEN n %% 50000 = 1 THEN %(person)s ELSE %(person)s + 1 + (hashtext('p' || n) & 1023) %% %(people)s END,
       'user:1', 'ann', '', at, at, at + interval '30 ms', at + interval '5 s'
FROM generate_series(%(start)s::int, %(end)s::int - 1) n,
     LATERAL (SELECT now() - interval '365 days' * (1 - n::float8 / %(all)s) AS at) moment
"""
_EVENTS = """
INSERT INTO jobs_jobevent (job_id, at, name, attempt, actor, detail)
SELECT id, created_at, name, 1, actor, '' FROM jobs_jobrun, unnest('{queued,started,done}'::text[]) name
"""
_KINDS = [
    "training.run", "registry.scan_version", "registry.sign_version", "registry.digest_version",
    "experiments.digest_model", "compliance.deliver", "compliance.expire", "registry.technical_file",
]  # fmt: skip


def seed(count: int) -> None:
    places = [Workspace.objects.create(name=f"bench-{number}") for number in range(PLACES + 1)]
    people = [User(username=f"bench-{number}") for number in range(PEOPLE + 1)]
    User.objects.bulk_create(people)
    values = {
        "kinds": _KINDS, "place": places[0].pk, "places": PLACES, "person": people[0].pk, "people": PEOPLE, "all": count,
    }  # fmt: skip
    sql.execute("SET statement_timeout = 0")
    for start in range(1, count + 1, 100_000):
        sql.execute(_JOBS, values | {"start": start, "end": min(start + 100_000, count + 1)})
    sql.execute(_EVENTS)
    sql.execute("VACUUM ANALYZE jobs_jobrun")
    sql.execute("ANALYZE")


def client_of(name: str, **fields: Any) -> Client:
    user = User.objects.create(username=name, **fields)
    client = Client(HTTP_HOST="localhost")
    client.force_login(user, backend=BACKEND)
    return client


def measure(client: Client, url: str) -> dict[str, float]:
    delays = []
    for number in range(TIMES + 3):
        begun = time.perf_counter()
        answer = client.get(url)
        if number >= 3:
            delays.append((time.perf_counter() - begun) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{url} answered {answer.status_code}")
    return quantiles(delays)


def main() -> None:
    seed(int(sys.argv[1]))
    operator = client_of("operator", is_operator=True)
    member, few = client_of("member"), client_of("few")
    for name, place in (("member", "bench-7"), ("few", "bench-0")):
        user, workspace = User.objects.get(username=name), Workspace.objects.get(name=place)
        Membership.objects.create(user=user, workspace=workspace, role="maintainer")
    middle = JobRun.objects.filter(workspace__name="bench-7").order_by("id")[100]
    token = operator.get("/api/v1/jobs").json()["next_cursor"]
    urls = [
        ("list, all workspaces", operator, "/jobs"),
        ("list, second page", operator, f"/jobs?page_token={token}"),
        ("list, failed", operator, "/jobs?state=failed"),
        ("list, one kind that failed", operator, "/jobs?state=failed&kind=training.run"),
        ("list, of a person with few", operator, "/jobs?person=bench-0"),
        ("list, active: none", operator, "/jobs?state=active"),
        ("list, member of one workspace", member, "/jobs"),
        ("list, member of a workspace with few", few, "/jobs"),
        ("API, list of a member", member, "/api/v1/jobs"),
        ("page of a job", member, f"/jobs/{middle.pk}"),
        ("console", operator, "/jobs/console"),
    ]
    print(json.dumps({"rows": [[label, measure(client, url)] for label, client, url in urls]}))


if __name__ == "__main__":
    main()
