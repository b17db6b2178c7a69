"""Optuna's study of a sweep, made anew from the trials each time; imported by jobs only, as Optuna is large.

A proposal depends on the specification, the trials before it and its own number, and on nothing else: every number has
a sampler of its own seed. So whoever plans the same history again proposes the same.
"""

import hashlib
import math
import warnings
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner, SuccessiveHalvingPruner
from optuna.samplers import BaseSampler, GridSampler, QMCSampler, RandomSampler, TPESampler
from optuna.storages import InMemoryStorage
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from training.sweeps.facts import (
    CANCELLED,
    COMPLETE,
    FAILED,
    PRUNED,
    RUNNING,
    Asked,
    Judged,
    SweepFacts,
    TrialFacts,
)
from training.sweeps.reading import grid_values

optuna.logging.set_verbosity(optuna.logging.ERROR)
_STATES = {
    RUNNING: TrialState.RUNNING, COMPLETE: TrialState.COMPLETE, PRUNED: TrialState.PRUNED,
    FAILED: TrialState.FAIL, CANCELLED: TrialState.FAIL,
}  # fmt: skip


def proposals(facts: SweepFacts, count: int) -> list[Asked]:
    """The next trials of a sweep; fewer where a grid has no more points."""
    found, space = [], distributions(facts.spec)
    study = study_of(facts)
    for number in range(len(facts.trials), len(facts.trials) + count):
        study.sampler = _sampler(facts.spec, number)
        found.append(Asked(number, dict(study.ask(fixed_distributions=space).params)))
    return found


def judgements(facts: SweepFacts) -> list[Judged]:
    """Look at the new points of running trials, one after the other, as if each had been reported by itself."""
    fresh = [trial for trial in facts.trials if trial.is_running and _is_new(trial)]
    if not fresh or facts.spec["pruner"]["type"] == "none":
        return []
    study = study_of(facts)
    return [_judged(study, trial) for trial in fresh]


def importances(facts: SweepFacts, objective: int = 0) -> dict[str, float]:
    """How much each parameter explains of the objective (fANOVA), largest first. Raises ValueError for too little."""
    importance = import_module("optuna.importance")  # with scikit-learn, which nothing else here needs
    evaluator = importance.FanovaImportanceEvaluator(seed=facts.spec["seed"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = importance.get_param_importances(
            study_of(facts), evaluator=evaluator, target=lambda trial: trial.values[objective]
        )
    return {name: round(float(share), 6) for name, share in found.items() if math.isfinite(share)}


def distributions(spec: Mapping[str, Any]) -> dict[str, BaseDistribution]:
    """The search space in Optuna's words."""
    return {name: _distribution(one) for name, one in spec["space"].items()}


def study_of(facts: SweepFacts) -> Study:
    """A study in memory with all trials of the sweep."""
    study = optuna.create_study(
        storage=InMemoryStorage(), study_name=facts.name, sampler=RandomSampler(seed=0), pruner=_pruner(facts.spec),
        directions=[one["direction"] for one in facts.spec["objectives"]],
    )  # fmt: skip
    space = distributions(facts.spec)
    study.add_trials([_frozen(trial, space) for trial in facts.trials])
    return study


def _distribution(one: Mapping[str, Any]) -> BaseDistribution:
    if one["type"] == "categorical":
        return CategoricalDistribution(one["choices"])
    if one["type"] == "int":
        return IntDistribution(
            int(one["low"]), int(one["high"]), log=one.get("log", False), step=one.get("step", 1)
        )
    return FloatDistribution(one["low"], one["high"], log=one.get("log", False), step=one.get("step"))


def _frozen(trial: TrialFacts, space: dict[str, BaseDistribution]) -> FrozenTrial:
    """What is judged of a running trial counts; points that nobody has looked at come later."""
    points = trial.points[: trial.judged] if trial.is_running else trial.points
    return optuna.trial.create_trial(
        state=_STATES[trial.state], params=dict(trial.params), distributions=space,
        values=list(trial.values) if trial.state == COMPLETE else None,
        intermediate_values=dict(points), system_attrs=dict(trial.rungs),
    )  # fmt: skip


def _sampler(spec: Mapping[str, Any], number: int) -> BaseSampler:
    seed = spec["seed"]
    own = int.from_bytes(hashlib.sha256(f"{seed} {number}".encode()).digest()[:4])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        match spec["sampler"]:
            case "grid":  # takes the point of the trial's number of a grid that the seed has shuffled
                return GridSampler({name: grid_values(one) for name, one in spec["space"].items()}, seed=seed)
            case "qmc":
                return _Sequence(spec, number)
            case "random":
                return RandomSampler(seed=own)
    return TPESampler(seed=own, constant_liar=True, multivariate=True)


class _Sequence(QMCSampler):
    """Sobol points by the number of the trial, where Optuna counts in the storage, which does not last here."""

    def __init__(self, spec: Mapping[str, Any], number: int) -> None:
        super().__init__(scramble=True, seed=spec["seed"], warn_independent_sampling=False)
        self._number = number
        self._space = distributions(spec)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return dict(sorted(self._space.items()))

    def _find_sample_id(self, study: Study, search_space: dict[str, BaseDistribution]) -> int:
        return self._number


def _pruner(spec: Mapping[str, Any]) -> BasePruner:
    pruner = spec["pruner"]
    match pruner["type"]:
        case "median":
            return MedianPruner(
                n_startup_trials=pruner["startup_trials"], n_warmup_steps=pruner["warmup_steps"]
            )
        case "hyperband":
            return HyperbandPruner(
                min_resource=pruner["min_steps"], max_resource=pruner["max_steps"],
                reduction_factor=pruner["reduction_factor"],
            )  # fmt: skip
        case "successive_halving":
            return SuccessiveHalvingPruner(
                min_resource=pruner["min_steps"], reduction_factor=pruner["reduction_factor"]
            )
    return NopPruner()


def _is_new(trial: TrialFacts) -> bool:
    return trial.pruned_step is None and len(trial.points) > trial.judged


def _judged(study: Study, trial: TrialFacts) -> Judged:
    """The points up to the one at which the trial shall end; of a trial that has ended, all."""
    storage, count, prune_step = study._storage, trial.judged, None
    trial_id = storage.get_trial_id_from_study_id_trial_number(study._study_id, trial.number)
    for step, value in trial.points[trial.judged :]:
        storage.set_trial_intermediate_value(trial_id, step, value)
        count += 1
        if study.pruner.prune(study, storage.get_trial(trial_id)) and not trial.end:
            prune_step = step
            break
    noted = storage.get_trial_system_attrs(trial_id)
    rungs = {name: float(value) for name, value in noted.items() if name.startswith("completed_rung_")}
    return Judged(trial.number, trial.points[:count], rungs, prune_step)
