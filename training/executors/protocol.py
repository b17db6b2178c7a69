"""What runs prepared work: this worker, Ray, or Kubernetes. All give the same exit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from jobs.process.command import Command, Exit
from jobs.step import JobStep
from training.models import TrainingJob


@dataclass(frozen=True)
class Prepared:
    """Work that is ready to run: `folder` holds `code/`, `inputs/` and `outputs/`, which `command` reads and fills.

    `lock` and `python_version` are those of the environment whose interpreter is `python`, for executors that build it
    again elsewhere. `key` names this attempt on the other side, so that asking twice starts once; it is that of an
    earlier attempt whose work goes on there. An executor writes into `facts` what shall be recorded of where it ran.
    """

    training: TrainingJob
    key: str
    folder: Path
    command: Command
    python: Path
    python_version: str
    lock: str
    resources: Mapping[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)


class Executor(Protocol):
    """Runs prepared work to its end, while the caller holds the lease of the job."""

    def run(self, step: JobStep, prepared: Prepared) -> Exit:
        """Run it, with its output in the job's log.

        Returns when nothing of it runs any more and `outputs/` in the folder holds what it made. Raises CancelRequested
        after it was ended, LeaseLost when another attempt takes it over, and Unavailable when the other side does not
        answer.
        """
        ...
