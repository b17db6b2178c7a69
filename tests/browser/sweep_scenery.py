"""A sweep that is over and one that goes on; their trainings are played."""

import random

from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from tests.training.sweeps.facts import loss_of
from tests.training.sweeps.play import begin, end, log, settle, sweep_spec, waiting
from training.models import Sweep
from training.services.sweeps import sweep_start

SPACE = {
    "x": {"type": "float", "low": -2, "high": 2}, "n": {"type": "int", "low": 1, "high": 8},
    "rate": {"type": "float", "low": 1e-5, "high": 1e-1, "log": True},
    "kind": {"type": "categorical", "choices": ["a", "b"]},
}  # fmt: skip


def sweeps_make(ann: Actor, workspace: Workspace) -> dict[str, str]:
    """`sweep` is over, `sweeping` is not."""
    over = _begun(ann, workspace, "parabola", 14)
    while Sweep.objects.get(pk=over.pk).goes_on:
        _step(over)
    going_on = _begun(ann, workspace, "goes-on", 20)
    for _ in range(5):
        _step(going_on)
    for trial in waiting(going_on):
        begin(trial)
    return {"sweep": str(over.pk), "sweeping": str(going_on.pk)}


def _begun(ann: Actor, workspace: Workspace, name: str, trials: int) -> Sweep:
    spec = sweep_spec(name=name, space=SPACE, budget={"trials": trials, "time": "8h", "cost": 20})
    sweep = sweep_start(actor=ann, workspace=workspace, spec=spec)
    settle()
    return sweep


def _step(sweep: Sweep) -> None:
    trial = waiting(sweep)[0]
    training = begin(trial)
    if trial.number == 3:
        end(training, "failed")
    else:
        log(training, "loss", (1, loss_of(trial.params) + random.Random(trial.number).random() / 20))  # noqa: S311
        end(training)
    settle()
