"""Which trial is the best, and when a sweep has had enough of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from training.spec.reading import seconds
from training.sweeps.facts import COMPLETE, FAILED, PRUNED, Ending, SweepFacts, TrialFacts
from training.sweeps.reading import grid_size

_CANCELS = ("time", "cost")


def best_of(facts: SweepFacts) -> list[TrialFacts]:
    """The best complete trial, or with several objectives all that no other one beats; the earliest first."""
    complete = {trial.number: trial for trial in facts.trials if trial.state == COMPLETE}
    values = {number: trial.values for number, trial in complete.items()}
    return [complete[number] for number in best_numbers(facts.spec, values)]


def best_numbers(spec: Mapping[str, Any], values: Mapping[int, Sequence[float]]) -> list[int]:
    """The same of complete trials by number."""
    signs = [1 if one["direction"] == "minimize" else -1 for one in spec["objectives"]]
    losses = {
        number: tuple(sign * value for sign, value in zip(signs, mine, strict=True))
        for number, mine in values.items()
    }
    if len(signs) == 1:
        return sorted(losses, key=lambda number: (losses[number], number))[:1]
    return sorted(number for number, mine in losses.items() if not _is_beaten(mine, losses.values()))


def ending_of(facts: SweepFacts) -> Ending | None:
    """Why there shall be no more trials; None while there shall."""
    if facts.refusal:
        return Ending("refused", facts.refusal)
    for code, found in (
        ("time", _time(facts)), ("cost", _cost(facts)), ("failures", _failures(facts)), ("target", _target(facts)),
        ("patience", _patience(facts)), ("trials", _trials(facts)),
    ):  # fmt: skip
        if found:
            return Ending(code, found, cancels=code in _CANCELS)
    return None


def most_trials(facts: SweepFacts) -> int:
    """How many trials the sweep may begin in all."""
    most: int = facts.spec["budget"]["trials"]
    return min(most, grid_size(facts.spec["space"])) if facts.spec["sampler"] == "grid" else most


def _is_beaten(mine: tuple[float, ...], others: Iterable[tuple[float, ...]]) -> bool:
    return any(
        other != mine and all(theirs <= own for theirs, own in zip(other, mine, strict=True))
        for other in others
    )


def _time(facts: SweepFacts) -> str:
    limit = facts.spec["budget"].get("time")
    return f"The time of {limit} is used up." if limit and facts.age >= seconds(limit) else ""


def _cost(facts: SweepFacts) -> str:
    limit = facts.spec["budget"].get("cost")
    return f"The cost of {limit:g} is reached." if limit and facts.cost >= limit else ""


def _trials(facts: SweepFacts) -> str:
    if len(facts.trials) < most_trials(facts):
        return ""
    if most_trials(facts) < facts.spec["budget"]["trials"]:
        return f"All {most_trials(facts)} points of the grid have been tried."
    return f"All {most_trials(facts)} trials have been begun."


def _failures(facts: SweepFacts) -> str:
    limit = facts.spec["stop"]["failures"]
    last = [trial for trial in facts.trials if trial.state in (COMPLETE, PRUNED, FAILED)][-limit:]
    if len(last) < limit or any(trial.state != FAILED for trial in last):
        return ""
    what = f"The last {limit} trials failed" if limit > 1 else "A trial failed"
    return f"{what}, the last one so: {last[-1].reason[:500]}" if last[-1].reason else f"{what}."


def _target(facts: SweepFacts) -> str:
    target, best = facts.spec["stop"].get("target"), best_of(facts)
    if target is None or not best:
        return ""
    sign = 1 if facts.spec["objectives"][0]["direction"] == "minimize" else -1
    is_reached = sign * best[0].values[0] <= sign * target
    return f"Trial {best[0].number} reached the target of {target:g}." if is_reached else ""


def _patience(facts: SweepFacts) -> str:
    patience, best = facts.spec["stop"].get("patience"), best_of(facts)
    if patience is None or not best:
        return ""
    later = [trial for trial in facts.trials if trial.number > best[0].number and not trial.is_running]
    if len(later) < patience:
        return ""
    return f"{len(later)} trials after trial {best[0].number} brought nothing better."
