"""Follows the tables: reads the routes when PostgreSQL tells of a change and every second, and says what is followed.

A thread of its own with one connection. While the database is away the gateway goes on with what it knows.
"""

import os
import socket
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson
import structlog
from django.db import connection

from deployments.gateway.routes import Route, RouteTable, route_of
from deployments.routes import CHANNEL
from deployments.serving_key import serving_key
from portal.kernel import sql

log = structlog.get_logger("gateway")

LOOK_SECONDS = 1.0
_GONE_AFTER = "1 day"
_COLUMNS = (
    "id", "name", "workspace_id", "route_revision", "is_stopped", "stop_reason", "settings", "choices",
)  # fmt: skip
_ROUTES = """
SELECT e.id, e.name, e.workspace_id, e.route_revision, e.is_stopped, e.stop_reason, e.settings, jsonb_agg(
    jsonb_build_object('revision', r.id, 'number', r.number, 'version', v.version, 'model', m.name, 'role', t.role,
        'percent', t.percent, 'addresses', r.addresses)) FILTER (WHERE t.id IS NOT NULL)
FROM deployments_endpoint e
LEFT JOIN deployments_traffic t ON t.endpoint_id = e.id AND t.valid_to IS NULL
LEFT JOIN deployments_revision r ON r.id = t.revision_id
LEFT JOIN registry_modelversion v ON v.id = r.version_id
LEFT JOIN registry_registeredmodel m ON m.id = v.model_id
WHERE e.deleted_at IS NULL
GROUP BY e.id
"""
_ACKNOWLEDGE = """
INSERT INTO deployments_gatewayack (gateway, endpoint_id, route_revision, seen_at)
SELECT %s, known.endpoint_id, known.route_revision, clock_timestamp()
FROM unnest(%s::uuid[], %s::bigint[]) AS known(endpoint_id, route_revision)
JOIN deployments_endpoint e ON e.id = known.endpoint_id
ON CONFLICT (endpoint_id, gateway) DO UPDATE SET route_revision = excluded.route_revision, seen_at = excluded.seen_at
"""
_FORGET = "DELETE FROM deployments_gatewayack WHERE gateway = %s OR seen_at < now() - %s::interval"


def gateway_name() -> str:
    """This process among gateways; another one after each start."""
    return f"{socket.gethostname()[:150]}:{os.getpid()}:{os.urandom(3).hex()}"


class Follower:
    """Keeps a table of routes up to date; `apply` runs a function in the loop that uses the table."""

    def __init__(self, table: RouteTable, apply: Callable[[Callable[[], None]], Any], name: str) -> None:
        self.table, self.name = table, name
        self._apply, self._is_over = apply, threading.Event()
        self._thread = threading.Thread(target=self._run, name="routes", daemon=True)
        self._keys: dict[UUID, str] = {}

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Say goodbye, so that nobody waits for this gateway."""
        self._is_over.set()
        self._thread.join(2 * LOOK_SECONDS)

    def _run(self) -> None:
        while not self._is_over.is_set():
            try:
                self._follow()
            except Exception as error:  # the database may be away for a while; the routes stay
                log.warning("cannot read routes", error=str(error).strip())
                self._is_over.wait(LOOK_SECONDS)
            finally:
                connection.close()

    def _follow(self) -> None:
        connection.ensure_connection()
        driver = connection.connection
        sql.execute(f"LISTEN {CHANNEL}")
        sql.execute(_FORGET, (self.name, _GONE_AFTER))
        with connection.wrap_database_errors:
            while not self._is_over.is_set():
                self.read()
                for _ in driver.notifies(timeout=LOOK_SECONDS, stop_after=1):
                    pass
            sql.execute(_FORGET, (self.name, _GONE_AFTER))

    def read(self) -> None:
        """Read once, and acknowledge what was followed before this reading and is followed now."""
        routes = self._routes()
        done = threading.Event()
        followed: dict[UUID, int] = {}

        def replace() -> None:
            self.table.replace(routes)
            followed.update(self.table.followed())
            done.set()

        self._apply(replace)
        if not done.wait(LOOK_SECONDS):
            return  # a loop that is so busy has not heard of these routes yet
        sql.execute(_ACKNOWLEDGE, (self.name, list(followed), list(followed.values())))

    def _routes(self) -> list[Route]:
        found = [dict(zip(_COLUMNS, row, strict=True)) for row in sql.rows(_ROUTES)]
        for row in found:  # Django has jsonb come as text
            row |= {
                "settings": orjson.loads(row["settings"]),
                "choices": orjson.loads(row["choices"] or b"[]"),
            }
        wanted = {choice["revision"] for row in found for choice in row["choices"]}
        self._keys = {key: self._keys.get(key) or serving_key(key) for key in map(UUID, wanted)}
        return [route_of(row, self._keys) for row in found]
