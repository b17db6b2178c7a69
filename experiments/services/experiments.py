"""Changes of experiments."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.expressions import Combinable

from compliance.services.holds import held_ids, hold_check
from experiments.artifacts.locations import experiment_location
from experiments.models import Collected, Experiment, ExperimentTag, Run
from experiments.models.experiment import ACTIVE, DELETED
from experiments.models.retention import MARKED
from experiments.services.holds import not_collected_check
from experiments.validation.lifecycle import experiment_active_check
from experiments.validation.names import experiment_name_check
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.clock import now_ms
from portal.kernel.mlflow_errors import (
    INVALID_STATE,
    RESOURCE_ALREADY_EXISTS,
    RESOURCE_DOES_NOT_EXIST,
    ProtocolError,
)
from portal.operations import Changed, effect, operation

DEFAULT_NAME = "Default"
Tags = Sequence[tuple[str, str]]


@operation("experiments.experiment.create", on="workspace", lock="share")
def experiment_create(*, actor: Actor, workspace: Workspace, name: str, tags: Tags = ()) -> Experiment:
    """Make an experiment. Raises ProtocolError RESOURCE_ALREADY_EXISTS when the workspace has one of that name.

    One that is called as the default one is the default one: no other could take that name later.
    """
    return _create(workspace, name, tags, is_default=name == DEFAULT_NAME)


@operation("experiments.experiment.create", on="workspace", lock="share")
def experiment_create_default(*, actor: Actor, workspace: Workspace) -> Experiment:
    """Make the experiment that an MLflow client means by id 0; called when it is first needed."""
    return _create(workspace, DEFAULT_NAME, (), is_default=True)


@effect("experiments.experiment.create", on="workspace", lock="share")
def experiment_begin(*, actor: Actor, workspace: Workspace, name: str) -> Experiment:
    """Make an experiment as a part of a larger operation."""
    return _create(workspace, name, (), is_default=name == DEFAULT_NAME)


def _create(workspace: Workspace, name: str, tags: Tags, *, is_default: bool = False) -> Experiment:
    experiment_name_check(name)
    now = now_ms()
    experiment = Experiment(
        workspace=workspace, name=name, creation_time=now, last_update_time=now, is_default=is_default
    )
    try:
        with transaction.atomic():
            experiment.save(force_insert=True)
    except IntegrityError as error:
        raise _taken(name) from error
    experiment.artifact_location = experiment_location(workspace.pk, experiment.pk)
    experiment.save(update_fields=["artifact_location"])
    ExperimentTag.objects.bulk_create(
        ExperimentTag(experiment=experiment, key=key, value=value) for key, value in dict(tags).items()
    )
    return experiment


@operation("experiments.experiment.update", on="experiment")
def experiment_rename(*, actor: Actor, experiment: Experiment, name: str) -> Experiment:
    """Give an experiment another name. A deleted one keeps its name."""
    experiment_name_check(name)
    if not experiment.is_active:
        raise ProtocolError("Cannot rename a non-active experiment.", INVALID_STATE)
    experiment.name = name
    experiment.last_update_time = now_ms()
    try:
        with transaction.atomic():
            experiment.save(update_fields=["name", "last_update_time"])
    except IntegrityError as error:
        raise _taken(name) from error
    return experiment


@operation("experiments.experiment.delete", on="experiment")
def experiment_delete(*, actor: Actor, experiment: Experiment) -> Experiment:
    """Mark an experiment and all its runs as deleted; nothing is lost, and restoring brings both back.

    Raises PolicyViolation while a legal hold keeps it or one of its runs.
    """
    _stage_require(experiment, ACTIVE)
    held = Run.objects.filter(experiment=experiment, pk__in=held_ids(experiment.workspace_id, "run"))
    hold_check(
        workspace_id=experiment.workspace_id,
        subjects=[("experiment", experiment.pk), *(("run", pk) for pk in held.values_list("pk", flat=True))],
        what=f"Experiment {experiment.name} cannot be deleted",
    )
    now = now_ms()
    Run.objects.filter(experiment=experiment).update(
        lifecycle_stage=DELETED, deleted_time=now, changes=_next_change()
    )
    return _stage_set(experiment, DELETED, now)


@operation("experiments.experiment.restore", on="experiment")
def experiment_restore(*, actor: Actor, experiment: Experiment) -> Experiment:
    """Bring a deleted experiment and all its runs back (MLflow restores the runs, too).

    Raises Conflict (`being_purged`) while some of them are on their way out.
    """
    _stage_require(experiment, DELETED)
    Run.objects.filter(experiment=experiment).update(
        lifecycle_stage=ACTIVE, deleted_time=None, changes=_next_change()
    )
    # Asked when their rows are held, so that none is marked in between.
    marked = [each.run_id for each in Collected.objects.filter(experiment_id=experiment.pk, state=MARKED)]
    if marked:
        not_collected_check(marked)
    return _stage_set(experiment, ACTIVE, now_ms())


@operation("experiments.experiment.tag", on="experiment")
def experiment_tag_set(*, actor: Actor, experiment: Experiment, key: str, value: str) -> Changed[None]:
    """Set a tag, overwriting its old value."""
    experiment_active_check(experiment.pk, experiment.lifecycle_stage)
    old = ExperimentTag.objects.filter(experiment=experiment, key=key).values_list("value", flat=True).first()
    ExperimentTag.objects.bulk_create(
        [ExperimentTag(experiment=experiment, key=key, value=value)],
        update_conflicts=True, unique_fields=["experiment_id", "key"], update_fields=["value"],
    )  # fmt: skip
    return Changed(None, before={f"tags.{key}": old}, after={f"tags.{key}": value})


@operation("experiments.experiment.tag", on="experiment")
def experiment_tag_delete(*, actor: Actor, experiment: Experiment, key: str) -> Changed[None]:
    """Remove a tag. Raises ProtocolError RESOURCE_DOES_NOT_EXIST when there is none."""
    experiment_active_check(experiment.pk, experiment.lifecycle_stage)
    tag = ExperimentTag.objects.filter(experiment=experiment, key=key).first()
    if tag is None:
        message = f"No tag with name: {key} in experiment with id {experiment.pk}"
        raise ProtocolError(message, RESOURCE_DOES_NOT_EXIST)
    ExperimentTag.objects.filter(experiment=experiment, key=key).delete()
    return Changed(None, before={f"tags.{key}": tag.value}, after={f"tags.{key}": None})


def _next_change() -> Combinable:
    return F("changes") + 1


def _stage_require(experiment: Experiment, stage: str) -> None:
    if experiment.lifecycle_stage != stage:
        raise ProtocolError(f"No Experiment with id={experiment.pk} exists", RESOURCE_DOES_NOT_EXIST)


def _stage_set(experiment: Experiment, stage: str, now: int) -> Experiment:
    experiment.lifecycle_stage, experiment.last_update_time = stage, now
    experiment.save(update_fields=["lifecycle_stage", "last_update_time"])
    return experiment


def _taken(name: str) -> ProtocolError:
    return ProtocolError(
        f"Experiment(name={name}) already exists in this workspace, perhaps deleted. "
        "Choose another name, or restore it.",
        RESOURCE_ALREADY_EXISTS,
    )
