"""Prepares a revision: its files and its packages on the machine that serves. Takes minutes where nothing is there."""

from functools import partial
from uuid import UUID

from django.db import transaction

from deployments.facts import FAILED, FAILING, PENDING, PREPARING, READY, RUNNING, STOPPED
from deployments.models import Revision
from deployments.reconciling.environment import environment_built, environment_known
from deployments.reconciling.files import files_ready, models_clean
from deployments.routes import reconcile_ask
from deployments.services.observing import revision_observe
from jobs.errors import NothingToDo, Permanent
from jobs.models import DONE, JobRun
from jobs.queue import enqueue
from jobs.step import JobStep
from portal.accounts.actor import Actor
from portal.operations import locked
from training.work.scratch import scratch

PREPARE_JOB = "deployments.prepare"
PRIORITY = 50


def prepare_ask(actor: Actor, revision: Revision) -> None:
    """Have a revision prepared; a job that is at it goes on."""
    with transaction.atomic():
        enqueue(
            PREPARE_JOB, key=revision.pk.hex, args={"revision_id": revision.pk.hex}, actor=actor,
            workspace_id=revision.workspace_id, priority=PRIORITY,
        )  # fmt: skip


def revision_prepare(step: JobStep, *, revision_id: str) -> None:
    """Fetch and check the files, check the signature, build the environment, and write down where they are."""
    found = Revision.objects.select_related("endpoint", "version__model", "version__workspace")
    revision = found.filter(pk=UUID(revision_id)).first()
    if revision is None or revision.desired_state != RUNNING:
        raise NothingToDo("The revision is not wanted any more.")
    see = partial(revision_observe, actor=step.actor, endpoint=revision.endpoint, revision=revision)
    if revision.observed_state in (PENDING, STOPPED):
        see(state=PREPARING, detail="The files are fetched and checked, and the environment is made.")
    models_clean()
    try:
        with scratch(step) as folder:
            model, signature = files_ready(step, revision.version, revision.digest)
            built = environment_built(step, environment_known(revision), model, folder)
    except Permanent as no:
        see(state=_failed(revision), detail=str(no))
        raise
    prepared = {"model": str(model), "python": str(built.python), "environment": built.environment.digest,
                "signature": signature}  # fmt: skip
    revision.refresh_from_db(fields=["observed_state", "observed_detail"])
    see(state=revision.observed_state, detail=revision.observed_detail, prepared=prepared)


def prepare_ended(*, actor: Actor, run: JobRun, state: str) -> None:
    """Whoever ends the job, the reconciliation hears of it, in the same transaction."""
    revision = Revision.objects.select_related("endpoint").filter(pk=UUID(run.args["revision_id"])).first()
    if revision is None:
        return
    endpoint = locked(revision.endpoint)
    if state != DONE:
        row: Revision = locked(revision)
        row.observed_detail = row.observed_detail if row.observed_state == FAILED else _why(run, state)
        row.observed_state = _failed(row)
        row.save(update_fields=["observed_state", "observed_detail"])
    reconcile_ask(actor, endpoint)


def _failed(revision: Revision) -> str:
    """What a revision is that cannot be prepared: one that serves already goes on with what it has."""
    revision.refresh_from_db(fields=["observed_state"])
    return revision.observed_state if revision.observed_state in (READY, FAILING) else FAILED


def _why(run: JobRun, state: str) -> str:
    return f"It could not be prepared: the job ended as {state}. {run.reason}"[:4000]
