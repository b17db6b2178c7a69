"""Facts of sweeps for tests of the planner: a sweep that is played to its end without a database."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from training.sweeps.facts import (
    ACTIVE,
    CANCELLED,
    COMPLETE,
    ENDING,
    PRUNED,
    RUNNING,
    Plan,
    SweepFacts,
    TrialFacts,
)  # fmt: skip
from training.sweeps.planning import plan_of
from training.sweeps.reading import sweep_read

TRAINING: dict[str, Any] = {
    "experiment": "sweeps",
    "command": "python train.py ${{parameters}}",
    "code": {"bundled": "parabola"},
}
SPACE: dict[str, Any] = {
    "x": {"type": "float", "low": -2, "high": 2}, "n": {"type": "int", "low": 1, "high": 8},
    "kind": {"type": "categorical", "choices": ["a", "b"]},
}  # fmt: skip
LOSS = [{"metric": "loss", "direction": "minimize"}]


def spec_of(**given: Any) -> dict[str, Any]:
    return sweep_read({"training": TRAINING, "space": SPACE, "objectives": LOSS, "seed": 7, **given})


def facts_of(trials: tuple[TrialFacts, ...] = (), **given: Any) -> SweepFacts:
    known = {name: given.pop(name) for name in tuple(given) if name in SweepFacts.__dataclass_fields__}
    return SweepFacts(
        "sweep", spec_of(**given), known.pop("state", ACTIVE), revision=1, trials=trials, **known
    )


def complete(*values: float) -> tuple[TrialFacts, ...]:
    """Trials that came out with these values, one after the other."""
    return tuple(
        TrialFacts(number, {"x": 1.0, "n": number % 8 + 1, "kind": "a"}, COMPLETE, (value,))
        for number, value in enumerate(values)
    )


def after(facts: SweepFacts, plan: Plan) -> SweepFacts:
    """What the services would make of the sweep by a plan."""
    trials = {trial.number: trial for trial in facts.trials}
    for one in plan.judged:
        trials[one.number] = replace(
            trials[one.number],
            points=one.points,
            judged=len(one.points),
            rungs=one.rungs,
            pruned_step=one.prune_step,
        )
    for ended in plan.settled:
        trials[ended.number] = replace(trials[ended.number], state=ended.state, values=ended.values, end="")
    for number in [*plan.cancelled, *(one.number for one in plan.judged if one.prune_step is not None)]:
        trials[number] = replace(trials[number], end=CANCELLED)
    trials |= {one.number: TrialFacts(one.number, one.params, RUNNING) for one in plan.asked}
    state = plan.final or (ENDING if plan.ending else facts.state)
    ended_by = plan.ending.code if plan.ending else facts.ended_by
    return replace(
        facts, state=state, ended_by=ended_by, trials=tuple(trials.values()), revision=facts.revision + 1,
        cancels=plan.ending.cancels if plan.ending else facts.cancels,
    )  # fmt: skip


def loss_of(params: Any) -> float:
    return float((params["x"] - 0.5) ** 2 + 0.01 * params["n"] + (params["kind"] == "b"))


def played(facts: SweepFacts, loss: Callable[[Any], float] | None = None, most: int = 400) -> SweepFacts:
    """Play a sweep to its end; the running trial of the lowest number always ends next."""
    for _ in range(most):
        plan = plan_of(facts)
        facts = after(facts, plan)
        if facts.state not in (ACTIVE, ENDING):
            return facts
        running = [trial for trial in facts.trials if trial.is_running and not trial.end]
        if plan.is_empty:
            assert running, "it waits for nothing"
            ended = replace(running[0], end=COMPLETE, values=((loss or loss_of)(running[0].params),))
            facts = replace(
                facts,
                trials=tuple(ended if trial.number == ended.number else trial for trial in facts.trials),
            )
    raise AssertionError("The sweep does not end.")


def pruned_of(facts: SweepFacts) -> list[int]:
    return [trial.number for trial in facts.trials if trial.state == PRUNED]
