"""What a sweep does next, by facts alone: proposals, budgets, early stop, ends."""

from dataclasses import replace

import pytest

from tests.training.sweeps.facts import LOSS, SPACE, after, complete, facts_of, loss_of, played
from training.sweeps.ends import best_of
from training.sweeps.facts import (
    CANCELLED,
    COMPLETE,
    DONE,
    ENDING,
    FAILED,
    RUNNING,
    STOPPED,
    Ending,
    TrialFacts,
)  # fmt: skip
from training.sweeps.planning import plan_of

STEPPED = {
    "x": {"type": "float", "low": 0, "high": 1, "step": 0.5},
    "n": {"type": "int", "low": 1, "high": 2},
}


@pytest.mark.parametrize("sampler", ["tpe", "random", "qmc"])
def test_the_same_history_gives_the_same_proposals(sampler):
    facts = facts_of(complete(*(1 / (n + 1) for n in range(15))), sampler=sampler, parallel=4)
    plan = plan_of(facts)
    assert len(plan.asked) == 4
    assert plan == plan_of(facts)
    assert len({str(sorted(one.params.items())) for one in plan.asked}) == 4
    assert plan.asked != plan_of(replace(facts, spec={**facts.spec, "seed": 8})).asked


@pytest.mark.parametrize("sampler", ["tpe", "random", "qmc"])
def test_one_at_a_time_or_all_at_once_a_number_has_its_own_seed(sampler):
    facts = facts_of(sampler=sampler, parallel=3)
    at_once = [one.params for one in plan_of(facts).asked]
    one_by_one = facts_of(sampler=sampler, parallel=1)
    found = []
    for number in range(3):
        found.append(plan_of(one_by_one).asked[0].params)
        done = TrialFacts(number, found[-1], COMPLETE, (1.0,))
        one_by_one = replace(one_by_one, trials=(*one_by_one.trials, done))
    assert found == at_once


def test_proposals_stay_within_the_space():
    space = {
        "rate": {"type": "float", "low": 1e-5, "high": 1e-1, "log": True},
        "half": {"type": "float", "low": 0, "high": 1, "step": 0.5},
        "n": {"type": "int", "low": 2, "high": 8, "step": 2},
        "deep": {"type": "int", "low": 1, "high": 1000, "log": True},
        "flag": {"type": "categorical", "choices": [True, False]},
    }  # fmt: skip
    for sampler in ("tpe", "random", "qmc"):
        asked = plan_of(facts_of(space=space, sampler=sampler, parallel=40, budget={"trials": 40})).asked
        assert len(asked) == 40
        for one in (one.params for one in asked):
            assert 1e-5 <= one["rate"] <= 1e-1
            assert one["half"] in (0, 0.5, 1)
            assert one["n"] in (2, 4, 6, 8)
            assert 1 <= one["deep"] <= 1000
            assert one["flag"] in (True, False)
        rates = sorted(one.params["rate"] for one in asked)
        assert rates[20] < 0.02, "a scale by logarithm has its middle at 1e-3"


def test_tpe_learns_what_is_good():
    first = played(facts_of(sampler="tpe", budget={"trials": 40}, parallel=2))
    early, late = first.trials[:10], first.trials[-10:]
    assert sum(loss_of(t.params) for t in late) < sum(loss_of(t.params) for t in early) * 0.7
    assert best_of(first)[0].params["kind"] == "a"


def test_a_grid_is_tried_once_each_and_then_it_is_over():
    ended = played(facts_of(space=STEPPED, sampler="grid", parallel=4), loss=lambda params: params["x"])
    assert {(t.params["x"], t.params["n"]) for t in ended.trials} == {
        (x, n) for x in (0, 0.5, 1) for n in (1, 2)
    }
    assert (len(ended.trials), ended.state, ended.ended_by) == (6, DONE, "trials")
    assert (
        plan_of(facts_of(space=STEPPED, sampler="grid", budget={"trials": 100}, parallel=50)).asked[5:] != ()
    )
    few = played(
        facts_of(space=STEPPED, sampler="grid", budget={"trials": 4}), loss=lambda params: params["x"]
    )
    assert len(few.trials) == 4


def test_never_more_at_once_than_parallel_nor_more_than_the_budget():
    facts = facts_of(budget={"trials": 7}, parallel=3)
    for _ in range(100):
        plan = plan_of(facts)
        facts = after(facts, plan)
        assert sum(trial.is_running for trial in facts.trials) <= 3
        assert len(facts.trials) <= 7
        if plan.final:
            break
        facts = one_ends(facts) if plan.is_empty else facts
    assert (plan.final, facts.ended_by, len(facts.trials)) == (DONE, "trials", 7)


def one_ends(facts, **how):
    running = [trial for trial in facts.trials if trial.is_running and not trial.end]
    ended = replace(running[-1], **{"end": COMPLETE, "values": (1.0,), **how})
    return replace(facts, trials=tuple(ended if t.number == ended.number else t for t in facts.trials))


def code_of(plan):
    return plan.ending.code if plan.ending else ""


def test_a_budget_of_time_cancels_what_runs():
    facts = after(facts_of(budget={"time": "1m"}), plan_of(facts_of(budget={"time": "1m"})))
    assert plan_of(replace(facts, age=59)).is_empty
    plan = plan_of(replace(facts, age=60))
    assert (code_of(plan), plan.cancelled, plan.asked, plan.final) == ("time", (0, 1), (), "")
    ending = after(facts, plan)
    assert plan_of(ending).final == FAILED, "no trial was complete"
    assert plan_of(replace(ending, trials=(*complete(1.0), *ending.trials[1:]))).final == DONE


def test_a_budget_of_cost_counts_the_seconds_of_all_trials():
    trials = tuple(replace(trial, seconds=1800) for trial in complete(3.0, 2.0))
    facts = facts_of(trials, budget={"cost": 0.5}, price=0.4)
    assert facts.cost == pytest.approx(0.4)
    assert plan_of(facts).asked
    plan = plan_of(replace(facts, price=0.5))
    assert (code_of(plan), plan.final, plan.asked) == ("cost", DONE, ())


@pytest.mark.parametrize(
    ("direction", "values", "ends"),
    [
        ("minimize", (3.0, 0.1), True),
        ("minimize", (3.0, 0.11), False),
        ("maximize", (0.05, 0.1), True),
        ("maximize", (0.05, 0.09), False),
    ],
)
def test_a_target_ends_it(direction, values, ends):
    objectives = [{"metric": "loss", "direction": direction}]
    plan = plan_of(facts_of(complete(*values), objectives=objectives, stop={"target": 0.1}))
    assert bool(plan.ending) is ends
    assert bool(plan.asked) is not ends


def test_patience_counts_the_trials_after_the_best():
    assert plan_of(facts_of(complete(5.0, 1.0, 2.0, 2.0), stop={"patience": 3})).asked
    plan = plan_of(facts_of(complete(5.0, 1.0, 2.0, 2.0, 1.0), stop={"patience": 3}))
    assert (code_of(plan), plan.final) == ("patience", DONE)


def test_early_stop_lets_running_trials_come_to_their_end():
    running = TrialFacts(2, {"x": 0.0, "n": 1, "kind": "a"})
    facts = facts_of((*complete(3.0, 0.0), running), stop={"target": 0.1})
    plan = plan_of(facts)
    assert (code_of(plan), plan.cancelled, plan.final) == ("target", (), "")
    ending = after(facts, plan)
    assert plan_of(ending).is_empty
    assert plan_of(one_ends(ending)).final == DONE


def test_failures_in_a_row_end_it_and_others_do_not():
    failed = tuple(replace(trial, state=FAILED, values=()) for trial in complete(1.0, 1.0, 1.0))
    assert plan_of(facts_of(failed, stop={"failures": 4})).asked
    plan = plan_of(facts_of(failed, stop={"failures": 3}))
    assert (code_of(plan), plan.final) == ("failures", FAILED)
    mixed = (failed[0], complete(1.0, 1.0)[1], failed[2])
    assert plan_of(facts_of(mixed, stop={"failures": 2})).asked


def test_who_may_not_train_any_more_gets_no_trial():
    plan = plan_of(facts_of(refusal="ann has left."))
    assert (plan.ending, plan.final) == (Ending("refused", "ann has left."), FAILED)


def test_a_stopped_sweep_cancels_and_then_is_over():
    running = TrialFacts(1, {"x": 0.0, "n": 1, "kind": "a"})
    facts = facts_of((*complete(3.0), running), state=ENDING, ended_by=STOPPED, cancels=True)
    plan = plan_of(facts)
    assert (plan.cancelled, plan.final, plan.asked) == ((1,), "", ())
    assert plan_of(after(facts, plan)).final == STOPPED


def test_what_ended_is_settled_by_how_it_ended():
    params = {"x": 0.0, "n": 1, "kind": "a"}
    trials = (
        TrialFacts(0, params, RUNNING, (0.5,), end=COMPLETE, seconds=3),
        TrialFacts(1, params, RUNNING, end=FAILED, reason="It broke."),
        TrialFacts(2, params, RUNNING, end=CANCELLED),
        TrialFacts(3, params, RUNNING, end=CANCELLED, pruned_step=2, points=((1, 4.0), (2, 3.0), (3, 1.0))),
        TrialFacts(4, params, RUNNING, (0.7,), end=COMPLETE, pruned_step=2),
        TrialFacts(5, params, RUNNING),
    )
    found = {one.number: (one.state, one.values, one.reason) for one in plan_of(facts_of(trials)).settled}
    assert found == {
        0: (COMPLETE, (0.5,), ""), 1: (FAILED, (), "It broke."), 2: (CANCELLED, (), ""),
        3: ("pruned", (3.0,), "Pruned at step 2."), 4: (COMPLETE, (0.7,), ""),
    }  # fmt: skip


def test_of_several_objectives_all_count_that_nothing_beats():
    objectives = [*LOSS, {"metric": "accuracy", "direction": "maximize"}]
    pairs = [(1.0, 0.5), (2.0, 0.9), (1.5, 0.4), (1.0, 0.5), (0.5, 0.1)]
    trials = tuple(
        replace(trial, values=pair) for trial, pair in zip(complete(*[0.0] * 5), pairs, strict=True)
    )
    facts = facts_of(trials, objectives=objectives, sampler="tpe")
    assert [trial.number for trial in best_of(facts)] == [0, 1, 3, 4]
    assert len(plan_of(facts).asked) == 2


def test_a_sweep_that_is_over_does_nothing():
    assert all(plan_of(facts_of(complete(1.0), state=state)).is_empty for state in (DONE, FAILED, STOPPED))


def test_the_space_of_the_tests_is_that_of_a_person():
    assert set(plan_of(facts_of()).asked[0].params) == set(SPACE)
