"""What is known of a sweep at one moment, and what is to be done next; plain values without a database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

RUNNING, COMPLETE, PRUNED, FAILED, CANCELLED = "running", "complete", "pruned", "failed", "cancelled"
TRIAL_STATES = (RUNNING, COMPLETE, PRUNED, FAILED, CANCELLED)
# Of a sweep: it asks for trials, waits for the last of them, and is over.
ACTIVE, ENDING, DONE, STOPPED = "running", "ending", "done", "stopped"
SWEEP_STATES = (ACTIVE, ENDING, DONE, STOPPED, FAILED)
Point: TypeAlias = tuple[int, float]  # step, value


@dataclass(frozen=True)
class TrialFacts:
    """One trial. `points` are those of the first objective by step, of which `judged` have been looked at.

    `rungs` is what the pruner noted. `is_cancelling` says that its training was asked to stop, `end` how it ended.
    """

    number: int
    params: Mapping[str, Any]
    state: str = RUNNING
    values: tuple[float, ...] = ()
    points: tuple[Point, ...] = ()
    judged: int = 0
    rungs: Mapping[str, float] = field(default_factory=dict)
    pruned_step: int | None = None
    seconds: float = 0.0
    is_cancelling: bool = False
    end: str = ""
    reason: str = ""

    @property
    def is_running(self) -> bool:
        return self.state == RUNNING


@dataclass(frozen=True)
class SweepFacts:
    """A sweep with its trials by number. `age` is in seconds, `price` per hour of a trial.

    `refusal` says why the one who asked may not ask for trainings any more.
    """

    name: str
    spec: Mapping[str, Any]
    state: str
    revision: int
    trials: tuple[TrialFacts, ...] = ()
    age: float = 0.0
    price: float = 0.0
    refusal: str = ""
    cancels: bool = False
    ended_by: str = ""

    @property
    def cost(self) -> float:
        """What the trials have cost until now."""
        return sum(trial.seconds for trial in self.trials) * self.price / 3600


@dataclass(frozen=True)
class Settled:
    """How a trial came out."""

    number: int
    state: str
    values: tuple[float, ...]
    seconds: float
    reason: str = ""


@dataclass(frozen=True)
class Judged:
    """The points of a trial that have been looked at, and the step at which it is to end."""

    number: int
    points: tuple[Point, ...]
    rungs: Mapping[str, float]
    prune_step: int | None = None


@dataclass(frozen=True)
class Asked:
    """A trial to begin."""

    number: int
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Ending:
    """Why a sweep asks for no more trials, and whether those that run are cancelled."""

    code: str
    sentence: str
    cancels: bool = False


@dataclass(frozen=True)
class Plan:
    """What to do next. It holds for the revision that it was made of, and no other."""

    revision: int
    settled: tuple[Settled, ...] = ()
    judged: tuple[Judged, ...] = ()
    cancelled: tuple[int, ...] = ()
    asked: tuple[Asked, ...] = ()
    ending: Ending | None = None
    final: str = ""

    @property
    def does_more(self) -> bool:
        """Whether it does more than ask for trials and keep what was looked at."""
        pruned = any(one.prune_step is not None for one in self.judged)
        return bool(self.settled or pruned or self.cancelled or self.ending or self.final)

    @property
    def acts(self) -> bool:
        """Whether it does more than keep what was looked at."""
        return self.does_more or bool(self.asked)

    @property
    def is_empty(self) -> bool:
        return not self.acts and not self.judged
