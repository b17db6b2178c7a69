"""Jobs of training. Handlers are imported by every process, so what they need beyond names comes in when they run."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from django.conf import settings

from jobs.errors import NothingToDo
from jobs.models import JobRun
from jobs.registry import job
from jobs.step import JobStep
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from registry.gate.recording import plain
from registry.technical_file.keys import documents_signer
from training.data import handlers as data_handlers
from training.evaluation import finishing as evaluation_finishing
from training.executors import handlers as executor_handlers
from training.models import Reproduction, TrainingJob
from training.pipelines import handlers as pipeline_handlers
from training.reproduction.certificate import envelope_of, statement_of
from training.reproduction.comparing import judged
from training.reproduction.recorded import recorded_of
from training.services.claims import CLAIM_ACTIONS
from training.services.endings import ENDING_ACTIONS, training_end
from training.services.evaluations import EVALUATION_ACTIONS
from training.services.jobs import RUN_JOB
from training.services.records import BEGIN, BEGIN_ACTIONS, RECORD
from training.services.reproductions import CERTIFY, CERTIFY_JOB, reproduction_certify
from training.sweeps import handlers as sweep_handlers
from training.work.running import training_run

__all__ = [
    "certify_reproduction", "data_handlers", "evaluation_finishing", "executor_handlers", "pipeline_handlers",
    "run_training", "sweep_handlers",
]  # fmt: skip


def training_ended(*, actor: Actor, run: JobRun, state: str) -> None:
    """Whoever ends the job of a training ends it."""
    training = TrainingJob.objects.select_related("run", "requested_by").filter(job=run).first()
    if training is not None:
        training_end(actor=actor, training=training, state=state)


@job(
    RUN_JOB,
    actions=[RECORD, BEGIN, *BEGIN_ACTIONS, *CLAIM_ACTIONS, *ENDING_ACTIONS, *EVALUATION_ACTIONS],
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


@job(
    CERTIFY_JOB,
    actions=[CERTIFY, "compliance.evidence.record", "compliance.finding.open"],
    max_attempts=5,
    time_limit=timedelta(hours=6),
)
def certify_reproduction(step: JobStep, *, reproduction_id: str) -> None:
    """Compare a version with its reproduction and issue the signed certificate."""
    found = Reproduction.objects.select_related(
        "version__model__workspace", "version__logged_model", "version__run"
    )
    found = found.select_related("training__job", "training__run", "training__environment", "requested_by")
    reproduction = found.filter(pk=UUID(reproduction_id)).first()
    if reproduction is None or reproduction.verdict:
        raise NothingToDo("There is no reproduction that waits for its certificate.")
    recorded = recorded_of(reproduction.version)
    verdict, why, comparison = judged(step, reproduction, recorded)
    at = now()
    statement = statement_of(
        reproduction, verdict=verdict, why=why, recorded=recorded.facts, comparison=plain(comparison), at=at,
        portal=settings.PORTAL_URL,
    )  # fmt: skip
    step.finish(
        partial(
            reproduction_certify, actor=step.actor, reproduction=reproduction, verdict=verdict, why=why,
            comparison=plain(comparison), certificate=envelope_of(statement, documents_signer()), at=at,
        )
    )  # fmt: skip
