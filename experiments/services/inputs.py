"""Writers of what a run read and made: datasets and logged models, and the older log-model history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from experiments.models import RunTag
from experiments.selectors.logged_models import model_missing
from experiments.services.held_runs import LOG, HeldRun, run_take, tags_write
from experiments.validation.datasets import dataset_check, input_tags_check
from experiments.validation.names import MAX_TAG_LENGTH
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.ids import uuid7
from portal.kernel.mlflow_errors import invalid_parameter
from portal.operations import writer

MODELS_TAG = "mlflow.log-model.history"
CONTEXT_TAG = "mlflow.data.context"

_DATASETS = """
INSERT INTO experiments_dataset
    (id, workspace_id, experiment_id, name, digest, source_type, source, schema, profile)
SELECT g.id, r.workspace_id, r.experiment_id, g.name, g.digest, g.source_type, g.source, g.schema, g.profile
FROM experiments_run r, unnest(%(ids)s::uuid[], %(names)s::text[], %(digests)s::text[], %(types)s::text[],
    %(sources)s::text[], %(schemas)s::text[], %(profiles)s::text[])
    AS g(id, name, digest, source_type, source, schema, profile)
WHERE r.id = %(run)s ON CONFLICT (experiment_id, name, digest) DO NOTHING
"""
# A statement of its own: it sees a dataset that another run has added while this one waited for it.
_INPUTS = """
INSERT INTO experiments_runinput (run_id, dataset_id, tags, context)
SELECT r.id, d.id, g.tags, g.context
FROM experiments_run r,
    unnest(%(names)s::text[], %(digests)s::text[], %(tags)s::jsonb[], %(contexts)s::text[])
    AS g(name, digest, tags, context)
JOIN experiments_dataset d ON d.experiment_id = %(experiment)s AND d.name = g.name AND d.digest = g.digest
WHERE r.id = %(run)s ON CONFLICT DO NOTHING
"""
_FOUND = """
WITH given AS (SELECT * FROM unnest(%(models)s::text[], %(steps)s::bigint[]) AS g(model_id, step)), found AS (
    SELECT m.id, g.step FROM given g JOIN experiments_loggedmodel m ON m.id = g.model_id
    JOIN experiments_run r ON r.id = %(run)s AND r.workspace_id = m.workspace_id
)"""
_MISSING = "SELECT model_id FROM given WHERE model_id NOT IN (SELECT id FROM found) LIMIT 1"
_MODEL_INPUTS = f"""{_FOUND}, written AS (
    INSERT INTO experiments_runmodelinput (run_id, model_id) SELECT %(run)s, id FROM found
    ON CONFLICT DO NOTHING
) {_MISSING}"""  # noqa: S608 - constants only
_OUTPUTS = f"""{_FOUND}, written AS (
    INSERT INTO experiments_runoutput (run_id, model_id, step) SELECT %(run)s, id, step FROM found
    ON CONFLICT (run_id, model_id) DO UPDATE SET step = excluded.step
) {_MISSING}"""  # noqa: S608 - constants only


@dataclass(frozen=True)
class DatasetInput:
    """A dataset that a run read, as the protocol names it, with the tags of this reading."""

    dataset: Mapping[str, Any]
    tags: Sequence[Mapping[str, str]] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.dataset["name"], self.dataset["digest"]

    @property
    def context(self) -> str | None:
        return next((tag["value"] for tag in self.tags if tag["key"] == CONTEXT_TAG), None)


@writer(LOG)
def inputs_log(*, actor: Actor, run_id: str, datasets: Sequence[DatasetInput], models: Sequence[str]) -> None:
    """Note datasets and models that a run read. What is noted already stays as it is."""
    for each in datasets:
        dataset_check(each.dataset)
        input_tags_check(each.tags)
    with transaction.atomic():
        taken = run_take(actor, run_id)
        if datasets:
            datasets_write(taken, list({each.key: each for each in reversed(datasets)}.values()))
        _models_write(taken.id, _MODEL_INPUTS, dict.fromkeys(models, 0))


@writer(LOG)
def outputs_log(*, actor: Actor, run_id: str, models: Mapping[str, int]) -> None:
    """Note the logged models that a run made, by id, each with its step."""
    with transaction.atomic():
        _models_write(run_take(actor, run_id).id, _OUTPUTS, models)


@writer(LOG)
def model_history_append(*, actor: Actor, run_id: str, model: Mapping[str, Any]) -> None:
    """Append to the list of models that clients before MLflow 3 keep in a tag of the run."""
    with transaction.atomic():
        taken = run_take(actor, run_id)
        tag = RunTag.objects.filter(run_id=taken.id, key=MODELS_TAG).first()
        history = orjson.dumps([*_history(tag), dict(model)]).decode()
        if len(history) > MAX_TAG_LENGTH:
            raise invalid_parameter(
                f"'{MODELS_TAG}' exceeds the maximum length of {MAX_TAG_LENGTH} characters"
            )
        tags_write(taken, {MODELS_TAG: history})


def _history(tag: RunTag | None) -> list[Any]:
    if tag is None:
        return []
    try:
        found = orjson.loads(tag.value)
    except orjson.JSONDecodeError:
        return []
    return found if isinstance(found, list) else []


def datasets_write(run: HeldRun, inputs: Sequence[DatasetInput]) -> None:
    """Note datasets, each once, that a run read which the caller holds; those already there stay as they are."""
    rows = [each.dataset for each in sorted(inputs, key=lambda each: each.key)]  # one order, so no deadlock
    sql.execute(
        _DATASETS,
        {
            "run": run.id,
            "ids": [uuid7() for _ in rows],
            "names": [row["name"] for row in rows],
            "digests": [row["digest"] for row in rows],
            "types": [row["source_type"] for row in rows],
            "sources": [row["source"] for row in rows],
            "schemas": [row.get("schema") for row in rows],
            "profiles": [row.get("profile") for row in rows],
        },
    )
    sql.execute(
        _INPUTS,
        {
            "run": run.id,
            "experiment": run.experiment_id,
            "names": [each.dataset["name"] for each in inputs],
            "digests": [each.dataset["digest"] for each in inputs],
            "tags": [orjson.dumps(list(each.tags)).decode() for each in inputs],
            "contexts": [each.context for each in inputs],
        },
    )


def links_write(run_id: UUID, *, read: Sequence[str], made: Mapping[str, int]) -> None:
    """Note logged models, by id, that a run read and made, which the caller holds in the open transaction."""
    _models_write(run_id, _MODEL_INPUTS, dict.fromkeys(read, 0))
    _models_write(run_id, _OUTPUTS, made)


def _models_write(run_id: UUID, statement: str, models: Mapping[str, int]) -> None:
    if not models:
        return
    values = {"run": run_id, "models": list(models), "steps": list(models.values())}
    missing = sql.row(statement, values)
    if missing is not None:
        raise model_missing(missing[0])
