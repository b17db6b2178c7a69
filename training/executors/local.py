"""Runs the work in a process group of this worker."""

from jobs.process.command import Exit
from jobs.process.run import run_command
from jobs.step import JobStep
from training.executors.protocol import Prepared


class LocalExecutor:
    """This machine, with the limits of the command."""

    def run(self, step: JobStep, prepared: Prepared) -> Exit:
        return run_command(step, prepared.command, label="run")
