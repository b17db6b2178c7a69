"""Experiments of a source."""

from django.db import IntegrityError, transaction

from compliance.services.holds import held_ids
from experiments.artifacts.locations import experiment_location
from experiments.models import Experiment, ExperimentTag
from experiments.models.experiment import ACTIVE
from experiments.validation.names import experiment_name_check, experiment_tag_check
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.errors import Conflict, PolicyViolation
from portal.operations import Changed, operation
from transfer.models import Origin, Peer
from transfer.objects import SourceExperiment
from transfer.services.origins import changed, marks

IMPORT = "transfer.experiment.import"


@operation(IMPORT, on="workspace", lock="share")
def experiment_import(
    *, actor: Actor, workspace: Workspace, peer: Peer, found: SourceExperiment, merge: bool
) -> Changed[Experiment]:
    """Make an experiment as it is at the source, which ends by `experiment_finish`.

    With `merge`, one of that name that was made here takes the runs; otherwise raises Conflict (`name_taken`).
    """
    experiment_name_check(found.name)
    for key, value in found.tags.items():
        experiment_tag_check(key, value)
    experiment = Experiment.objects.filter(workspace=workspace, name=found.name).first()
    if experiment is not None:
        _taken_check(peer, experiment, merge or found.is_default)
    else:
        experiment = _made(workspace, found)
    seen = {"name": found.name, "stage": ACTIVE, "tags": marks(found.tags)}
    Origin.objects.create(peer=peer, kind="experiment", there=found.id, here=str(experiment.pk), seen=seen)
    return Changed(
        experiment, before={}, after={"name": found.name, "source_id": found.id}, subject=experiment
    )


@operation(IMPORT, on="experiment")
def experiment_finish(
    *, actor: Actor, experiment: Experiment, origin: Origin, found: SourceExperiment
) -> Changed[Experiment]:
    """Bring name, tags and lifecycle of an experiment up to what the source says, where that changed there."""
    before = {"name": experiment.name, "lifecycle_stage": experiment.lifecycle_stage}
    seen = origin.seen
    new_tags = changed(seen.get("tags", {}), found.tags)
    ExperimentTag.objects.bulk_create(
        [ExperimentTag(experiment=experiment, key=key, value=value) for key, value in new_tags.items()],
        update_conflicts=True, unique_fields=["experiment_id", "key"], update_fields=["value"],
    )  # fmt: skip
    if seen.get("stage") != found.stage:
        _held_check(experiment)
        experiment.lifecycle_stage, experiment.last_update_time = found.stage, found.updated_at
    if seen.get("name") != found.name:
        experiment.name = found.name
    try:
        with transaction.atomic():
            experiment.save(update_fields=["name", "lifecycle_stage", "last_update_time"])
    except IntegrityError as error:
        raise _taken(found.name) from error
    origin.seen = {"name": found.name, "stage": found.stage, "tags": marks(found.tags)}
    origin.is_complete = True
    origin.save()
    after = {"name": experiment.name, "lifecycle_stage": experiment.lifecycle_stage}
    return Changed(
        experiment, before=before, after=after | {f"tags.{key}": new_tags[key] for key in new_tags}
    )


def is_current(origin: Origin, found: SourceExperiment) -> bool:
    """Whether the source says nothing about the experiment that it did not say before."""
    return origin.is_complete and origin.seen == {
        "name": found.name, "stage": found.stage, "tags": marks(found.tags),
    }  # fmt: skip


def _made(workspace: Workspace, found: SourceExperiment) -> Experiment:
    experiment = Experiment.objects.create(
        workspace=workspace, name=found.name, creation_time=found.created_at, last_update_time=found.updated_at,
        is_default=found.is_default and not Experiment.objects.filter(workspace=workspace, is_default=True).exists(),
    )  # fmt: skip
    experiment.artifact_location = experiment_location(workspace.pk, experiment.pk)
    experiment.save(update_fields=["artifact_location"])
    ExperimentTag.objects.bulk_create(
        ExperimentTag(experiment=experiment, key=key, value=value) for key, value in found.tags.items()
    )
    return experiment


def _taken_check(peer: Peer, experiment: Experiment, may_merge: bool) -> None:
    is_of_peer = Origin.objects.filter(peer=peer, kind="experiment", here=str(experiment.pk)).exists()
    if is_of_peer or not may_merge or not experiment.is_active:
        raise _taken(experiment.name)


def _taken(name: str) -> Conflict:
    return Conflict(
        f"The workspace has an experiment {name} of its own, perhaps deleted. Rename one of the two, or give "
        "--merge to add the runs to it.",
        code="name_taken",
    )


def _held_check(experiment: Experiment) -> None:
    if str(experiment.pk) in {str(each) for each in held_ids(experiment.workspace_id, "experiment")}:
        raise PolicyViolation(
            f"Experiment {experiment.name} stays as it is: a legal hold keeps it. Release the hold first.",
            code="held",
        )
