"""The job of an endpoint: looks, does the next thing, and looks again before it ends when more was asked meanwhile."""

import time
from functools import partial
from uuid import UUID

from deployments.models import Endpoint
from deployments.reconciling.looking import Look, pause
from jobs.errors import NothingToDo
from jobs.step import JobStep
from portal.kernel.instances import instances

# For so long the job waits itself for what takes moments: gateways that follow, processes that end.
LINGER_SECONDS, PAUSE_SECONDS = 1.5, 0.05


class _Moved(Exception):
    """Something else is wanted by now."""


def endpoint_reconcile(step: JobStep, *, endpoint_id: str) -> None:
    """Close the gap between what an endpoint wants and what its target has, as far as it can be closed now."""
    limit = time.monotonic() + LINGER_SECONDS
    while True:
        endpoint = Endpoint.objects.select_related("workspace").filter(pk=UUID(endpoint_id)).first()
        if endpoint is None:
            raise NothingToDo(f"There is no endpoint {endpoint_id}.")
        look = Look(step, endpoint)
        look.run()
        if look.is_soon and time.monotonic() < limit:
            pause(step, PAUSE_SECONDS)
            continue
        try:
            step.finish(partial(_unmoved, endpoint))
            return
        except _Moved:
            step.check()


def _unmoved(endpoint: Endpoint) -> dict[str, int]:
    """Holds the endpoint until the job has ended: who wants something after that finds no job that it could trust."""
    held = instances(Endpoint, "id = %s FOR SHARE", [endpoint.pk])[0]
    if held.wanted_revision != endpoint.wanted_revision:
        raise _Moved
    return {"wanted_revision": held.wanted_revision}
