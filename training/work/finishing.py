"""What trainings of some purpose do besides running their command once: around it, and with what it left."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from experiments.models import Run
from jobs.process.command import Exit
from jobs.step import JobStep
from portal.accounts.actor import Actor
from training.models import TrainingJob

Execute = Callable[[Mapping[str, str]], Exit]


@dataclass(frozen=True)
class Purpose:
    """`run` executes the command as often as it needs, each time with more variables, and gives the last exit.

    `finish` takes the folder of the attempt when all is kept; it raises Permanent for outputs that are not good.
    """

    run: Callable[[JobStep, TrainingJob, Path, Execute], Exit]
    finish: Callable[[JobStep, TrainingJob, Actor, Run, Path], None]


PURPOSES: dict[str, Purpose] = {}


def purpose_run(step: JobStep, training: TrainingJob, folder: Path, execute: Execute) -> Exit:
    """Run the command of a training: once, unless its purpose says otherwise."""
    purpose = PURPOSES.get(training.purpose)
    return execute({}) if purpose is None else purpose.run(step, training, folder, execute)


def purpose_finish(step: JobStep, training: TrainingJob, requester: Actor, run: Run, folder: Path) -> None:
    """Do it, where the purpose of the training has something."""
    purpose = PURPOSES.get(training.purpose)
    if purpose is not None:
        purpose.finish(step, training, requester, run, folder)
