"""Tells gateways and the reconciliation that an endpoint has changed, in the transaction of the change.

The caller holds the row of the endpoint; both numbers grow with it, so who has read one knows what it stands for.
"""

from deployments.models import Endpoint
from jobs.queue import enqueue
from portal.accounts.actor import Actor
from portal.kernel import sql

RECONCILE_JOB = "deployments.reconcile"
CHANNEL = "deployments_routes"
PRIORITY = 50


def routes_tell(endpoint: Endpoint) -> None:
    """Have gateways read the routes of this endpoint when the transaction commits."""
    endpoint.route_revision += 1
    endpoint.save(update_fields=["route_revision"])
    sql.execute("SELECT pg_notify(%s, %s)", (CHANNEL, endpoint.pk.hex))


def reconcile_ask(actor: Actor, endpoint: Endpoint) -> None:
    """Have what is wanted compared with what there is; a job that already runs looks again before it ends."""
    endpoint.wanted_revision += 1
    endpoint.save(update_fields=["wanted_revision"])
    enqueue(
        RECONCILE_JOB, key=endpoint.pk.hex, args={"endpoint_id": endpoint.pk.hex}, actor=actor,
        workspace_id=endpoint.workspace_id, priority=PRIORITY,
    )  # fmt: skip
