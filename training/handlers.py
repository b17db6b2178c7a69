"""Jobs of training. Handlers are imported by every process, so what they need beyond names comes in when they run."""

from datetime import timedelta
from uuid import UUID

from jobs.errors import NothingToDo
from jobs.models import JobRun
from jobs.registry import job
from jobs.step import JobStep
from portal.accounts.actor import Actor
from training.models import TrainingJob
from training.services.endings import ENDING_ACTIONS, training_end
from training.services.jobs import RUN_JOB
from training.services.records import BEGIN, BEGIN_ACTIONS, RECORD
from training.work.running import training_run


def training_ended(*, actor: Actor, run: JobRun, state: str) -> None:
    """Whoever ends the job of a training ends it."""
    training = TrainingJob.objects.select_related("run", "requested_by").filter(job=run).first()
    if training is not None:
        training_end(actor=actor, training=training, state=state)


@job(
    RUN_JOB,
    actions=[RECORD, BEGIN, *BEGIN_ACTIONS, *ENDING_ACTIONS],
    max_attempts=5,
    retry_after=timedelta(seconds=5),
    ended=training_ended,
)
def run_training(step: JobStep, *, training_id: str) -> None:
    """Run a training to its end. Its code, environment and run are made once, whatever happens to workers."""
    found = TrainingJob.objects.select_related(
        "workspace", "experiment", "run", "code", "environment", "requested_by"
    )
    training = found.filter(pk=UUID(training_id)).first()
    if training is None:
        raise NothingToDo(f"The training {training_id} is not there any more.")
    training_run(step, training)
