"""Which endpoints are due for another look though nobody asked: time that passed, guards, and gaps that stay."""

import datetime as dt
from uuid import UUID

from django.conf import settings

from deployments.models import Rollout
from deployments.reconciling.figures import figures_of
from deployments.reconciling.gateways import ALIVE_SECONDS
from deployments.reconciling.rolling import step_of
from deployments.routes import PRIORITY, RECONCILE_JOB
from jobs.errors import NothingToDo
from jobs.queue import enqueue
from jobs.step import JobStep
from portal.kernel import sql
from portal.kernel.clock import now

WATCH_JOB = "deployments.watch"
# A gap that stays is looked at again after so long, and a node that is silent for so long makes one.
PATIENCE_SECONDS = 30
# What is wanted is not there; what is not wanted is, and every gateway has let it go; a drill; a silent node.
_GAPS = """
SELECT DISTINCT e.id FROM deployments_endpoint e JOIN deployments_revision r ON r.endpoint_id = e.id
WHERE (
    r.desired_state = 'running' AND r.observed_state NOT IN ('ready', 'failed')
    OR r.desired_state = 'stopped' AND r.observed_state NOT IN ('stopped', 'failed')
    OR r.desired_state = 'running' AND NOT EXISTS (
        SELECT FROM deployments_traffic t WHERE t.revision_id = r.id AND t.role = 'live'
          AND (t.valid_to IS NULL OR t.valid_to > clock_timestamp() - make_interval(secs => %(standby)s))
        UNION ALL SELECT FROM deployments_traffic t
        WHERE t.revision_id = r.id AND t.role = 'shadow' AND t.valid_to IS NULL
    ) AND NOT EXISTS (SELECT FROM deployments_rollout o WHERE o.endpoint_id = e.id AND o.ended_at IS NULL)
    OR r.desired_state = 'running' AND r.observed_state = 'ready' AND EXISTS (
        SELECT FROM deployments_server s LEFT JOIN deployments_servingnode n ON n.name = s.node
        WHERE s.revision_id = r.id AND s.wanted = 'running'
          AND (n.name IS NULL OR n.seen_at < clock_timestamp() - make_interval(secs => %(patience)s))
    )
) AND NOT EXISTS (
    SELECT FROM jobs_jobrun j WHERE j.kind = %(kind)s AND j.key = replace(e.id::text, '-', '')
      AND (j.id > %(since)s OR j.finished_at IS NULL)
)
"""
_LET_GO = """
SELECT DISTINCT e.id FROM deployments_endpoint e JOIN deployments_revision r ON r.endpoint_id = e.id
WHERE r.desired_state = 'stopped' AND r.observed_state NOT IN ('stopped', 'failed', 'pending') AND NOT EXISTS (
    SELECT FROM deployments_gatewayack a
    LEFT JOIN deployments_gatewayack k ON k.gateway = a.gateway AND k.endpoint_id = e.id
    WHERE a.seen_at > clock_timestamp() - make_interval(secs => %(alive)s)
      AND coalesce(k.route_revision, 0) < e.route_revision
)
UNION SELECT endpoint_id FROM deployments_killdrill WHERE ended_at IS NULL
"""


def endpoints_due() -> list[UUID]:
    """The ids of endpoints that want a look now. Cheap: asked every few seconds."""
    since = UUID(int=max(0, int((now() - dt.timedelta(seconds=PATIENCE_SECONDS)).timestamp() * 1000)) << 80)
    gaps = sql.rows(
        _GAPS,
        {
            "patience": PATIENCE_SECONDS,
            "kind": RECONCILE_JOB,
            "since": since,
            "standby": settings.SERVING_STANDBY_SECONDS,
        },
    )
    let_go = sql.rows(_LET_GO, {"alive": ALIVE_SECONDS})
    goes_on = Rollout.objects.filter(ended_at=None).select_related("revision__endpoint")
    stepping = [each.endpoint_id for each in goes_on if step_of(each, now(), figures_of) is not None]
    return sorted({found for (found,) in [*gaps, *let_go]} | set(stepping))


def is_due() -> bool:
    return bool(endpoints_due())


def watch(step: JobStep) -> dict[str, int]:
    """Have every endpoint that is due looked at."""
    due = endpoints_due()
    if not due:
        raise NothingToDo("Nothing is due any more.")
    step.finish(lambda: _asked(step, due))
    return {}


def _asked(step: JobStep, due: list[UUID]) -> dict[str, int]:
    workspaces = dict(
        sql.rows("SELECT id, workspace_id FROM deployments_endpoint WHERE id = ANY(%s)", (due,))
    )
    for found in due:
        enqueue(
            RECONCILE_JOB, key=found.hex, args={"endpoint_id": found.hex}, actor=step.actor,
            workspace_id=workspaces[found], priority=PRIORITY,
        )  # fmt: skip
    return {"endpoints": len(due)}
