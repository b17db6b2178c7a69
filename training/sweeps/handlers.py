"""Jobs of sweeps. Optuna is imported when one runs: every process imports the handlers."""

import datetime as dt
from functools import partial
from uuid import UUID

from django.db.models import QuerySet

from jobs.errors import NothingToDo, Transient
from jobs.periodic import periodic
from jobs.registry import SYSTEM_QUEUE, job
from jobs.step import JobStep
from portal.accounts.actor import Actor
from training.models import Sweep
from training.selectors.sweeps import sweep_facts
from training.services.sweep_moves import (
    ADVANCE_ACTIONS,
    EXPLAIN,
    EXPLAIN_JOB,
    NoRoom,
    OutOfDate,
    sweep_explain,
    sweep_move,
    trials_look,
)
from training.services.sweeps import ADVANCE_JOB
from training.sweeps.facts import ACTIVE, COMPLETE, ENDING

LOOK_JOB = "training.sweep.look"
LOOK_EVERY = dt.timedelta(seconds=5)
MOST_MOVES = 50
LEAST_EXPLAINED = 4


@job(
    ADVANCE_JOB,
    actions=ADVANCE_ACTIONS,
    max_attempts=8,
    queue=SYSTEM_QUEUE,
    restartable=True,
    retry_after=dt.timedelta(seconds=1),
)
def advance_sweep(step: JobStep, *, sweep_id: str) -> None:
    """Move a sweep on until it waits for its trials again."""
    sweep = Sweep.objects.filter(pk=UUID(sweep_id)).first()
    if sweep is None:
        raise NothingToDo(f"The sweep {sweep_id} is not there any more.")
    sweep_advance(step, sweep.pk)


@job(LOOK_JOB, actions=ADVANCE_ACTIONS, max_attempts=1, queue=SYSTEM_QUEUE, restartable=True)
def look_at_sweeps(step: JobStep) -> None:
    """See to what no ending tells of: budgets of time and cost, trials to prune, and room in the queue again."""
    for sweep_id in _going_on().values_list("pk", flat=True).order_by("pk"):
        step.check()
        sweep_advance(step, sweep_id)


@job(EXPLAIN_JOB, actions=[EXPLAIN], max_attempts=3, queue=SYSTEM_QUEUE, restartable=True)
def explain_sweep(step: JobStep, *, sweep_id: str) -> None:
    """Work out how much each parameter explains of each objective."""
    from training.sweeps.study import importances  # noqa: PLC0415 - Optuna is large

    sweep = Sweep.objects.select_related("requested_by").get(pk=UUID(sweep_id))
    facts = sweep_facts(sweep)
    count = sum(trial.state == COMPLETE for trial in facts.trials)
    if count < LEAST_EXPLAINED:
        raise NothingToDo(f"{count} complete trials explain nothing.")
    try:
        found = [importances(facts, number) for number in range(len(facts.spec["objectives"]))]
    except (ValueError, RuntimeError) as error:  # such as values that are all the same
        raise NothingToDo(f"Nothing can be said: {error}") from error
    step.finish(partial(sweep_explain, actor=step.actor, sweep=sweep, importance=found, trials=count))


def sweep_advance(step: JobStep, sweep_id: UUID) -> None:
    """Plan and do, again and again until nothing is left to do. Raises Transient when others are always faster."""
    from training.sweeps.planning import plan_of  # noqa: PLC0415 - Optuna is large

    for _ in range(MOST_MOVES):
        step.check()
        sweep = Sweep.objects.select_related("requested_by").get(pk=sweep_id)
        plan = plan_of(sweep_facts(sweep))
        if plan.is_empty:
            return
        try:
            if plan.acts:
                requester = Actor.of_user(sweep.requested_by, request_id=step.run.request_id)
                sweep_move(actor=step.actor, sweep=sweep, plan=plan, requester=requester)
            else:
                trials_look(actor=step.actor, sweep=sweep, plan=plan)
        except OutOfDate:
            continue
        except NoRoom:
            return
    raise Transient(f"The sweep {sweep_id} moved {MOST_MOVES} times without coming to rest.")


def _going_on() -> QuerySet[Sweep]:
    return Sweep.objects.filter(state__in=(ACTIVE, ENDING))


periodic(LOOK_JOB, every=LOOK_EVERY, wanted=lambda: _going_on().exists())
