"""Changes of logged models. Making, finishing, tagging and deleting are acts; params and metrics are data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.db import transaction

from compliance.services.holds import hold_check
from experiments.artifacts.locations import model_location
from experiments.batch import Metrics
from experiments.models import Experiment, LoggedModel, LoggedModelParam, LoggedModelTag, Run
from experiments.models.experiment import DELETED
from experiments.models.logged_model import PENDING, READY
from experiments.selectors.logged_models import model_missing
from experiments.services.digests import digest_enqueue
from experiments.services.names import random_name
from experiments.validation.batches import stored_values
from experiments.validation.lifecycle import experiment_active_check
from experiments.validation.names import length_check, logged_model_name_check
from portal import access
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.clock import now_ms
from portal.kernel.errors import Conflict
from portal.kernel.mlflow_errors import RESOURCE_DOES_NOT_EXIST, ProtocolError, invalid_parameter
from portal.operations import Changed, operation, writer

# Points already there are left as they are. The models that the statement could not find come back.
_METRICS = """
WITH given AS (
    SELECT * FROM unnest(%(model_ids)s::text[], %(keys)s::text[], %(values)s::float8[], %(nans)s::bool[],
                         %(steps)s::bigint[], %(timestamps)s::bigint[], %(names)s::text[],
                         %(digests)s::text[])
        AS g(model_id, key, value, is_nan, step, timestamp, dataset_name, dataset_digest)
    WHERE model_id IS NOT NULL
), model AS (
    SELECT m.id FROM experiments_loggedmodel m JOIN experiments_run r ON r.workspace_id = m.workspace_id
    WHERE r.id = %(run)s AND m.id IN (SELECT model_id FROM given)
), written AS (
    INSERT INTO experiments_loggedmodelmetric
        (model_id, run_id, key, value, is_nan, step, timestamp, dataset_name, dataset_digest)
    SELECT g.model_id, %(run)s, g.key, g.value, g.is_nan, g.step, g.timestamp,
        COALESCE(g.dataset_name, ''), COALESCE(g.dataset_digest, '')
    FROM given g JOIN model ON model.id = g.model_id
    ON CONFLICT DO NOTHING
)
SELECT DISTINCT model_id FROM given WHERE model_id NOT IN (SELECT id FROM model) LIMIT 1
"""
# The old value of a param that is already there with another one.
_PARAMS = """
WITH wanted AS (SELECT * FROM unnest(%(keys)s::text[], %(values)s::text[]) AS w(key, value)), added AS (
    INSERT INTO experiments_loggedmodelparam (model_id, key, value)
    SELECT %(model)s, key, value FROM wanted ON CONFLICT DO NOTHING
)
SELECT p.key FROM wanted JOIN experiments_loggedmodelparam p
ON p.model_id = %(model)s AND p.key = wanted.key WHERE p.value <> wanted.value
"""


@dataclass(frozen=True)
class NewModel:
    """What a caller says about a logged model to be made; no name lets the portal choose one."""

    name: str | None = None
    model_type: str = ""
    source_run: Run | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@operation("experiments.model.create", on="experiment", lock="share")
def model_create(*, actor: Actor, experiment: Experiment, new: NewModel) -> LoggedModel:
    """Make a pending model in an experiment. Its source run must be of the same workspace."""
    logged_model_name_check(new.name)
    length_check("model_type", new.model_type, 500)
    _pairs_check(new.params)
    _pairs_check(new.tags)
    experiment_active_check(experiment.pk, experiment.lifecycle_stage)
    if new.source_run is not None and new.source_run.workspace_id != experiment.workspace_id:
        raise ProtocolError(f"Run with id={new.source_run.pk.hex} not found", RESOURCE_DOES_NOT_EXIST)
    model_id, now = f"m-{uuid4().hex}", now_ms()
    model = LoggedModel(
        id=model_id, workspace_id=experiment.workspace_id, experiment=experiment, source_run=new.source_run,
        created_by_id=actor.user_id, name=new.name or random_name(), model_type=new.model_type,
        status=PENDING,
        artifact_location=model_location(experiment.workspace_id, experiment.pk, model_id),
        creation_timestamp=now, last_updated_timestamp=now,
    )  # fmt: skip
    model.save(force_insert=True)
    LoggedModelParam.objects.bulk_create(
        LoggedModelParam(model=model, key=key, value=value) for key, value in new.params.items()
    )
    LoggedModelTag.objects.bulk_create(
        LoggedModelTag(model=model, key=key, value=value) for key, value in new.tags.items()
    )
    return model


@operation("experiments.model.update", on="model")
def model_finalize(*, actor: Actor, model: LoggedModel, status: str) -> LoggedModel:
    """Set the status of a model. One whose files have a digest stays ready: its files are fixed."""
    if model.digest and status != READY:
        raise Conflict(
            f"Logged model {model.pk} is ready and its files are fixed; it cannot become {status}."
        )
    model.status, model.last_updated_timestamp = status, now_ms()
    model.save(update_fields=["status", "last_updated_timestamp"])
    # A model whose run is still going gets its digest when the run ends.
    if status == READY and not model.digest and (model.source_run is None or model.source_run.is_terminal):
        digest_enqueue(actor, model)
    return model


@operation("experiments.model.delete", on="model")
def model_delete(*, actor: Actor, model: LoggedModel) -> LoggedModel:
    """Mark a model as deleted; its files stay. Raises PolicyViolation under a legal hold."""
    hold_check(
        workspace_id=model.workspace_id,
        subjects=[
            ("loggedmodel", model.pk),
            ("run", model.source_run_id),
            ("experiment", model.experiment_id),
        ],
        what=f"Model {model.pk} cannot be deleted",
    )
    model.lifecycle_stage, model.last_updated_timestamp = DELETED, now_ms()
    model.save(update_fields=["lifecycle_stage", "last_updated_timestamp"])
    return model


@operation("experiments.model.tag", on="model")
def model_tags_set(*, actor: Actor, model: LoggedModel, tags: Mapping[str, str]) -> Changed[None]:
    """Set tags, overwriting old values."""
    _pairs_check(tags)
    old = dict(LoggedModelTag.objects.filter(model=model, key__in=tags).values_list("key", "value"))
    LoggedModelTag.objects.bulk_create(
        [LoggedModelTag(model=model, key=key, value=value) for key, value in tags.items()],
        update_conflicts=True, unique_fields=["model_id", "key"], update_fields=["value"],
    )  # fmt: skip
    return Changed(None, before={f"tags.{key}": old.get(key) for key in tags}, after=_named_tags(tags))


@operation("experiments.model.tag", on="model")
def model_tag_delete(*, actor: Actor, model: LoggedModel, key: str) -> Changed[None]:
    """Remove a tag. Raises ProtocolError RESOURCE_DOES_NOT_EXIST when the model has none of that key."""
    tag = LoggedModelTag.objects.filter(model=model, key=key).first()
    if tag is None:
        message = f"No tag with key {key!r} found for model with ID {model.pk!r}."
        raise ProtocolError(message, RESOURCE_DOES_NOT_EXIST)
    LoggedModelTag.objects.filter(model=model, key=key).delete()
    return Changed(None, before={f"tags.{key}": tag.value}, after={f"tags.{key}": None})


@writer("experiments.model.log")
def model_params_log(*, actor: Actor, model: LoggedModel, params: Mapping[str, str]) -> None:
    """Log params of a model. The same value again is fine; with another one nothing is written."""
    access.require(actor, "experiments.model.log", model)
    _pairs_check(params)
    values = {"model": model.pk, "keys": list(params), "values": list(params.values())}
    with transaction.atomic():
        changed = [key for (key,) in sql.rows(_PARAMS, values)]
        if changed:
            raise invalid_parameter(
                f"Changing param values is not allowed. Model {model.pk} has other values of {changed}."
            )


def model_metrics_write(*, run_id: UUID, metrics: Metrics) -> None:
    """Write the points that name a model, in the transaction of the run's own points.

    The caller holds the run and has asked permission. Raises ProtocolError when a model is not one of the
    run's workspace.
    """
    if metrics.model_ids is None or not any(metrics.model_ids):
        return
    empty: list[str | None] = [None] * len(metrics)
    names, digests = metrics.dataset_names or empty, metrics.dataset_digests or empty
    for name, digest in zip(names, digests, strict=True):
        length_check("dataset_name", name, 500)
        length_check("dataset_digest", digest, 36)
    values, nans = stored_values(metrics.values)
    missing = sql.row(
        _METRICS,
        {
            "run": run_id, "model_ids": metrics.model_ids, "keys": metrics.keys, "values": values,
            "nans": nans, "steps": metrics.steps, "timestamps": metrics.timestamps,
            "names": names, "digests": digests,
        },
    )  # fmt: skip
    if missing is not None:
        raise model_missing(missing[0])


def _pairs_check(pairs: Mapping[str, str]) -> None:
    for key in pairs:
        if not key:
            raise invalid_parameter("A key name must be provided.")
        length_check("key", key, 250)


def _named_tags(tags: Mapping[str, str]) -> dict[str, str]:
    return {f"tags.{key}": value for key, value in tags.items()}
