"""Whom something waits for: active persons by the role that they hold."""

from collections.abc import Collection

from portal.accounts.models import Membership, User


def person_ids(workspace_id: int, *roles: str, without: Collection[int] = ()) -> list[int]:
    """The active persons who hold one of these roles in a workspace."""
    members = Membership.objects.filter(
        workspace=workspace_id, role__in=roles, user__is_active=True, user__is_service_account=False
    ).exclude(user__in=without)
    return list(members.order_by("user").values_list("user", flat=True).distinct())


def auditor_ids() -> list[int]:
    """The auditors of the portal who are so without an end."""
    people = User.objects.filter(is_auditor=True, is_active=True)
    return list(people.order_by("pk").values_list("pk", flat=True))
