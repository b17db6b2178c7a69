"""The intervals of aliases and stages: begun and ended at one moment, which never lies before what is recorded.

The caller holds the row of the model, so that moves of one model stand in a line.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from compliance.models import Approval
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from registry.models import Assignment, ModelVersion, RegisteredModel
from registry.models.assignments import ALIAS, STAGE


def alias_current(model: RegisteredModel, alias: str) -> Assignment | None:
    """What an alias means now."""
    current = Assignment.objects.filter(model=model, kind=ALIAS, name=alias, valid_to=None)
    return current.select_related("version", "approval").first()


def stage_current(version: ModelVersion) -> Assignment | None:
    """The stage that a version is in now; None stands for MLflow's stage None."""
    current = Assignment.objects.filter(version=version, kind=STAGE, valid_to=None)
    return current.select_related("version", "approval").first()


def moment_after(recorded: Iterable[Assignment]) -> dt.datetime:
    """Now, or the end of what is recorded where the clock has gone backwards."""
    ends = [each.valid_to or each.valid_from for each in recorded]
    return max([now(), *ends])


def interval_move(
    actor: Actor, old: Assignment | None, version: ModelVersion, *, kind: str, name: str,
    approval: Approval | None = None, reason: str = "",
) -> Assignment:  # fmt: skip
    """End the old interval, if there is one, at the very moment at which the new one begins."""
    moment = moment_after(_recorded(version, kind, name, old))
    if old is not None:
        _end(actor, old, moment)
    return Assignment.objects.create(
        workspace_id=version.workspace_id, model_id=version.model_id, version=version, kind=kind, name=name,
        valid_from=moment, approval=approval, moved_by=actor.reference, moved_by_name=actor.name[:200],
        reason=reason[:2000],
    )  # fmt: skip


def interval_end(actor: Actor, interval: Assignment) -> None:
    """End one interval without another that follows."""
    _end(actor, interval, moment_after([interval]))


def _recorded(version: ModelVersion, kind: str, name: str, old: Assignment | None) -> list[Assignment]:
    """The old interval, and the last one of this name: a name that was free for a while must not overlap its past."""
    past: dict[str, Any] = {"model_id": version.model_id, "kind": kind}
    past |= {"name": name} if kind == ALIAS else {"version": version}
    last = Assignment.objects.filter(**past).order_by("-valid_from", "-id").first()
    return [each for each in (old, last) if each is not None]


def _end(actor: Actor, interval: Assignment, moment: dt.datetime) -> None:
    interval.valid_to, interval.ended_by = moment, actor.reference
    interval.save(update_fields=["valid_to", "ended_by"])
