"""Asking for a check of data, and what it found: kept with the data, and as evidence about models made from it."""

from collections.abc import Mapping, Sequence
from typing import Any

from compliance.evidence_kinds import PASS
from experiments.models import DatasetVersion, RunInput
from experiments.selectors.dataset_versions import readings_of
from jobs.queue import enqueue
from portal.accounts.actor import Actor
from portal.accounts.models import User
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, PermissionDenied
from portal.operations import Changed, effect, operation
from registry.gate.recording import Observation, observations_record
from registry.models import ModelVersion
from training.data.rules import rules_normal
from training.models import DataCheck

BEGIN, RECORD = "training.data_check.begin", "training.data_check.record"
CHECK_JOB, KIND = "training.check_dataset", "data_check"
MODELS_AT_MOST = 100


@operation(BEGIN, on="version", lock="share")
def data_check_begin(
    *,
    actor: Actor,
    version: DatasetVersion,
    rules: Mapping[str, Any],
    reference: DatasetVersion | None = None,
) -> Changed[DataCheck]:
    """Hold rules against a version. Raises InvalidInput for rules that are none, or files that are not here."""
    if actor.user_id is None:
        raise PermissionDenied(f"{actor.name} is no account, and somebody answers for every check.")
    for each in (version, reference):
        if each is not None and (not each.is_held or each.workspace_id != version.workspace_id):
            raise InvalidInput(f"The portal holds no files of {each} here.", code="data_not_held")
    made = DataCheck(
        workspace_id=version.workspace_id, version=version, reference=reference,
        rules=rules_normal(rules, has_reference=reference is not None),
        requested_by=User.objects.get(pk=actor.user_id), created_at=now(),
    )  # fmt: skip
    made.job = enqueue(
        CHECK_JOB,
        key=str(made.pk),
        args={"check_id": str(made.pk)},
        actor=actor,
        workspace_id=version.workspace_id,
    )
    made.save(force_insert=True)
    after = {"version": str(version), "reference": str(reference or ""), "rules": made.rules}
    return Changed(made, before={}, after=after, subject=made)


@effect(RECORD, on="check")
def data_check_record(
    *, actor: Actor, check: DataCheck, outcome: str, results: Sequence[Mapping[str, Any]], problem: str,
    rows: int | None,
) -> Changed[dict[str, Any]]:  # fmt: skip
    """Keep what was found, once; the versions of models whose runs read this data get it as evidence."""
    if check.outcome:
        raise Conflict(f"The {check} has its result already.", code="invalid_state")
    check.outcome, check.results, check.ended_at = outcome, [dict(each) for each in results], now()
    check.summary = _summary(results, problem, outcome)
    check.save(update_fields=["outcome", "results", "summary", "ended_at"])
    models = _models_made_from(check.version)
    for version in models:
        seen = Observation(KIND, outcome, f"{check.version}: {check.summary}", _body(check, rows), CHECK_JOB)
        observations_record(actor, version, [seen])
    told = {"outcome": outcome, "models": [str(version) for version in models]}
    return Changed(told, before={"outcome": ""}, after={**told, "summary": check.summary})


def _models_made_from(data: DatasetVersion) -> list[ModelVersion]:
    """In one order, so that two checks never wait for each other."""
    runs = RunInput.objects.filter(pk__in=readings_of([data]).values("pk")).values("run_id")
    found = ModelVersion.objects.filter(run_id__in=runs, deleted_at=None, workspace_id=data.workspace_id)
    newest = found.select_related("model__workspace").order_by("-creation_timestamp")[:MODELS_AT_MOST]
    return sorted(newest, key=lambda version: (version.model_id, version.pk))


def _summary(results: Sequence[Mapping[str, Any]], problem: str, outcome: str) -> str:
    if problem:
        return f"Could not be checked: {problem}"[:1000]
    if outcome == PASS:
        return f"All {len(results)} rules hold."
    missed = [f"{each['column'] or 'table'} {each['rule']}" for each in results if not each["passed"]]
    return f"{len(missed)} of {len(results)} rules do not hold: {', '.join(missed)}."[:1000]


def _body(check: DataCheck, rows: int | None) -> dict[str, Any]:
    data = check.version
    return {
        "check": str(check.pk), "rows": rows, "rules": check.rules, "results": check.results,
        "dataset": {"name": data.asset.name, "version": data.number, "digest": data.digest},
    }  # fmt: skip
