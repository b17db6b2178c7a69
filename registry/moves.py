"""The one way in which a client, the API and a page move an alias or a stage.

A move that a policy refuses for want of an approval is rolled back and recorded as refused; then the request for it is
made, and the refusal names its address.
"""

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings

from compliance.services.requests import approval_request_open
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.errors import PolicyViolation
from registry.models import Assignment, ModelVersion
from registry.protection import APPROVAL_REQUIRED
from registry.services.aliases import alias_move
from registry.services.stages import stage_move

R = TypeVar("R")


def alias_set_or_request(*, actor: Actor, version: ModelVersion, alias: str, reason: str = "") -> Assignment:
    """Let an alias mean a version, or ask for the approval that it needs and raise PolicyViolation with its address."""

    def move() -> Assignment:
        return alias_move(actor=actor, model=version.model, version=version, alias=alias, reason=reason)

    return made_or_requested(actor, version, move, reason)


def stage_move_or_request(
    *, actor: Actor, version: ModelVersion, stage: str, archive_existing: bool = False, reason: str = ""
) -> ModelVersion:
    """The same for a stage."""

    def move() -> ModelVersion:
        return stage_move(
            actor=actor, model=version.model, version=version, stage=stage, archive_existing=archive_existing,
            reason=reason,
        )  # fmt: skip

    return made_or_requested(actor, version, move, reason)


def made_or_requested(actor: Actor, version: ModelVersion, move: Callable[[], R], reason: str) -> R:
    """Do a gated act about a version; where only approvals are missing, make the request and say where it is."""
    try:
        return move()
    except PolicyViolation as no:
        if no.code != APPROVAL_REQUIRED:
            raise
        refused = no
    workspace = Workspace.objects.get(pk=version.workspace_id)
    request = approval_request_open(
        actor=actor, workspace=workspace, act=refused.extra["act"], subject_id=refused.extra["subject_id"],
        params=refused.extra["params"], reason=reason,
    )  # fmt: skip
    address = f"{settings.PORTAL_URL.rstrip('/')}/approvals/{request.pk.hex}"
    is_draft = request.state == "draft"
    asked = "A request was drafted; submit it when the rules hold" if is_draft else "Approvers were asked"
    raise PolicyViolation(
        f"{refused.detail} {asked}: {address}", code=APPROVAL_REQUIRED, request_id=request.pk.hex, url=address,
        state=request.state,
    ) from refused  # fmt: skip
