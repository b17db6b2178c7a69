"""What else a training of some purpose does with its outputs, before its job ends."""

from collections.abc import Callable
from pathlib import Path

from experiments.models import Run
from jobs.step import JobStep
from portal.accounts.actor import Actor
from training.models import TrainingJob

# Called as `finisher(step, training, requester, run, outputs)`; raises Permanent for outputs that are not good.
FINISHERS: dict[str, Callable[[JobStep, TrainingJob, Actor, Run, Path], None]] = {}


def purpose_finish(step: JobStep, training: TrainingJob, requester: Actor, run: Run, outputs: Path) -> None:
    """Do it, where the purpose of the training has something."""
    finisher = FINISHERS.get(training.purpose)
    if finisher is not None:
        finisher(step, training, requester, run, outputs)
