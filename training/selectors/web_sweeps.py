"""Sweeps as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count

from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import InvalidInput
from training.models import Sweep, Trial
from training.selectors.sweeps import seconds_of, sweeps_visible, trials_of
from training.spec.reading import seconds
from training.sweeps.ends import best_numbers
from training.sweeps.facts import COMPLETE, PRUNED, RUNNING

PAGE_ROWS, TABLE_ROWS = 50, 200


@dataclass(frozen=True)
class Used:
    """How much of one budget is used up."""

    name: str
    used: str
    limit: str
    share: float | None


@dataclass(frozen=True)
class Row:
    """A trial with its values and parameters as text, in the order of the specification."""

    trial: Trial
    values: list[str]
    params: list[str]

    @property
    def state(self) -> str:
        """A trial that is to end early counts as pruned for its reader."""
        is_pruned = self.trial.state == RUNNING and self.trial.pruned_step is not None
        return PRUNED if is_pruned else self.trial.state


@dataclass(frozen=True)
class Shown:
    """What the page of a sweep shows beyond its own row; with several objectives, also the trials that none beats."""

    by_number: list[Trial]
    rows: list[Row]
    best: Row | None
    unbeaten: list[Row]
    budgets: list[Used]
    counts: dict[str, int]
    is_cut: bool


def sweep_rows(
    actor: Actor, *, text: str = "", workspace: str = "", state: str = "", page_token: str = ""
) -> tuple[Sequence[Sweep], str | None]:
    """The sweeps of one page, newest first with the number of their trials, and the token of the next page."""
    found = sweeps_visible(actor).annotate(trial_count=Count("trials"))
    if page_token:
        try:
            found = found.filter(pk__lt=UUID(hex=page_token))
        except ValueError:
            raise InvalidInput(
                "The page token is not one of this list. Start again from the first page."
            ) from None
    if text:
        found = found.filter(name__icontains=text)
    if workspace:
        found = found.filter(workspace__name=workspace)
    if state:
        found = found.filter(state=state)
    rows = list(found[: PAGE_ROWS + 1])
    return rows[:PAGE_ROWS], rows[PAGE_ROWS - 1].pk.hex if len(rows) > PAGE_ROWS else None


def sweep_page(sweep: Sweep, *, by_number: bool = False) -> Shown:
    """The trials of a sweep, the best first unless by number, and how much of each budget is used up."""
    trials = list(trials_of(sweep).defer("points", "rungs", "training__spec", "training__seen"))
    for trial in trials:
        trial.seconds = seconds_of(trial)
    sign = 1 if sweep.spec["objectives"][0]["direction"] == "minimize" else -1
    order = {COMPLETE: 0, RUNNING: 1, PRUNED: 2}

    def rank(trial: Trial) -> tuple[int, float, int]:
        value = sign * trial.values[0] if trial.values else 0.0
        return order.get(trial.state, 3), value, trial.number

    rows = trials[::-1] if by_number else sorted(trials, key=rank)
    counts: dict[str, int] = {}
    for trial in trials:
        counts[trial.state] = counts.get(trial.state, 0) + 1
    best = next((_row(sweep, trial) for trial in trials if trial.pk == sweep.best_id), None)
    shown = [_row(sweep, trial) for trial in rows[:TABLE_ROWS]]
    unbeaten = _unbeaten(sweep, trials) if len(sweep.spec["objectives"]) > 1 else []
    return Shown(trials, shown, best, unbeaten, _budgets(sweep, trials), counts, len(rows) > TABLE_ROWS)


def _unbeaten(sweep: Sweep, trials: Sequence[Trial]) -> list[Row]:
    """The Pareto front, in the order of the first objective."""
    complete = {trial.number: trial for trial in trials if trial.state == COMPLETE}
    numbers = best_numbers(sweep.spec, {number: trial.values for number, trial in complete.items()})
    found = sorted((complete[number] for number in numbers), key=lambda trial: trial.values)
    return [_row(sweep, trial) for trial in found[:TABLE_ROWS]]


def _row(sweep: Sweep, trial: Trial) -> Row:
    values = [_text(value) for value in trial.values] or ["–"] * len(sweep.spec["objectives"])
    return Row(trial, values, [_text(trial.params[name]) for name in sweep.spec["space"]])


def _text(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _budgets(sweep: Sweep, trials: list[Trial]) -> list[Used]:
    budget = sweep.spec["budget"]
    ended = sum(trial.ended_at is not None for trial in trials)
    age = ((sweep.ended_at or now()) - sweep.created_at).total_seconds()
    cost = sum(trial.seconds for trial in trials) * sweep.price_per_hour / 3600
    currency = settings.TRAINING_CURRENCY
    limit = seconds(budget["time"]) if "time" in budget else None
    found = [Used("Trials", str(ended), str(budget["trials"]), _share(ended, budget["trials"]))]
    found.append(Used("Time", _hours(age), budget.get("time", ""), _share(age, limit)))
    most = budget.get("cost")
    found.append(
        Used("Cost", f"{cost:.2f} {currency}", f"{most:g} {currency}" if most else "", _share(cost, most))
    )
    return found


def _share(used: float, limit: float | None) -> float | None:
    return round(min(1.0, used / limit), 4) if limit else None


def _hours(age: float) -> str:
    minutes, rest = divmod(int(age), 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min {rest} s"
