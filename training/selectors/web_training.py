"""One training as its page shows it: how far it is, why it ended, and those like it."""

from dataclasses import dataclass
from typing import Any

from jobs.models import DONE, QUEUED, RUNNING, JobRun
from portal.accounts.actor import Actor
from training.models import TrainingJob
from training.selectors.jobs import training_visible

FAMILY = 12
RUNS = ("entry_point", "command", "notebook")


@dataclass(frozen=True)
class Step:
    """A step of a training: `state` is done, running, failed, cancelled, or empty while it is still to come."""

    name: str
    state: str


def training_steps(training: TrainingJob) -> list[Step]:
    """How far it is. What is recorded is done; the first that is not is where it stands."""
    is_done = training.job.state == DONE
    facts = (
        ("Code", training.code_id is not None),
        ("Packages", training.environment_id is not None),
        ("Run", training.run_id is not None),
        ("Command", (training.seen.get("exit") or {}).get("code") == 0),
        ("Outputs", is_done),
    )
    steps, is_open = [], True
    for name, known in facts:
        if known or is_done:
            steps.append(Step(name, "done"))
            continue
        steps.append(Step(name, _open_state(training) if is_open else ""))
        is_open = False
    return steps


def training_what(training: TrainingJob) -> tuple[str, str]:
    """`(kind, which)` of what is executed."""
    kind = next((name for name in RUNS if name in training.spec), "")
    return kind.replace("_", " "), str(training.spec.get(kind, ""))


def training_family(actor: Actor, training: TrainingJob) -> list[TrainingJob]:
    """What it is a clone of, its clones, and other clones of the same original with it; newest first."""
    root = training.cloned_from_id or training.pk
    visible = training_visible(actor).defer("spec", "seen", "environment__lock", "code__diff")
    near = visible.filter(pk=root) | visible.filter(cloned_from=root) | visible.filter(cloned_from=training)
    return list(near.exclude(pk=training.pk)[:FAMILY])


def waiting_before(job: JobRun) -> int | None:
    """How many jobs of its queue were asked for before this one and wait too; None unless it waits."""
    if job.state != QUEUED:
        return None
    return JobRun.objects.filter(state=QUEUED, queue=job.queue, pk__lt=job.pk).count()


def _open_state(training: TrainingJob) -> Any:
    state = training.job.state
    return "" if state == QUEUED else "running" if state == RUNNING else state
