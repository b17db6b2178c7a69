"""What `benchmarks.endpoints` measures in a database of its own: `python -m benchmarks.endpoints_pages 100`, one JSON line."""

import json
import os
import statistics
import sys
import time
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402 - needs the set-up
from django.test import Client  # noqa: E402 - needs the set-up
from django.test.utils import CaptureQueriesContext  # noqa: E402 - needs the set-up

from deployments.latency import PLACES  # noqa: E402 - needs the set-up
from deployments.models import Endpoint, Revision, Rollout, Traffic  # noqa: E402 - needs the set-up
from deployments.validation import settings_read  # noqa: E402 - needs the set-up
from portal.accounts.models import Membership, User, Workspace  # noqa: E402 - needs the set-up
from portal.kernel import sql  # noqa: E402 - needs the set-up
from portal.kernel.clock import now  # noqa: E402 - needs the set-up
from portal.kernel.memory import collector_prepare  # noqa: E402 - needs the set-up
from portal.wsgi import application  # noqa: E402, F401 - loads what the server loads before the first request
from registry.models import ModelVersion, RegisteredModel  # noqa: E402 - needs the set-up

ROUNDS = 60
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_FIGURES = """
INSERT INTO deployments_trafficfigure (endpoint_id, revision_id, role, at, requests, caller_errors, limited,
                                       server_errors, milliseconds, latency)
SELECT r.endpoint_id, r.id, 'live', date_bin('10 s', now(), 'epoch') - step * interval '10 s', 50, 1, 0, 0, 200,
       array_fill(3, ARRAY[%s])
FROM deployments_revision r, generate_series(1, 360) step
"""


def measured(count: int) -> dict[str, Any]:
    """Milliseconds and statements of each address, after three requests that load what it needs."""
    client = Client(HTTP_HOST="localhost")
    client.force_login(seed(count), backend=BACKEND)
    collector_prepare()  # as the portal's server does before the first request
    found = {}
    for address in ("/endpoints", "/api/v1/endpoints?limit=100", "/endpoints/endpoint-0"):
        times, worked = [], []
        for number in range(ROUNDS + 3):
            begun, working = time.perf_counter(), time.process_time()
            answer = client.get(address)
            if number >= 3:
                times.append((time.perf_counter() - begun) * 1000)
                worked.append((time.process_time() - working) * 1000)
            if answer.status_code != 200:
                raise SystemExit(f"{address} answered {answer.status_code}")
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        found[address] = {
            **_quantiles("", times),
            **_quantiles("processor_", worked),
            "statements": len(queries),
        }
    return {"endpoints": count, "load": os.getloadavg()[0], "addresses": found}


def _quantiles(name: str, milliseconds: list[float]) -> dict[str, float]:
    """`processor_` is the time of the portal's process alone, which says more where others use the machine."""
    milliseconds.sort()
    return {
        f"{name}p50_ms": round(statistics.median(milliseconds), 1),
        f"{name}p95_ms": round(milliseconds[int(0.95 * len(milliseconds))], 1),
    }


def seed(count: int) -> User:
    """A maintainer of the workspace in which they all are."""
    workspace, person = Workspace.objects.create(name="bench"), User.objects.create(username="bench")
    Membership.objects.create(user=person, workspace=workspace, role="maintainer")
    moment, times = now(), {"creation_timestamp": 1, "last_updated_timestamp": 1}
    for number in range(count):
        model = RegisteredModel.objects.create(workspace=workspace, name=f"model-{number}", **times)
        endpoint = Endpoint.objects.create(
            workspace=workspace, name=f"endpoint-{number}", environment="prod", target="local", last_number=2,
            settings=settings_read({}), owner=person, created_at=moment,
        )  # fmt: skip
        made = []
        for at in (1, 2):
            digest = f"{number * 2 + at:064x}"
            version = ModelVersion.objects.create(
                workspace=workspace, model=model, version=at, status="READY", digest=digest, manifest=[], source="s",
                ready_at=moment, artifact_location="mlflow-artifacts:/x", **times,
            )  # fmt: skip
            made.append(Revision.objects.create(
                endpoint=endpoint, number=at, version=version, digest=digest, settings=endpoint.settings,
                made_by="user:1", created_at=moment, observed_state="ready", ready_at=moment,
            ))  # fmt: skip
        Traffic.objects.bulk_create(
            Traffic(
                endpoint=endpoint,
                revision=each,
                role="live",
                percent=50,
                valid_from=moment,
                moved_by="user:1",
            )
            for each in made
        )
        if number % 3 == 0:
            Rollout.objects.create(
                endpoint=endpoint, revision=made[1], strategy="canary", state="progressing", created_at=moment,
                started_by="user:1", steps=[{"percent": 50, "seconds": 60}], step_began_at=moment,
            )  # fmt: skip
    sql.execute(_FIGURES % PLACES)
    sql.execute("ANALYZE")
    return person


if __name__ == "__main__":
    print(json.dumps({"cpus": os.cpu_count(), **measured(int(sys.argv[1]))}))
