"""Delegations and waivers as pages show them."""

from uuid import UUID

from django.db.models import Q

from compliance.models import Delegation, Waiver
from compliance.selectors.web_deciding import Seat
from portal import access
from portal.accounts.actor import Actor
from portal.accounts.models import Membership, User
from portal.kernel.clock import now
from portal.kernel.errors import InvalidInput, NotFound

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


def waiver_seat(actor: Actor, waiver: Waiver) -> Seat:
    """Whether the reader may decide about a waiver, and why not. The operation asks it again."""
    if waiver.state != "requested" or waiver.expires_at <= now():
        return Seat()
    if actor.user_id in {waiver.requested_by_id, *waiver.excluded}:
        return Seat(why_not="You asked for it, or it is your work, so another approver decides.")
    if not access.allows(actor, "compliance.waiver.decide", waiver):
        return Seat(why_not="An approver of the workspace decides.")
    return Seat(principals=[actor.name])


def people_of(workspace_id: int) -> list[str]:
    """The user names of the people in a workspace."""
    held = Membership.objects.filter(
        workspace_id=workspace_id, user__is_active=True, user__is_service_account=False
    )
    return sorted(set(held.values_list("user__username", flat=True)))


def member_named(workspace_id: int, name: str) -> User:
    """A member of a workspace by user name. Raises InvalidInput, whoever else has the name."""
    found = User.objects.filter(memberships__workspace_id=workspace_id, username=name, is_active=True).first()
    if found is None:
        raise InvalidInput(f"The workspace has no member {name[:150]}.")
    return found
