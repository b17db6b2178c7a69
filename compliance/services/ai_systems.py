"""AI systems: what is regulated. A maintainer keeps the record; an approver alone may lower its risk tier."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from compliance.models import AISystem
from compliance.models.follow_up import RISK_TIERS
from compliance.system_details import details_check, text_check
from compliance.system_watchers import tier_watched
from portal.accounts.actor import Actor
from portal.accounts.models import Membership, User, Workspace
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, PolicyViolation
from portal.kernel.versions import version_check
from portal.operations import operation

ROLES = ("provider", "deployer")
GRAVITY = ("unclassified", "minimal", "limited", "high", "prohibited")
_LONGEST = {"name": 200, "intended_purpose": 20_000, "description": 20_000, "risk_rationale": 20_000}


@dataclass(frozen=True)
class NewSystem:
    """What a caller says about a system to be recorded; `owner` is the username of a member of the workspace."""

    name: str
    intended_purpose: str
    owner: str
    role: str
    description: str = ""
    risk_tier: str = "unclassified"
    risk_rationale: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@operation("compliance.system.create", on="workspace", lock="share")
def system_create(*, actor: Actor, workspace: Workspace, new: NewSystem) -> AISystem:
    """Record an AI system. Raises Conflict when the workspace has one of that name."""
    system = AISystem(
        workspace=workspace, created_by_id=actor.user_id, owner=_member(workspace.pk, new.owner)
    )
    for name in ("name", "intended_purpose", "description", "role", "risk_tier", "risk_rationale", "details"):
        setattr(system, name, getattr(new, name))
    _fields_check(system)
    _save(system)
    return system


@operation("compliance.system.update", on="system")
def system_update(
    *,
    actor: Actor,
    system: AISystem,
    change: Mapping[str, Any],
    reason: str = "",
    expected_version: str | None = None,
) -> AISystem:
    """Change what is known of a system; `change` names the fields, and `details` in it only those to be set.

    A tier may be raised here; to lower it is `system_reclassify`, and raises PolicyViolation (`needs_approver`).
    """
    version_check(system, expected_version)
    _in_use_check(system)
    old_tier = system.risk_tier
    with tier_watched(actor, system, f"Changing the risk tier of {system}"):
        _change(system, change)
        _fields_check(system)
        if GRAVITY.index(system.risk_tier) < GRAVITY.index(old_tier):
            raise PolicyViolation(
                f"The risk tier of {system} cannot be lowered from {old_tier} to {system.risk_tier} here: it "
                "decides how many approve its models. An approver who does not own the system may reclassify it.",
                code="needs_approver",
            )
        _save(system)
    return system


@operation("compliance.system.reclassify", on="system")
def system_reclassify(
    *,
    actor: Actor,
    system: AISystem,
    risk_tier: str,
    risk_rationale: str,
    expected_version: str | None = None,
) -> AISystem:
    """Give a system another risk tier, also a lower one, and say why.

    For an approver who neither owns nor made the record. Raises PolicyViolation for those.
    """
    version_check(system, expected_version)
    _in_use_check(system)
    if actor.user_id is None or actor.user_id in (system.owner_id, system.created_by_id):
        raise PolicyViolation(
            f"{actor.name} cannot reclassify {system}: who owns or recorded a system does not decide about its tier. "
            "Ask another approver.",
            code="excluded",
        )
    if not risk_rationale.strip() or risk_rationale.strip() == system.risk_rationale:
        raise InvalidInput("Say in the rationale why the tier changes.")
    with tier_watched(actor, system, f"Reclassifying {system}"):
        system.risk_tier, system.risk_rationale = risk_tier, risk_rationale
        _fields_check(system)
        _save(system)
    return system


@operation("compliance.system.retire", on="system")
def system_retire(*, actor: Actor, system: AISystem, reason: str = "") -> AISystem:
    """End the use of a system; its record, links and evidence stay."""
    _in_use_check(system)
    with tier_watched(actor, system, f"Retiring {system}"):
        system.retired_at = max(now(), system.created_at)
        system.save(update_fields=["retired_at", "updated_at"])
    return system


def _change(system: AISystem, change: Mapping[str, Any]) -> None:
    allowed = (*_LONGEST, "owner", "role", "risk_tier", "details")
    unknown = sorted(set(change) - set(allowed))
    if unknown:
        raise InvalidInput(f"{', '.join(unknown)[:200]} cannot be changed. Known: {', '.join(allowed)}.")
    for name, value in change.items():
        if name == "owner":
            system.owner = _member(system.workspace_id, value)
        elif name == "details":
            system.details = {**system.details, **value} if isinstance(value, Mapping) else value
        else:
            setattr(system, name, value)


def _fields_check(system: AISystem) -> None:
    for name, longest in _LONGEST.items():
        setattr(system, name, text_check(name, getattr(system, name), longest))
    if not (system.name and system.intended_purpose):
        raise InvalidInput("An AI system needs a name and an intended purpose.")
    if system.role not in ROLES:
        raise InvalidInput(f"The role of whoever keeps the system is one of {', '.join(ROLES)}.")
    if system.risk_tier not in RISK_TIERS:
        raise InvalidInput(f"A risk tier is one of {', '.join(GRAVITY)}.")
    if system.risk_tier != "unclassified" and not system.risk_rationale:
        raise InvalidInput(f"Say in risk_rationale why the system is classified as {system.risk_tier}.")
    if not isinstance(system.details, Mapping):
        raise InvalidInput("details must be an object.")
    system.details = details_check(system.details)


def _member(workspace_id: int, username: str) -> User:
    """A person of the workspace. Others are not told apart from those who do not exist."""
    found = Membership.objects.filter(
        workspace_id=workspace_id, user__username=username, user__is_active=True
    )
    membership = found.select_related("user").first()
    if membership is None:
        raise InvalidInput(f"The owner must be a member of the workspace; {str(username)[:150]} is none.")
    return membership.user


def _in_use_check(system: AISystem) -> None:
    if system.retired_at is not None:
        raise Conflict(f"{system} was retired and stays as it is.", code="retired")


def _save(system: AISystem) -> None:
    try:
        with transaction.atomic():
            system.save()
    except IntegrityError as error:
        raise Conflict(
            f"The workspace has an AI system named {system.name} already. Choose another name.",
            code="already_exists",
        ) from error
