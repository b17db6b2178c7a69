"""Decides what a sweep does next, from what is known of it. No database, no clock, no chance: the same facts, the
same plan. Imported by jobs only, as Optuna is large."""

from dataclasses import replace

from training.sweeps.ends import ending_of, most_trials
from training.sweeps.facts import (
    ACTIVE,
    CANCELLED,
    COMPLETE,
    DONE,
    ENDING,
    FAILED,
    PRUNED,
    STOPPED,
    Asked,
    Ending,
    Judged,
    Plan,
    Settled,
    SweepFacts,
    TrialFacts,
)
from training.sweeps.study import judgements, proposals

_FAILURES = ("failures", "refused")


def plan_of(facts: SweepFacts) -> Plan:
    """What to do next; an empty plan for a sweep that waits for its trials, or is over."""
    if facts.state not in (ACTIVE, ENDING):
        return Plan(facts.revision)
    judged = _judged(facts)
    settled = tuple(_settled(trial) for trial in facts.trials if trial.is_running and trial.end)
    facts = _after(facts, settled)
    ending = ending_of(facts) if facts.state == ACTIVE else None
    asked = () if ending or facts.state == ENDING else _asked(facts)
    running = [trial for trial in facts.trials if trial.is_running]
    cancelled = [trial.number for trial in running if not trial.is_cancelling and (ending or facts).cancels]
    return Plan(
        facts.revision, settled, judged, tuple(cancelled), asked, ending,
        final=_final(facts, ending) if not running and not asked else "",
    )  # fmt: skip


def _settled(trial: TrialFacts) -> Settled:
    state, reason = trial.end, trial.reason
    if state == COMPLETE:
        return Settled(trial.number, COMPLETE, trial.values, trial.seconds)
    if state == CANCELLED and trial.pruned_step is not None:
        last = dict(trial.points).get(trial.pruned_step)
        value = (last,) if last is not None and last == last else ()
        return Settled(trial.number, PRUNED, value, trial.seconds, f"Pruned at step {trial.pruned_step}.")
    return Settled(trial.number, state, (), trial.seconds, reason)


def _after(facts: SweepFacts, settled: tuple[Settled, ...]) -> SweepFacts:
    """The facts as they are once the trials that ended are settled."""
    found = {one.number: one for one in settled}
    trials = tuple(
        replace(trial, state=found[trial.number].state, values=found[trial.number].values)
        if trial.number in found
        else trial
        for trial in facts.trials
    )
    return replace(facts, trials=trials)


def _judged(facts: SweepFacts) -> tuple[Judged, ...]:
    """What the pruner says. Of a trial that has ended meanwhile its points count for others, and for it no more."""
    if facts.spec["pruner"]["type"] == "none":
        return ()
    return tuple(judgements(facts))


def _asked(facts: SweepFacts) -> tuple[Asked, ...]:
    running = sum(trial.is_running for trial in facts.trials)
    count = min(facts.spec["parallel"] - running, most_trials(facts) - len(facts.trials))
    if count <= 0:
        return ()
    return tuple(proposals(facts, count))


def _final(facts: SweepFacts, ending: Ending | None) -> str:
    """The state in which a sweep without running trials ends; nothing while it goes on."""
    code = ending.code if ending else facts.ended_by
    if not code:
        return ""
    if code == STOPPED:
        return STOPPED
    is_failed = code in _FAILURES or not any(trial.state == COMPLETE for trial in facts.trials)
    return FAILED if is_failed else DONE
