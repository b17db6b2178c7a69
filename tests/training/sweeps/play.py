"""Plays the workers of a sweep: trainings begin, log and end as a test says, jobs of the portal really run."""

from datetime import timedelta
from typing import Any

from experiments.batch import Batch, Metrics, Pairs
from experiments.models import LoggedModel
from experiments.services.batches import batch_log
from jobs import transitions
from jobs.endings import job_finish, job_stop
from jobs.models import CANCELLED, FAILED, QUEUED, JobRun
from jobs.queue import enqueue
from jobs.registry import kind_get
from jobs.runner import run_job
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from tests.training.sweeps.facts import LOSS, SPACE, TRAINING
from training.models import Sweep, TrainingJob, Trial
from training.services.jobs import RUN_JOB
from training.services.records import training_run_begin
from training.sweeps.handlers import LOOK_JOB


def sweep_spec(**given: Any) -> dict[str, Any]:
    return {"name": "tuning", "training": TRAINING, "space": SPACE, "objectives": LOSS, "seed": 7, **given}


def settle(most: int = 200) -> list[str]:
    """Run what waits, other than trainings; the kinds that ran."""
    ran: list[str] = []
    for _ in range(most):
        job = (
            JobRun.objects.filter(state=QUEUED, not_before__lte=now())
            .exclude(kind=RUN_JOB)
            .order_by("id")
            .first()
        )
        if job is None:
            return ran
        run_job(job.pk)
        ran.append(job.kind)
    raise AssertionError("There is always more to do.")


def look() -> None:
    """What the sweeper asks for every few seconds."""
    enqueue(LOOK_JOB, key="test", args={}, actor=Actor.system("test", actions=[]), workspace_id=None)
    settle()


def waiting(sweep: Sweep) -> list[Trial]:
    found = Trial.objects.filter(sweep=sweep, ended_at=None).order_by("number")
    return list(found.select_related("training__job", "training__workspace", "training__experiment"))


def begin(trial: Trial) -> TrainingJob:
    """A worker takes the training and makes its run."""
    training = TrainingJob.objects.select_related("job", "experiment", "workspace", "requested_by").get(
        pk=trial.training_id
    )
    assert transitions.claim(training.job_id, "worker 1") is not None
    actor = kind_get(RUN_JOB).actor("test")
    requester = Actor.of_user(training.requested_by)
    tags = training.spec["tags"]
    training_run_begin(
        actor=actor, training=training, requester=requester, tags=tags, expires_at=now() + timedelta(hours=1)
    )
    return TrainingJob.objects.select_related("job", "run", "requested_by").get(pk=training.pk)


def log(training: TrainingJob, key: str, *points: tuple[int, float]) -> None:
    assert training.run is not None
    metrics = Metrics(
        [key] * len(points), [v for _, v in points], [1000 + s for s, _ in points], [s for s, _ in points]
    )
    run_id = training.run.pk.hex
    batch_log(
        actor=Actor.of_user(training.requested_by),
        run_id=run_id,
        batch=Batch(run_id, metrics, Pairs(), Pairs()),
    )


def end(training: TrainingJob, state: str = "done") -> None:
    """The worker ends the training's job."""
    actor, job = kind_get(RUN_JOB).actor("test"), JobRun.objects.get(pk=training.job_id)
    if state in (FAILED, CANCELLED):
        job_stop(
            actor=actor,
            run=job,
            attempt=job.attempt,
            state=state,
            reason="It broke." if state == FAILED else "Cancelled.",
        )
    else:
        job_finish(actor=actor, run=job, attempt=job.attempt, effect=lambda: None)


def complete(trial: Trial, loss: float) -> TrainingJob:
    training = begin(trial)
    log(training, "loss", (1, loss))
    end(training)
    return training


def model_of(training: TrainingJob, name: str = "m") -> LoggedModel:
    run = training.run
    assert run is not None
    return LoggedModel.objects.create(
        id=f"m-{run.pk.hex}", workspace_id=run.workspace_id, experiment=run.experiment, name=name, source_run=run,
        artifact_location=f"{run.artifact_uri}/models", status="LOGGED_MODEL_READY", creation_timestamp=1,
        last_updated_timestamp=1,
    )  # fmt: skip
