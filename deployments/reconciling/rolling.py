"""What a roll-out does next: pure decisions over what is known."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from deployments.facts import FAILED, FAILING, PAUSED, READY, RUNNING, SHADOWING, WAITING
from deployments.models import Rollout
from deployments.services.rollouts import BEGIN, COMPLETE, FAIL, NEXT, ROLL_BACK

# So long may all processes of a revision be down in a roll-out: a restart takes some seconds.
DOWN_SECONDS = 20


@dataclass(frozen=True)
class Figures:
    """What a revision did in a window. `p95_ms` is None where nothing was asked; `drift` says why it should go back."""

    requests: int
    errors: int
    p95_ms: float | None
    drift: str = ""


@dataclass(frozen=True)
class Step:
    """What is to be done with a roll-out, and why."""

    act: str
    reason: str


Measure = Callable[[Rollout, dt.datetime], Figures]


def step_of(rollout: Rollout, moment: dt.datetime, measure: Measure) -> Step | None:
    """The next step of a roll-out that goes on; None while there is nothing to do but wait."""
    revision = rollout.revision
    if revision.observed_state == FAILED:
        return Step(FAIL, f"{revision} cannot serve: {revision.observed_detail}"[:2000])
    if rollout.step_began_at is None:
        is_up = revision.observed_state == READY and revision.desired_state == RUNNING
        return Step(BEGIN, _named(rollout, 0)) if rollout.state == WAITING and is_up else None
    broken = _broken(rollout, moment, measure)
    if broken:
        return Step(ROLL_BACK, broken)
    step = rollout.steps[rollout.step]
    until = rollout.step_began_at + dt.timedelta(seconds=step["seconds"])
    if rollout.state == PAUSED or moment < until:
        return None
    if rollout.step + 1 < len(rollout.steps):
        return Step(NEXT, _named(rollout, rollout.step + 1)) if revision.observed_state == READY else None
    if step["seconds"] == 0 and (step["percent"] < 100 or rollout.strategy == SHADOWING):
        return None  # copies, and the shares of a test, go on until somebody ends them
    return Step(COMPLETE, "All steps were taken.")


def _broken(rollout: Rollout, moment: dt.datetime, measure: Measure) -> str:
    """Which guard is broken, in a sentence; "" for none."""
    guards, revision = rollout.guards, rollout.revision
    if revision.observed_state == FAILING and revision.observed_at is not None:
        down = (moment - revision.observed_at).total_seconds()
        if down > DOWN_SECONDS:
            return f"{revision} was down for {down:.0f} s. {revision.observed_detail}"[:2000]
    window = dt.timedelta(seconds=guards["window_seconds"])
    seen = measure(rollout, max(moment - window, rollout.created_at))
    if seen.drift:
        return seen.drift
    if seen.requests < max(guards["min_requests"], 1):
        return ""
    rate, most = seen.errors / seen.requests, guards.get("max_error_rate")
    if most is not None and rate > most:
        return (
            f"{rate:.1%} of {seen.requests} requests to {revision} failed within {guards['window_seconds']} s; "
            f"{most:.1%} are allowed."
        )
    slowest = guards.get("max_p95_ms")
    if slowest is not None and seen.p95_ms is not None and seen.p95_ms > slowest:
        return (
            f"95% of {seen.requests} requests to {revision} took up to {seen.p95_ms:.0f} ms; "
            f"{slowest:g} ms are allowed."
        )
    return ""


def _named(rollout: Rollout, step: int) -> str:
    return f"Step {step + 1} of {len(rollout.steps)}: {rollout.steps[step]['percent']} percent."
