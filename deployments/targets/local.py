"""Processes on this machine: rows that a serving node (`manage.py serving_node`) holds processes for."""

import json
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from deployments.facts import FAILED, FAILING, GONE, PENDING, READY, STARTING, STOPPED
from deployments.models import Revision, Server
from deployments.targets.protocol import Seen, Wanted
from portal.kernel import sql
from portal.kernel.ids import uuid7

CHANNEL = "deployments_servers"
# A process that did not come to answer in so many starts will not; nor will one that ends with these codes.
STARTS_AT_MOST = 2
REFUSALS = (2, 3)
NODE_SECONDS = 30
_STARTED_FIRST = (PENDING, "preparing", STARTING, STOPPED)

_APPLY = """
INSERT INTO deployments_server AS old (id, revision_id, replica, node, "order", wanted, seen, process_key, restarts,
                                       failures, detail, created_at)
VALUES (%(id)s, %(revision)s, %(replica)s, %(node)s, %(order)s::jsonb, 'running', 'pending', '', 0, 0, '',
        clock_timestamp())
ON CONFLICT (revision_id, replica) DO UPDATE
SET wanted = 'running', node = EXCLUDED.node, "order" = EXCLUDED."order", failures = 0, exit_code = NULL,
    seen = CASE WHEN old.seen = 'gone' THEN 'pending' ELSE old.seen END
WHERE old.wanted <> 'running' OR old."order" <> EXCLUDED."order"
"""
_REMOVE = "UPDATE deployments_server SET wanted = 'gone' WHERE revision_id = %s AND wanted <> 'gone'"
_UNHEARD = """
SELECT count(*) FROM deployments_server s LEFT JOIN deployments_servingnode n ON n.name = s.node
WHERE s.revision_id = %s AND s.wanted = 'running'
  AND (n.name IS NULL OR n.seen_at < clock_timestamp() - make_interval(secs => %s))
"""


class LocalTarget:
    """Model servers on the machine that shares JOBS_DIR with the workers."""

    is_prepared = True

    def apply(self, wanted: Wanted) -> None:
        revision, count = wanted.revision, 0
        for replica in range(wanted.resources["replicas"]):
            values = {
                "id": uuid7(), "revision": revision.pk, "replica": replica, "node": settings.SERVING_NODE,
                "order": json.dumps(_order(wanted)),
            }  # fmt: skip
            count += sql.execute(_APPLY, values)
        if count:
            sql.execute("SELECT pg_notify(%s, %s)", (CHANNEL, settings.SERVING_NODE))

    def observe(self, revision: Revision) -> Seen:
        servers = list(_servers(revision))
        if not servers:
            return Seen(STOPPED, "", None, is_gone=True)
        ready = [each for each in servers if each.seen == READY]
        troubled = next((each for each in servers if each.seen == FAILING), None)
        detail = troubled.detail if troubled else ""
        if (sql.row(_UNHEARD, (revision.pk, NODE_SECONDS)) or (0,))[0]:
            where = settings.SERVING_NODE
            return Seen(
                FAILING if revision.observed_state in (READY, FAILING) else STARTING,
                f"The serving node {where} was not heard of for {NODE_SECONDS} seconds: see that it runs.",
                None,
            )
        if len(ready) == len(servers):
            return Seen(READY, "", None)
        if revision.observed_state in _STARTED_FIRST:
            is_hopeless = troubled is not None and _is_hopeless(troubled)
            return Seen(FAILED if is_hopeless else STARTING, detail, None)
        said = f"{len(ready)} of {len(servers)} processes answer. {detail}".strip()
        return Seen(READY if ready else FAILING, said, None)

    def remove(self, revision: Revision) -> None:
        if sql.execute(_REMOVE, (revision.pk,)):
            sql.execute("SELECT pg_notify(%s, %s)", (CHANNEL, settings.SERVING_NODE))


def _servers(revision: Revision) -> QuerySet[Server]:
    return Server.objects.filter(revision=revision).exclude(seen=GONE).order_by("replica")


def _is_hopeless(server: Server) -> bool:
    return server.exit_code in REFUSALS or server.failures >= STARTS_AT_MOST


def _order(wanted: Wanted) -> dict[str, Any]:
    revision, limits = wanted.revision, wanted.revision.endpoint.settings["limits"]
    return {
        "python": wanted.prepared["python"], "model": wanted.prepared["model"], "name": revision.endpoint.name,
        "version": str(revision.version.version), "digest": revision.digest, "address": _address(),
        "cpus": wanted.resources["cpus"], "memory_mb": wanted.resources["memory_mb"],
        "body_bytes": limits["body_bytes"], "timeout_seconds": limits["timeout_seconds"],
        "concurrency": limits["concurrency"], "batch_rows": wanted.resources.get("batch_rows", 1),
    }  # fmt: skip


def _address() -> str:
    """Where gateways reach a process; its port comes in when it is known."""
    host = f"[{settings.SERVING_HOST}]" if ":" in settings.SERVING_HOST else settings.SERVING_HOST
    return f"http://{host}:{{port}}"


TARGET = LocalTarget()
