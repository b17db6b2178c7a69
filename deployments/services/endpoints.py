"""Endpoints: making, changing, deleting, and the kill switch."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from deployments.facts import LOCAL, RUNNING, STOPPED
from deployments.making import rollouts_abort
from deployments.models import Endpoint, KillDrill
from deployments.routes import reconcile_ask, routes_tell
from deployments.split import split_move, split_now
from deployments.targets.catalogue import target_check
from deployments.validation import environment_check, name_check, settings_read
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.clock import now
from portal.kernel.errors import Conflict
from portal.operations import operation

CREATE, UPDATE, DELETE = (
    "deployments.endpoint.create",
    "deployments.endpoint.update",
    "deployments.endpoint.delete",
)
STOP, START, DRILL = "deployments.endpoint.stop", "deployments.endpoint.start", "deployments.endpoint.drill"


@operation(CREATE, on="workspace", lock="share")
def endpoint_create(
    *, actor: Actor, workspace: Workspace, name: str, environment: str, target: str = LOCAL, description: str = "",
    settings: Mapping[str, Any] | None = None,
) -> Endpoint:  # fmt: skip
    """Make an endpoint. Raises InvalidInput, and Conflict (`name_taken`) for a name that is in use in the portal."""
    name_check(name)
    environment_check(environment)
    target_check(target)
    try:
        with transaction.atomic():
            return Endpoint.objects.create(
                workspace=workspace, name=name, environment=environment, target=target,
                description=description[:10_000], owner_id=actor.user_id, created_at=now(),
                settings=settings_read({} if settings is None else settings),
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(
            f"An endpoint named {name} exists already in this portal. Names are addresses: choose another one.",
            code="name_taken",
        ) from error


@operation(UPDATE, on="endpoint")
def endpoint_update(
    *,
    actor: Actor,
    endpoint: Endpoint,
    description: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Endpoint:
    """Change what may change. Limits and logging hold at once, resources from the next revision on."""
    there_check(endpoint)
    if description is not None:
        endpoint.description = description[:10_000]
    if settings is not None:
        endpoint.settings = settings_read(settings, endpoint.settings)
    endpoint.save(update_fields=["description", "settings"])
    routes_tell(endpoint)
    return endpoint


@operation(DELETE, on="endpoint")
def endpoint_delete(*, actor: Actor, endpoint: Endpoint, reason: str = "") -> Endpoint:
    """Take the traffic away, stop what runs and free the name. What served, and when, is kept."""
    there_check(endpoint)
    rollouts_abort(endpoint, "The endpoint was deleted.")
    split_move(actor, endpoint, {}, shadow={}, reason=reason or "The endpoint was deleted.")
    endpoint.revisions.filter(desired_state=RUNNING).update(desired_state=STOPPED, stopped_at=now())
    endpoint.deleted_at = now()
    endpoint.save(update_fields=["deleted_at"])
    routes_tell(endpoint)
    reconcile_ask(actor, endpoint)
    return endpoint


@operation(STOP, on="endpoint")
def endpoint_stop(*, actor: Actor, endpoint: Endpoint, reason: str) -> Endpoint:
    """The kill switch: gateways refuse every request from now on. Doing so again changes nothing."""
    there_check(endpoint)
    # A drill that goes on is a drill no more, so nothing puts the switch back but a person.
    ended = endpoint.drills.filter(ended_at=None).update(
        ended_at=now(), outcome="It became a real stop before it was over."
    )
    if ended or not endpoint.is_stopped:
        endpoint.is_stopped, endpoint.stop_reason, endpoint.stopped_at = True, reason[:2000], now()
        endpoint.save(update_fields=["is_stopped", "stop_reason", "stopped_at"])
        routes_tell(endpoint)
    return endpoint


@operation(START, on="endpoint")
def endpoint_start(*, actor: Actor, endpoint: Endpoint, reason: str = "") -> Endpoint:
    """Let an endpoint that was stopped answer again, with the split that it had."""
    there_check(endpoint)
    endpoint.drills.filter(ended_at=None).update(ended_at=now(), outcome="It was put back by a person.")
    if endpoint.is_stopped:
        endpoint.is_stopped, endpoint.stop_reason, endpoint.stopped_at = False, "", None
        endpoint.save(update_fields=["is_stopped", "stop_reason", "stopped_at"])
        routes_tell(endpoint)
    return endpoint


@operation(DRILL, on="endpoint")
def endpoint_drill(*, actor: Actor, endpoint: Endpoint, reason: str = "") -> KillDrill:
    """Throw the kill switch as a drill: the reconciliation notes when every gateway refused, and puts it back.

    Raises Conflict for one that is stopped already, has no traffic, or has a drill.
    """
    there_check(endpoint)
    if endpoint.is_stopped or not split_now(endpoint):
        raise Conflict(f"{endpoint} answers nobody, so there is nothing to try.", code="invalid_state")
    endpoint.is_stopped, endpoint.stop_reason, endpoint.stopped_at = (
        True,
        "A drill of the kill switch.",
        now(),
    )
    endpoint.save(update_fields=["is_stopped", "stop_reason", "stopped_at"])
    routes_tell(endpoint)
    reconcile_ask(actor, endpoint)
    return KillDrill.objects.create(
        endpoint=endpoint, route_revision=endpoint.route_revision, started_at=now(), started_by=actor.reference,
        started_by_name=actor.name[:200],
    )  # fmt: skip


def there_check(endpoint: Endpoint) -> None:
    """Raises Conflict for an endpoint that was deleted meanwhile."""
    if endpoint.deleted_at is not None:
        raise Conflict(f"The endpoint {endpoint} was deleted. Make a new one.", code="deleted")
