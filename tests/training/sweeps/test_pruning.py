"""Which running trials a pruner ends, by facts alone."""

import math
from dataclasses import replace

import pytest

from tests.training.sweeps.facts import after, complete, facts_of
from training.sweeps.facts import CANCELLED, COMPLETE, PRUNED, RUNNING, TrialFacts
from training.sweeps.planning import plan_of

PARAMS = {"x": 0.0, "n": 1, "kind": "a"}
MEDIAN = {"type": "median", "startup_trials": 2}


def curve(*values):
    return tuple(enumerate(values, start=1))


def running(number, *values, **known):
    return TrialFacts(number, PARAMS, RUNNING, points=curve(*values), **known)


def ended(*curves):
    return tuple(
        replace(trial, points=curve(*values), judged=len(values), values=(values[-1],))
        for trial, values in zip(complete(*[0.0] * len(curves)), curves, strict=True)
    )


def prunes(plan):
    return {one.number: one.prune_step for one in plan.judged if one.prune_step is not None}


def test_the_median_ends_what_is_worse_than_half_of_the_others():
    facts = facts_of(
        (*ended((5, 4, 3), (6, 5, 4)), running(2, 9, 8), running(3, 5, 4)), pruner=MEDIAN, parallel=2
    )
    assert prunes(plan_of(facts)) == {2: 1}


def test_each_point_counts_for_itself_however_many_come_at_once():
    """A trial that was bad at step 1 is pruned there, though it is the best by step 3."""
    facts = facts_of((*ended((5, 4, 3), (6, 5, 4)), running(2, 9, 1, 1)), pruner=MEDIAN, parallel=1)
    assert prunes(plan_of(facts)) == {2: 1}


def test_before_enough_trials_are_complete_nothing_is_pruned():
    facts = facts_of((*ended((5, 4, 3)), running(1, 99, 99)), pruner=MEDIAN, parallel=1)
    plan = plan_of(facts)
    assert prunes(plan) == {}
    assert [(one.number, len(one.points)) for one in plan.judged] == [(1, 2)]


def test_warm_up_steps_are_not_judged():
    pruner = {**MEDIAN, "warmup_steps": 2}
    facts = facts_of((*ended((5, 4, 3), (6, 5, 4)), running(2, 9, 9, 9)), pruner=pruner, parallel=1)
    assert prunes(plan_of(facts)) == {2: 2}


def test_what_is_to_be_large_is_pruned_when_it_is_small():
    objectives = [{"metric": "accuracy", "direction": "maximize"}]
    facts = facts_of(
        (*ended((0.5, 0.6), (0.6, 0.7)), running(2, 0.1), running(3, 0.9)), objectives=objectives, pruner=MEDIAN,
        parallel=2,
    )  # fmt: skip
    assert prunes(plan_of(facts)) == {2: 1}


@pytest.mark.filterwarnings("ignore:All-NaN")
def test_a_value_that_is_no_number_is_pruned():
    facts = facts_of((*ended((5, 4), (6, 5)), running(2, math.nan)), pruner=MEDIAN, parallel=1)
    assert prunes(plan_of(facts)) == {2: 1}


def test_points_are_looked_at_once():
    facts = facts_of((*ended((5, 4), (6, 5)), running(2, 4, judged=1)), pruner=MEDIAN, parallel=1)
    assert plan_of(facts).is_empty


def test_a_pruned_trial_is_not_judged_again_and_settles_as_pruned():
    facts = facts_of((*ended((5, 4), (6, 5)), running(2, 9)), pruner=MEDIAN, parallel=1)
    facts = after(facts, plan_of(facts))
    assert facts.trials[2].end == CANCELLED
    plan = plan_of(facts)
    assert [(one.number, one.state, one.values) for one in plan.settled] == [(2, PRUNED, (9,))]
    assert plan.judged == ()


def test_a_trial_that_came_to_its_end_first_is_complete():
    late = replace(running(2, 9, 9), end=COMPLETE, values=(9.0,))
    plan = plan_of(facts_of((*ended((5, 4), (6, 5)), late), pruner=MEDIAN, parallel=1))
    assert prunes(plan) == {}
    assert [one.state for one in plan.settled] == [COMPLETE]


@pytest.mark.parametrize(
    "pruner",
    [
        {"type": "successive_halving", "min_steps": 1, "reduction_factor": 2},
        {"type": "hyperband", "min_steps": 1, "max_steps": 8, "reduction_factor": 2},
    ],
)
def test_halving_keeps_the_better_part(pruner):
    """Trials end one after the other; of each the pruner sees step by step what it will be worth."""
    facts, kept = facts_of(pruner=pruner, parallel=1, budget={"trials": 24}), {}
    for number in range(24):
        facts = after(facts, plan_of(facts))
        worth = (number * 7) % 24
        for step in range(1, 9):
            trial = replace(facts.trials[number], points=(*facts.trials[number].points, (step, float(worth))))
            facts = after(facts, plan_of(with_trial(facts, trial)))
            if facts.trials[number].end:
                break
        trial = facts.trials[number]
        facts = with_trial(
            facts, trial if trial.end else replace(trial, end=COMPLETE, values=(float(worth),))
        )
        facts = after(facts, plan_of(facts))
        kept[worth] = facts.trials[number].state
    lost = [worth for worth, state in kept.items() if state == PRUNED]
    whole = [worth for worth, state in kept.items() if state == COMPLETE]
    assert whole
    assert lost
    assert sum(whole) / len(whole) < sum(lost) / len(lost)
    assert any(trial.rungs for trial in facts.trials), "what the pruner noted is kept"


def with_trial(facts, trial):
    return replace(facts, trials=tuple(trial if one.number == trial.number else one for one in facts.trials))
