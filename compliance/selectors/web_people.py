"""Delegations and waivers as pages show them."""

from uuid import UUID

from django.db.models import Q

from compliance.models import Delegation, Waiver
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import NotFound

WAIVER_VIEWS = ("requested", "granted", "ended")


def delegation_rows(actor: Actor, *, past: bool = False) -> list[Delegation]:
    """Who may decide for whom: what holds or begins later, or what is over; newest first."""
    delegations = Delegation.objects.select_related("workspace", "from_user", "to_user")
    if actor.workspace_ids is not None:
        delegations = delegations.filter(workspace_id__in=actor.workspace_ids)
    is_over = Q(revoked_at__isnull=False) | Q(ends_at__lte=now())
    return list(delegations.filter(is_over if past else ~is_over).order_by("-starts_at", "-id")[:200])


def delegation_shown(actor: Actor, key: UUID) -> Delegation:
    """One delegation. Raises NotFound, too, when it is not visible."""
    found = Delegation.objects.filter(pk=key).select_related("workspace", "from_user", "to_user").first()
    if found is None or (actor.workspace_ids is not None and found.workspace_id not in actor.workspace_ids):
        raise NotFound("There is no such delegation, or you may not see it.")
    return found


def waiver_rows(actor: Actor, *, view: str = "requested") -> list[Waiver]:
    """Exceptions from rules: asked for, granted and in force, or over; newest first."""
    waivers = Waiver.objects.select_related("workspace", "requested_by", "decided_by")
    if actor.workspace_ids is not None:
        waivers = waivers.filter(workspace_id__in=actor.workspace_ids)
    in_force = Q(state="granted", expires_at__gt=now())
    asked = Q(state="requested", expires_at__gt=now())
    wanted = {"requested": asked, "granted": in_force}.get(view, ~asked & ~in_force)
    return list(waivers.filter(wanted).order_by("-id")[:200])


def waiver_shown(actor: Actor, key: UUID) -> Waiver:
    """One waiver. Raises NotFound, too, when it is not visible."""
    found = Waiver.objects.filter(pk=key).select_related("workspace", "requested_by", "decided_by").first()
    if found is None or (actor.workspace_ids is not None and found.workspace_id not in actor.workspace_ids):
        raise NotFound("There is no such waiver, or you may not see it.")
    return found
