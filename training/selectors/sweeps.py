"""Reads of sweeps."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from experiments.models import LatestMetric, LoggedModel
from experiments.models.experiment import ACTIVE as LIVE
from experiments.selectors.history import history_page
from jobs.models import CANCELLED as JOB_CANCELLED
from jobs.models import DONE as JOB_DONE
from portal import access
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, NotFound
from training.models import Sweep, Trial
from training.sweeps.facts import CANCELLED, COMPLETE, FAILED, TRIAL_STATES, Point, SweepFacts, TrialFacts

MOST_POINTS = 2_000
SUBMIT = "training.job.submit"


def sweeps_visible(actor: Actor) -> QuerySet[Sweep]:
    """The sweeps that the actor may see, newest first."""
    found = Sweep.objects.select_related("workspace", "experiment", "best", "requested_by", "parent_run")
    found = found.order_by("-id")
    return found if actor.workspace_ids is None else found.filter(workspace_id__in=actor.workspace_ids)


def sweep_get(actor: Actor, sweep_id: UUID) -> Sweep:
    """One sweep. Raises NotFound when there is none, or the actor may not see it."""
    found = sweeps_visible(actor).filter(pk=sweep_id).first()
    if found is None:
        raise NotFound("No such sweep, or you may not see it.")
    return found


def sweep_detail(sweep: Sweep) -> Sweep:
    """The sweep with its trials counted by state, the seconds of all, and what they cost until now."""
    trials = list(trials_of(sweep).defer("points", "rungs", "training__spec", "training__seen"))
    seconds = sum(seconds_of(trial) for trial in trials)
    counts = {state: sum(trial.state == state for trial in trials) for state in TRIAL_STATES}
    found: Any = sweep
    found.trial_counts, found.trial_seconds = counts, seconds
    found.trial_cost = seconds * sweep.price_per_hour / 3600
    return sweep


def trials_of(sweep: Sweep) -> QuerySet[Trial]:
    """The trials of a sweep by number."""
    found = Trial.objects.filter(sweep=sweep).order_by("number")
    return found.select_related("training__job", "training__run")


def seconds_of(trial: Trial) -> float:
    """How long the training of a trial has run, or did."""
    if trial.ended_at is not None:
        return trial.seconds
    job = trial.training.job
    if job.started_at is None:
        return 0.0
    return max(0.0, ((job.finished_at or now()) - job.started_at).total_seconds())


def trial_get(sweep: Sweep, number: int | None) -> Trial:
    """A trial by number; the best one where none is named. Raises NotFound, or Conflict while there is no best one."""
    found = trials_of(sweep).filter(number=number).first() if number is not None else sweep.best
    if found is None and number is None:
        raise Conflict(f"No trial of {sweep} is complete yet, so none is the best.", code="no_best_trial")
    if found is None:
        raise NotFound(f"{sweep} has no trial {number}.")
    return found


def trial_model(trial: Trial) -> LoggedModel:
    """The model that a trial logged, the last of several. Raises Conflict when it logged none."""
    run_id = trial.training.run_id
    models = LoggedModel.objects.filter(source_run=run_id, lifecycle_stage=LIVE)
    found = models.order_by("-creation_timestamp", "-pk").first() if run_id else None
    if found is None:
        raise Conflict(
            f"Trial {trial.number} logged no model, so there is nothing to register. Have the code log one.",
            code="no_model",
        )
    return found


def sweep_facts(sweep: Sweep) -> SweepFacts:
    """What is known of a sweep at this moment. Of two answers, the one of the lower revision is out of date."""
    requester = Actor.of_user(sweep.requested_by)
    may = access.allows(requester, SUBMIT, sweep) and sweep.requested_by.is_active
    refusal = "" if may else f"{sweep.requested_by.username} may not submit trainings here any more."
    return SweepFacts(
        name=str(sweep.pk), spec=sweep.spec, state=sweep.state, revision=sweep.revision,
        trials=tuple(_trials(sweep)), age=(now() - sweep.created_at).total_seconds(),
        price=sweep.price_per_hour, refusal=refusal, cancels=sweep.cancels, ended_by=sweep.ended_by,
    )  # fmt: skip


def _trials(sweep: Sweep) -> list[TrialFacts]:
    trials = list(trials_of(sweep))
    ended = [trial for trial in trials if trial.ended_at is None and trial.training.job.is_terminal]
    keys = [one["metric"] for one in sweep.spec["objectives"]]
    latest = _latest([trial.training.run_id for trial in ended if trial.training.run_id], keys)
    is_pruning = sweep.spec["pruner"]["type"] != "none"
    return [_facts(sweep, trial, keys, latest, is_pruning) for trial in trials]


def _facts(
    sweep: Sweep, trial: Trial, keys: Sequence[str], latest: dict[tuple[UUID, str], float], is_pruning: bool
) -> TrialFacts:
    stored = tuple((int(step), _read(value)) for step, value in trial.points)
    known = TrialFacts(
        trial.number, trial.params, trial.state, tuple(trial.values), stored, len(stored), trial.rungs,
        trial.pruned_step, trial.seconds, reason=trial.reason,
    )  # fmt: skip
    if trial.ended_at is not None:
        return known
    points = stored
    if is_pruning and trial.pruned_step is None and trial.training.run_id is not None:
        points = (*stored, *_new_points(sweep, trial.training.run_id, keys[0], stored))
    end, values, reason = _end(trial, keys, latest)
    return TrialFacts(
        trial.number, trial.params, trial.state, values, points, len(stored), trial.rungs, trial.pruned_step,
        seconds_of(trial), trial.training.job.cancel_requested_at is not None, end, reason,
    )  # fmt: skip


def _end(
    trial: Trial, keys: Sequence[str], latest: dict[tuple[UUID, str], float]
) -> tuple[str, tuple[float, ...], str]:
    """How the training of a trial ended, with its values; nothing while it runs."""
    job = trial.training.job
    if not job.is_terminal:
        return "", (), ""
    if job.state == JOB_CANCELLED:
        return CANCELLED, (), job.reason
    if job.state != JOB_DONE:
        return FAILED, (), job.reason
    found = [latest.get((trial.training.run_id, key)) for key in keys] if trial.training.run_id else []
    missing = [key for key, value in zip(keys, found, strict=False) if value is None]
    if missing or not found:
        return FAILED, (), f"It logged no number as {' and '.join(missing or keys)}."
    return COMPLETE, tuple(value for value in found if value is not None), ""


def _latest(run_ids: Sequence[UUID], keys: Sequence[str]) -> dict[tuple[UUID, str], float]:
    rows = LatestMetric.objects.filter(run_id__in=run_ids, key__in=keys, is_nan=False)
    found = rows.values_list("run_id", "key", "value")
    return {(run_id, key): value for run_id, key, value in found if abs(value) != float("inf")}


def _new_points(sweep: Sweep, run_id: UUID, key: str, stored: Sequence[Point]) -> list[Point]:
    """Points behind those that were looked at, by step; of a step that was logged twice the later value."""
    after = stored[-1][0] if stored else None
    every = sweep.spec["pruner"]["interval"]
    history = history_page(run_id, key, offset=0, limit=MOST_POINTS * every)
    found = {
        step: value for step, _, value in history if step % every == 0 and (after is None or step > after)
    }
    return sorted(found.items())[: MOST_POINTS - len(stored)]


def _read(value: float | None) -> float:
    return float("nan") if value is None else value
