"""Noting what auditors read: of those who audit some workspaces for a time, too."""

from typing import Any

from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.operations import read_logged


def noted(actor: Actor, action: str, target: Any = None, detail: str = "") -> None:
    """Leave an event about a read of something sensitive.

    What spans workspaces is noted in each of those that the actor audits, so that its members can see it.
    """
    if target is None and actor.audited and not actor.is_auditor:
        for workspace in Workspace.objects.filter(pk__in=actor.audited):
            read_logged(actor=actor, action=action, target=workspace, detail=detail)
        return
    read_logged(actor=actor, action=action, target=target, detail=detail)
