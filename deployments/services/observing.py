"""What the portal's own job and the serving nodes see of revisions, and what they write of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from deployments.facts import GONE, READY, RUNNING, STOPPED
from deployments.models import Endpoint, KillDrill, Revision, Server
from deployments.routes import reconcile_ask, routes_tell
from deployments.split import is_used
from portal import access
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.operations import Changed, locked, operation, writer

OBSERVE, RETIRE = "deployments.revision.observe", "deployments.revision.retire"
SERVER, CONFIRM = "deployments.server.observe", "deployments.drill.confirm"
_SEEN = ("seen", "port", "pid", "process_key", "restarts", "failures", "exit_code", "detail")


@operation(OBSERVE, on="endpoint")
def revision_observe(
    *, actor: Actor, endpoint: Endpoint, revision: Revision, state: str, detail: str = "",
    addresses: Sequence[str] | None = None, prepared: Mapping[str, Any] | None = None,
) -> Changed[Revision]:  # fmt: skip
    """Write what a target told of a revision. None leaves addresses, or what it runs from, as they are known."""
    row: Revision = locked(revision)
    before = {"state": row.observed_state, "detail": row.observed_detail}
    row.observed_state, row.observed_detail, row.observed_at = state, detail[:4000], now()
    if state == READY and before["state"] != READY:
        row.ready_at = row.observed_at
    if prepared is not None:
        row.prepared = dict(prepared)
    is_moved = addresses is not None and list(addresses) != row.addresses
    if addresses is not None:
        row.addresses = list(addresses)
    row.save()
    if is_moved:
        routes_tell(endpoint)
    after = {"state": state, "detail": row.observed_detail}
    return Changed(row, before=before, after=after | _named(prepared), subject=row)


@operation(RETIRE, on="endpoint")
def revision_retire(*, actor: Actor, endpoint: Endpoint, revision: Revision, reason: str) -> Changed[bool]:
    """Stop a revision unless it got traffic, or a roll-out, meanwhile; whether it is to be stopped."""
    row: Revision = locked(revision)
    before, is_kept = {"desired_state": row.desired_state}, is_used(row)
    if not is_kept and row.desired_state == RUNNING:
        row.desired_state, row.stopped_at = STOPPED, now()
        row.save(update_fields=["desired_state", "stopped_at"])
    return Changed(not is_kept, before=before, after={"desired_state": row.desired_state}, subject=row)


@writer(SERVER)
def server_observe(*, actor: Actor, server: Server, facts: Mapping[str, Any]) -> None:
    """Write what a node saw of a process, and have gateways and the reconciliation hear of it.

    The caller's transaction: addresses of the revision and the state of its process change in one commit.
    """
    endpoint: Endpoint = locked(server.revision.endpoint)
    access.require(actor, SERVER, endpoint)
    revision: Revision = locked(server.revision)
    row: Server = locked(server)
    for name in _SEEN:
        if name in facts:
            setattr(row, name, facts[name])
    row.detail, row.seen_at = row.detail[:4000], now()
    if row.seen == READY:
        row.ready_at = row.seen_at
    row.save()
    addresses = _addresses(revision)
    if addresses != revision.addresses:
        revision.addresses = addresses
        revision.save(update_fields=["addresses"])
        routes_tell(endpoint)
    reconcile_ask(actor, endpoint)


@operation(CONFIRM, on="endpoint")
def drill_confirm(
    *, actor: Actor, endpoint: Endpoint, drill: KillDrill, gateways: int, outcome: str, is_confirmed: bool
) -> KillDrill:
    """End a drill: write how it went, and let the endpoint answer again. One that ended meanwhile stays as it is."""
    row: KillDrill = locked(drill)
    if row.ended_at is not None:
        return row
    row.ended_at, row.gateways, row.outcome = now(), gateways, outcome[:500]
    row.confirmed_at = row.ended_at if is_confirmed else None
    row.save()
    if endpoint.is_stopped and endpoint.deleted_at is None:
        endpoint.is_stopped, endpoint.stop_reason, endpoint.stopped_at = False, "", None
        endpoint.save(update_fields=["is_stopped", "stop_reason", "stopped_at"])
        routes_tell(endpoint)
    return row


def _addresses(revision: Revision) -> list[str]:
    ready = Server.objects.filter(revision=revision, seen=READY).exclude(wanted=GONE).order_by("replica")
    return [str(each.order["address"]).format(port=each.port) for each in ready if each.port]


def _named(prepared: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the audit log keeps of what a revision runs from: no paths of a machine."""
    if prepared is None:
        return {}
    return {name: prepared[name] for name in ("environment", "signature") if name in prepared}
