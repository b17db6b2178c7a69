"""What jobs do to a sweep: one plan at a time, all of it or nothing, and only while it still fits."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from experiments.models.run import TERMINAL_STATUSES
from experiments.services.runs import run_state_set, run_tags_note
from jobs.queue import enqueue
from jobs.quotas import QuotaExceeded
from jobs.registry import SYSTEM_QUEUE
from jobs.services.runs import job_cancel_within
from portal import access
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import DomainError
from portal.operations import Changed, effect, locked, operation, writer
from training.models import Sweep, TrainingJob, Trial
from training.services.endings import LISTENERS
from training.services.jobs import training_begin
from training.services.sweeps import PARENT_TAG, SWEEP_TAG, TRIAL_TAG, advance_ask
from training.sweeps.ends import best_numbers
from training.sweeps.facts import (
    COMPLETE,
    ENDING,
    FAILED,
    PRUNED,
    RUNNING,
    STOPPED,
    Asked,
    Ending,
    Judged,
    Plan,
    Settled,
)

ADVANCE, EXPLAIN = "training.sweep.advance", "training.sweep.explain"
ADVANCE_ACTIONS = (ADVANCE, "jobs.job.cancel", "experiments.run.update", "experiments.run.tag")
EXPLAIN_JOB = "training.sweep.explain"
EXPLAIN_EVERY = 10
_PRUNED_TAG = "portal.sweep.pruned_step"
_RUN_STATUS = {FAILED: "FAILED", STOPPED: "KILLED"}


class OutOfDate(Exception):
    """Somebody else moved the sweep since the plan was made: plan again."""


class NoRoom(Exception):
    """The workspace may have no more jobs wait, and there is nothing else to do: look again later."""


@operation(ADVANCE, on="sweep")
def sweep_move(*, actor: Actor, sweep: Sweep, plan: Plan, requester: Actor) -> Changed[None]:
    """Do what a plan says. New trials run in the name of `requester`. Raises OutOfDate or NoRoom, and
    does nothing."""
    _held_check(sweep, plan)
    before = {"state": sweep.state, "trials": sweep.trials.count()}
    trials = _touched(sweep, plan)
    _judged_save(trials, plan.judged)
    _settle(actor, sweep, trials, plan.settled)
    pruned = [one.number for one in plan.judged if one.prune_step is not None]
    _cancel(actor, sweep, trials, [*pruned, *plan.cancelled])
    ending = plan.ending or _asked(sweep, requester, plan)
    _end(actor, sweep, ending, plan.final)
    sweep.revision += 1
    sweep.save(update_fields=["state", "ended_by", "reason", "cancels", "revision", "best", "ended_at"])
    after = {
        "state": sweep.state, "trials": sweep.trials.count(),
        "settled": {str(one.number): one.state for one in plan.settled}, "pruned": pruned,
    }  # fmt: skip
    return Changed(None, before=before, after=after)


@writer(ADVANCE)
def trials_look(*, actor: Actor, sweep: Sweep, plan: Plan) -> None:
    """Keep which points of running trials have been looked at, where nothing follows from it. Raises OutOfDate."""
    access.require(actor, ADVANCE, sweep)
    with transaction.atomic(durable=True):
        sweep = locked(sweep)
        _held_check(sweep, plan)
        _judged_save(_touched(sweep, plan), plan.judged)
        sweep.revision += 1
        sweep.save(update_fields=["revision"])


@effect(EXPLAIN, on="sweep")
def sweep_explain(
    *, actor: Actor, sweep: Sweep, importance: list[dict[str, float]], trials: int
) -> Changed[dict[str, Any]]:
    """Keep how much each parameter explains of each objective, as of a number of trials; never an older answer."""
    before = sweep.importance
    if trials >= sweep.importance_trials:
        sweep.importance, sweep.importance_trials = importance, trials
        sweep.save(update_fields=["importance", "importance_trials"])
    facts = {"importance": sweep.importance, "trials": sweep.importance_trials}
    return Changed(facts, before={"importance": before}, after=facts)


def _held_check(sweep: Sweep, plan: Plan) -> None:
    if sweep.revision != plan.revision:
        raise OutOfDate


def _touched(sweep: Sweep, plan: Plan) -> dict[int, Trial]:
    numbers = {one.number for one in plan.judged} | {one.number for one in plan.settled} | set(plan.cancelled)
    found = Trial.objects.filter(sweep=sweep, number__in=numbers, ended_at=None)
    return {trial.number: trial for trial in found.select_related("training__job", "training__run")}


def _judged_save(trials: dict[int, Trial], judged: Sequence[Judged]) -> None:
    for one in judged:
        trial = trials[one.number]
        # JSON has no NaN.
        trial.points = [[step, value if value - value == 0 else None] for step, value in one.points]
        trial.rungs, trial.pruned_step = dict(one.rungs), one.prune_step
        trial.save(update_fields=["points", "rungs", "pruned_step"])


def _settle(actor: Actor, sweep: Sweep, trials: dict[int, Trial], settled: Sequence[Settled]) -> None:
    for one in settled:
        trial = trials[one.number]
        trial.state, trial.values, trial.seconds = one.state, list(one.values), one.seconds
        trial.reason, trial.ended_at = one.reason, now()
        trial.save(update_fields=["state", "values", "seconds", "reason", "ended_at"])
        if one.state == PRUNED and trial.training.run is not None:
            run_tags_note(actor=actor, run=trial.training.run, tags={_PRUNED_TAG: str(trial.pruned_step)})
    if not settled:
        return
    complete = sweep.trials.filter(state=COMPLETE).values_list("number", "values")
    best = best_numbers(sweep.spec, dict(complete))
    sweep.best = sweep.trials.get(number=best[0]) if best else None
    count = sweep.trials.exclude(state=RUNNING).count()
    if count // EXPLAIN_EVERY > (count - len(settled)) // EXPLAIN_EVERY:
        _explain_ask(actor, sweep, str(count))


def _cancel(actor: Actor, sweep: Sweep, trials: dict[int, Trial], numbers: Sequence[int]) -> None:
    """Cancelling what was cancelled changes nothing, so it is asked for as long as the training goes on."""
    for number in sorted(set(numbers)):
        job = trials[number].training.job
        if job.cancel_requested_at is None and not job.is_terminal:
            job_cancel_within(
                actor=actor, run=job, reason=f"trial {number} of the sweep {sweep} is not needed"
            )


def _asked(sweep: Sweep, requester: Actor, plan: Plan) -> Ending | None:
    """Begin trials. Where the workspace may have no more jobs wait, the others come later; another refusal ends it."""
    for one in plan.asked:
        try:
            with transaction.atomic():
                _begin(sweep, requester, one)
        except QuotaExceeded as no:
            if one is plan.asked[0] and not plan.does_more:
                raise NoRoom from no
            return None
        except DomainError as no:
            return Ending("refused", f"Trial {one.number} could not begin: {no.detail}")
    return None


def _begin(sweep: Sweep, requester: Actor, one: Asked) -> None:
    training: dict[str, Any] = sweep.spec["training"]
    tags = {
        **training["tags"], PARENT_TAG: sweep.parent_run_id.hex, SWEEP_TAG: str(sweep.pk), TRIAL_TAG: str(one.number),
    }  # fmt: skip
    spec = {
        **training, "name": f"{sweep.name} {one.number}", "parameters": {**training["parameters"], **one.params},
        "tags": tags,
    }  # fmt: skip
    begun = training_begin(
        actor=requester, workspace=sweep.workspace, spec=spec, key=f"sweep {sweep.pk} {one.number}"
    )
    Trial.objects.create(
        sweep=sweep, number=one.number, params=dict(one.params), training=begun, created_at=now()
    )


def _end(actor: Actor, sweep: Sweep, ending: Ending | None, final: str) -> None:
    if ending is not None:
        sweep.state, sweep.ended_by = ENDING, ending.code
        sweep.reason, sweep.cancels = ending.sentence, ending.cancels
    if not final:
        return
    sweep.state, sweep.ended_at = final, now()
    run = sweep.parent_run
    if run.status not in TERMINAL_STATUSES:
        run_state_set(actor=actor, run=run, status=_RUN_STATUS.get(final, "FINISHED"))
    _explain_ask(actor, sweep, "end")


def _explain_ask(actor: Actor, sweep: Sweep, why: str) -> None:
    enqueue(
        EXPLAIN_JOB, key=f"{sweep.pk} {why}", args={"sweep_id": str(sweep.pk)}, actor=actor,
        workspace_id=sweep.workspace_id, queue=SYSTEM_QUEUE,
    )  # fmt: skip


def _training_ended(*, actor: Actor, training: TrainingJob, state: str) -> None:
    """However the training of a trial ends, its sweep is looked at."""
    trial = Trial.objects.filter(training=training).select_related("sweep").first()
    if trial is not None:
        advance_ask(actor, trial.sweep, str(trial.number))


LISTENERS.append(_training_ended)
