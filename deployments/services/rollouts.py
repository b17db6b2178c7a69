"""Roll-outs: what people do with one that goes on, and the steps that the portal's own job takes."""

from collections.abc import Mapping
from typing import Any

from compliance.models.approvals import EFFECTIVE
from deployments.facts import (
    ABORTED,
    COMPLETED,
    PAUSED,
    PROGRESSING,
    READY,
    ROLLED_BACK,
    RUNNING,
    SHADOW,
    SHADOWING,
    STOPPED,
    WAITING,
)
from deployments.models import Endpoint, Rollout
from deployments.routes import reconcile_ask
from deployments.services.endpoints import there_check
from deployments.split import Split, split_move, split_now, toward
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import Conflict
from portal.operations import Changed, locked, operation

PAUSE, RESUME = "deployments.rollout.pause", "deployments.rollout.resume"
ABORT, PROMOTE = "deployments.rollout.abort", "deployments.rollout.promote"
ADVANCE = "deployments.rollout.advance"
# What the job decides for a roll-out.
BEGIN, NEXT, COMPLETE, ROLL_BACK, FAIL = "begin", "next", "complete", "roll_back", "fail"


@operation(PAUSE, on="endpoint")
def rollout_pause(
    *, actor: Actor, endpoint: Endpoint, rollout: Rollout, reason: str = ""
) -> Changed[Rollout]:
    """Keep the split that there is until somebody resumes; guards hold all the while."""
    row = _held(endpoint, rollout)
    if row.state == PAUSED:
        raise Conflict(f"The roll-out of {row.revision} is paused already.", code="invalid_state")
    return _changed(row, PAUSED, reason)


@operation(RESUME, on="endpoint")
def rollout_resume(
    *, actor: Actor, endpoint: Endpoint, rollout: Rollout, reason: str = ""
) -> Changed[Rollout]:
    """Go on with the step that it was at, whose time begins anew."""
    row = _held(endpoint, rollout)
    if row.state != PAUSED:
        raise Conflict(f"The roll-out of {row.revision} is not paused.", code="invalid_state")
    state = WAITING if row.step_began_at is None else PROGRESSING
    row.step_began_at = now() if row.step_began_at else None
    reconcile_ask(actor, endpoint)
    return _changed(row, state, reason)


@operation(ABORT, on="endpoint")
def rollout_abort(*, actor: Actor, endpoint: Endpoint, rollout: Rollout, reason: str) -> Changed[Rollout]:
    """End a roll-out and give the traffic back to what had it before, in this commit."""
    row = _held(endpoint, rollout)
    _back(actor, endpoint, row, reason)
    reconcile_ask(actor, endpoint)
    return _ended(row, ABORTED, f"Aborted: {reason}", reason)


@operation(PROMOTE, on="endpoint")
def rollout_promote(
    *, actor: Actor, endpoint: Endpoint, rollout: Rollout, reason: str = ""
) -> Changed[Rollout]:
    """Give the revision all traffic now, without the steps that are left. Raises Conflict before it is ready."""
    row = _held(endpoint, rollout)
    if row.revision.observed_state != READY or row.revision.desired_state != RUNNING:
        raise Conflict(
            f"{row.revision} is {row.revision.observed_state} and cannot take all traffic. Wait until it is ready.",
            code="not_ready",
        )
    split_move(actor, endpoint, {row.revision.number: 100}, shadow={}, rollout=row, reason=reason)
    reconcile_ask(actor, endpoint)
    return _ended(row, COMPLETED, "Promoted by a person before its last step.", reason)


@operation(ADVANCE, on="endpoint")
def rollout_advance(
    *, actor: Actor, endpoint: Endpoint, rollout: Rollout, act: str, reason: str
) -> Changed[Rollout]:
    """Take the step that the job decided on, unless the roll-out is no longer as the job saw it.

    Raises Conflict (`moved_on`), and then nothing has changed.
    """
    row: Rollout = locked(rollout)
    is_same = (row.state, row.step, row.step_began_at) == (
        rollout.state,
        rollout.step,
        rollout.step_began_at,
    )
    if not is_same or not row.goes_on or endpoint.deleted_at is not None:
        raise Conflict(f"The roll-out of {row.revision} has moved on.", code="moved_on")
    if act == FAIL:
        return _failed(row, reason)
    if act == ROLL_BACK:
        _back(actor, endpoint, row, reason)
        return _ended(row, ROLLED_BACK, reason, reason)
    if act == COMPLETE:
        return _completed(actor, endpoint, row, reason)
    if row.revision.observed_state != READY or row.revision.desired_state != RUNNING:
        raise Conflict(f"{row.revision} does not answer, so it gets no traffic.", code="moved_on")
    row.step, row.step_began_at = (0 if act == BEGIN else row.step + 1), now()
    live, shadow = _step_split(endpoint, row)
    split_move(actor, endpoint, live, shadow=shadow, rollout=row, reason=reason)
    return _changed(row, PROGRESSING, reason)


def _failed(row: Rollout, reason: str) -> Changed[Rollout]:
    """A revision that cannot serve: the traffic stays where it is."""
    revision = row.revision
    if revision.desired_state == RUNNING and not revision.traffic.filter(valid_to=None).exists():
        revision.desired_state, revision.stopped_at = STOPPED, now()
        revision.save(update_fields=["desired_state", "stopped_at"])
    return _ended(row, ABORTED, reason, reason)


def _completed(actor: Actor, endpoint: Endpoint, row: Rollout, reason: str) -> Changed[Rollout]:
    """The last step is over. Copies for a shadow end with it, shares of a test stay as they are."""
    if row.strategy == SHADOWING:
        split_move(actor, endpoint, split_now(endpoint), shadow={}, rollout=row, reason=reason)
    return _ended(row, COMPLETED, reason, reason)


def _step_split(endpoint: Endpoint, row: Rollout) -> tuple[Split, Split]:
    """The live split and that of copies at the step of a roll-out."""
    percent, number = int(row.steps[row.step]["percent"]), row.revision.number
    copies = {key: value for key, value in split_now(endpoint, SHADOW).items() if key != number}
    if row.strategy == SHADOWING:
        return split_now(endpoint), {**copies, number: percent}
    return toward(_allowed(endpoint, row), number, percent), copies


def _back(actor: Actor, endpoint: Endpoint, row: Rollout, reason: str) -> None:
    """The split from before, without what may not serve any more; nobody, where nothing of it is left."""
    split_move(actor, endpoint, _whole(_allowed(endpoint, row)), shadow={}, rollout=row, reason=reason)


def _allowed(endpoint: Endpoint, row: Rollout) -> dict[int, int]:
    """What served before the roll-out and still may: it runs, and its approval stands."""
    before = {int(each["revision"]): int(each["percent"]) for each in row.before}
    running = endpoint.revisions.filter(number__in=before, desired_state=RUNNING).select_related("approval")
    numbers = {each.number for each in running if each.approval is None or each.approval.state == EFFECTIVE}
    return {number: percent for number, percent in before.items() if number in numbers}


def _whole(split: Mapping[int, int]) -> dict[int, int]:
    """The same shares, 100 in all."""
    total = sum(split.values())
    if not total:
        return {}
    shared = {number: 100 * percent // total for number, percent in split.items()}
    first = max(shared, key=lambda number: (shared[number], -number))
    shared[first] += 100 - sum(shared.values())
    return shared


def _held(endpoint: Endpoint, rollout: Rollout) -> Rollout:
    """The roll-out as it is now. Raises Conflict for one that is over."""
    there_check(endpoint)
    row: Rollout = locked(rollout)
    if row.endpoint_id != endpoint.pk or not row.goes_on:
        raise Conflict(
            f"The roll-out of {row.revision} is over: {row.state}. Deploy a version to begin another one.",
            code="invalid_state",
        )
    return row


def _changed(row: Rollout, state: str, reason: str) -> Changed[Rollout]:
    before = {"state": Rollout.objects.values_list("state", flat=True).get(pk=row.pk)}
    row.state = state
    row.save()
    return Changed(row, before=before, after=_named(row) | {"reason": reason}, subject=row)


def _ended(row: Rollout, state: str, outcome: str, reason: str) -> Changed[Rollout]:
    row.outcome, row.ended_at = outcome[:2000], now()
    return _changed(row, state, reason)


def _named(row: Rollout) -> dict[str, Any]:
    return {"state": row.state, "step": row.step, "revision": row.revision.number, "outcome": row.outcome}
