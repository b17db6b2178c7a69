"""Which specifications of sweeps are taken, and what is said of others."""

import pytest

from portal.kernel.errors import InvalidInput
from tests.training.sweeps.facts import LOSS, SPACE, TRAINING, spec_of
from training.sweeps.reading import grid_size, grid_values, sweep_read


def test_defaults_are_written_out():
    spec = sweep_read({"training": TRAINING, "space": SPACE, "objectives": LOSS})
    assert spec["sampler"] == "tpe"
    assert spec["parallel"] == 2
    assert spec["budget"] == {"trials": 20}
    assert 0 <= spec["seed"] < 2**32
    assert spec["stop"] == {"failures": 5}
    assert spec["training"]["limits"] == {"timeout": "24h", "retries": 0}
    assert sweep_read(spec) == spec


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"space": {}}, "space"),
        ({"space": {"x": {"type": "float", "low": 2, "high": 1}}}, "space/x: low is above high"),
        ({"space": {"x": {"type": "float", "low": 0, "high": 1, "log": True}}}, "low is above 0"),
        (
            {"space": {"x": {"type": "float", "low": 1, "high": 2, "log": True, "step": 0.5}}},
            "exclude each other",
        ),
        (
            {"space": {"x": {"type": "int", "low": 1, "high": 9, "log": True, "step": 2}}},
            "exclude each other",
        ),
        ({"space": {"x": {"type": "int", "low": 0.5, "high": 2}}}, "space/x"),
        ({"space": {"x": {"type": "categorical", "choices": [1, True]}}}, "two choices are the same"),
        ({"space": {"x; rm": {"type": "int", "low": 0, "high": 1}}}, "space"),
        ({"space": {"x": {"type": "float", "low": 0, "high": 1e308}}}, "too large"),
        ({"objectives": []}, "objectives"),
        ({"objectives": [{"metric": "a", "direction": "up"}]}, "objectives/0/direction"),
        ({"objectives": LOSS * 2}, "two are about the same metric"),
        (
            {"objectives": [*LOSS, {"metric": "b", "direction": "maximize"}], "pruner": {"type": "median"}},
            "pruned",
        ),
        (
            {"objectives": [*LOSS, {"metric": "b", "direction": "maximize"}], "stop": {"target": 1}},
            "stop/target",
        ),
        ({"sampler": "grid"}, "space/x: a grid needs a step"),
        ({"pruner": {"type": "hyperband"}}, "max_steps"),
        ({"budget": {"trials": 0}}, "budget/trials"),
        ({"budget": {"time": "soon"}}, "budget/time"),
        ({"training": {"command": "true"}}, "the job"),
        ({"colour": "red"}, "colour"),
        ({"name": "a\x00b"}, "name"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(given, place):
    with pytest.raises(InvalidInput, match=place):
        spec_of(**given)


@pytest.mark.parametrize(
    ("given", "idle"),
    [
        ({"command": "python train.py --x {x} --n={n} {kind}"}, ""),
        ({"command": "python train.py --x {x} --n={n}"}, "kind"),
        ({"command": "python train.py {{x}} ${{outputs.n}}", "outputs": {"n": {}}}, "n"),
        ({"command": "python train.py {n} {x}", "environment": {"variables": {"KIND": "is {kind}"}}}, ""),
        ({"command": "python train.py", "environment": {"variables": {"FILE": "${{ parameters }}"}}}, ""),
        ({"entry_point": "main"}, ""),
        ({"notebook": "train.ipynb"}, ""),
    ],
)
def test_a_parameter_that_no_trial_would_hear_of_is_refused(given, idle):
    training = {"experiment": "e", "code": {"bundled": "parabola"}, **given}
    if not idle:
        assert spec_of(training=training)
        return
    with pytest.raises(InvalidInput, match=f"space/{idle}: the training uses it nowhere") as refusal:
        spec_of(training=training)
    assert refusal.value.code == "unused_parameter"


def test_cmaes_says_what_it_would_need():
    with pytest.raises(InvalidInput, match="needs the package cmaes") as refusal:
        spec_of(sampler="cmaes")
    assert refusal.value.code == "sampler_unavailable"


@pytest.mark.parametrize("given", [[], "sweep", None, {"training": 3}])
def test_what_is_no_sweep_at_all_is_refused(given):
    with pytest.raises(InvalidInput):
        sweep_read(given)


def test_a_grid_has_its_ends_and_an_end():
    assert grid_values({"type": "float", "low": 0, "high": 0.3, "step": 0.1}) == pytest.approx(
        [0, 0.1, 0.2, 0.3]
    )
    assert grid_values({"type": "int", "low": 1, "high": 6, "step": 2}) == [1, 3, 5]
    assert (
        grid_size({"n": {"type": "int", "low": 1, "high": 100}, "m": {"type": "int", "low": 1, "high": 100}})
        == 10_000
    )
    with pytest.raises(InvalidInput, match="at most"):
        grid_size({"n": {"type": "int", "low": 1, "high": 101}, "m": {"type": "int", "low": 1, "high": 100}})
