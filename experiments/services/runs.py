"""Changes of runs that are acts: making, naming, ending, deleting, tagging. Points and params are in batches.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F

from compliance.services.holds import hold_check
from experiments.artifacts.locations import run_location
from experiments.models import Experiment, LoggedModel, Run, RunTag
from experiments.models.experiment import ACTIVE, DELETED
from experiments.models.logged_model import READY
from experiments.models.run import TERMINAL_STATUSES
from experiments.services.digests import digest_enqueue
from experiments.services.held_runs import tags_write
from experiments.services.holds import not_collected_check
from experiments.services.names import random_name
from experiments.validation.lifecycle import experiment_active_check, run_active_check
from portal.accounts.actor import Actor
from portal.kernel.clock import now_ms
from portal.kernel.errors import Conflict
from portal.kernel.ids import uuid7
from portal.kernel.mlflow_errors import RESOURCE_DOES_NOT_EXIST, ProtocolError
from portal.operations import Changed, effect, operation

RUN_NAME_TAG = "mlflow.runName"


@dataclass(frozen=True)
class NewRun:
    """What a caller says about a run to be made; an empty name lets the portal choose one."""

    name: str = ""
    user_name: str = ""
    start_time: int = 0
    tags: Sequence[tuple[str, str]] = ()


@operation("experiments.run.create", on="experiment", lock="share")
def run_create(*, actor: Actor, experiment: Experiment, new: NewRun) -> Run:
    """Make a running run. Its name and the tag mlflow.runName are one thing and must not differ."""
    return _run_make(actor, experiment, new)


@effect("experiments.run.create", on="experiment", lock="share")
def run_begin(*, actor: Actor, experiment: Experiment, new: NewRun) -> Run:
    """Make a running run as a part of a larger operation."""
    return _run_make(actor, experiment, new)


@effect("experiments.run.update", on="run")
def run_state_set(*, actor: Actor, run: Run, status: str) -> Run:
    """Say how a run stands as a part of a larger operation; a terminal status ends it now."""
    run.status = status
    run.end_time = max(now_ms(), run.start_time) if status in TERMINAL_STATUSES else None
    run.changes = run.changes + 1
    run.save(update_fields=["status", "end_time", "changes"])
    if status in TERMINAL_STATUSES:
        _models_digest(actor, run)
    return run


@operation("experiments.run.update", on="run")
def run_update(
    *,
    actor: Actor,
    run: Run,
    status: str | None = None,
    end_time: int | None = None,
    name: str | None = None,
    expected_name: str | None = None,
) -> Run:
    """Change status, end time or name. The models of a run that ends get their digest computed by a job.

    `expected_name` is the name that the caller saw. Raises Conflict when it is another one by now.
    """
    run_active_check(run.pk.hex, run.lifecycle_stage)
    _require_unchanged("name", expected_name, run.name)
    run.status = status or run.status
    run.end_time = run.end_time if end_time is None else end_time
    if name:
        run.name = name
        tags_write(run, {RUN_NAME_TAG: name})
    run.changes = run.changes + 1
    run.save(update_fields=["status", "end_time", "name", "changes"])
    if status in TERMINAL_STATUSES:
        _models_digest(actor, run)
    return run


@operation("experiments.run.delete", on="run")
def run_delete(*, actor: Actor, run: Run) -> Run:
    """Mark a run as deleted; deleting it again changes nothing but the time. Raises PolicyViolation under a hold."""
    hold_check(
        workspace_id=run.workspace_id, subjects=[("run", run.pk), ("experiment", run.experiment_id)],
        what=f"Run {run.pk.hex} cannot be deleted",
    )  # fmt: skip
    return _stage_set(run, DELETED, now_ms())


@operation("experiments.run.restore", on="run")
def run_restore(*, actor: Actor, run: Run) -> Run:
    """Bring a deleted run back. Raises Conflict (`being_purged`) when its files are going already."""
    not_collected_check([run.pk])
    return _stage_set(run, ACTIVE, None)


@operation("experiments.run.tag", on="run")
def run_tag_set(
    *, actor: Actor, run: Run, key: str, value: str, expected: str | None = None
) -> Changed[None]:
    """Set one tag; mlflow.runName renames the run, unless the new name is empty, which changes nothing.

    `expected` is the value that the caller saw. Raises Conflict when it is another one by now.
    """
    run_active_check(run.pk.hex, run.lifecycle_stage)
    if key == RUN_NAME_TAG and not value:
        return Changed(None, before={}, after={})
    old = tags_write(run, {key: value})
    _require_unchanged(key, expected, old.get(key, ""))
    if key == RUN_NAME_TAG:
        run.name = value
    run.changes = run.changes + 1
    run.save(update_fields=["name", "changes"])
    return Changed(None, before={f"tags.{key}": old.get(key)}, after={f"tags.{key}": value})


@effect("experiments.run.tag", on="run")
def run_tags_note(*, actor: Actor, run: Run, tags: Mapping[str, str]) -> Changed[None]:
    """Set tags, other than the name, as a part of a larger operation."""
    old = tags_write(run, dict(tags))
    run.changes = run.changes + 1
    run.save(update_fields=["changes"])
    return Changed(
        None, before={f"tags.{key}": old.get(key) for key in tags},
        after={f"tags.{key}": value for key, value in tags.items()},
    )  # fmt: skip


@operation("experiments.run.tag", on="run")
def run_tag_delete(*, actor: Actor, run: Run, key: str) -> Changed[None]:
    """Remove a tag. Raises ProtocolError RESOURCE_DOES_NOT_EXIST when the run has none of that key."""
    run_active_check(run.pk.hex, run.lifecycle_stage)
    tag = RunTag.objects.filter(run=run, key=key).first()
    if tag is None:
        raise ProtocolError(f"No tag with name: {key} in run with id {run.pk.hex}", RESOURCE_DOES_NOT_EXIST)
    RunTag.objects.filter(run=run, key=key).delete()
    Run.objects.filter(pk=run.pk).update(changes=F("changes") + 1)
    return Changed(None, before={f"tags.{key}": tag.value}, after={f"tags.{key}": None})


def _run_make(actor: Actor, experiment: Experiment, new: NewRun) -> Run:
    experiment_active_check(experiment.pk, experiment.lifecycle_stage)
    tags = dict(new.tags)
    name = _agreed_name(new.name, tags.get(RUN_NAME_TAG, ""))
    run_id = uuid7()
    run = Run(
        id=run_id, experiment=experiment, workspace_id=experiment.workspace_id, name=name,
        user_name=new.user_name, created_by_id=actor.user_id, status="RUNNING", start_time=new.start_time,
        artifact_uri=run_location(experiment.workspace_id, experiment.pk, run_id),
    )  # fmt: skip
    run.save(force_insert=True)
    tags_write(run, {**tags, RUN_NAME_TAG: name})
    return run


def _require_unchanged(what: str, expected: str | None, found: str) -> None:
    """Line ends do not count: a browser sends its own."""
    if expected is not None and expected.replace("\r\n", "\n") != found.replace("\r\n", "\n"):
        raise Conflict(
            f"The {what} of this run was changed by somebody else meanwhile. Reload the page and look at it first."
        )


def _agreed_name(name: str, tag: str) -> str:
    if name and tag and name != tag:
        raise ProtocolError(
            "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with "
            f"different values (run_name='{name}', mlflow.runName='{tag}')."
        )
    return name or tag or random_name()


def _stage_set(run: Run, stage: str, deleted_time: int | None) -> Run:
    run.lifecycle_stage, run.deleted_time = stage, deleted_time
    run.changes = run.changes + 1
    run.save(update_fields=["lifecycle_stage", "deleted_time", "changes"])
    return run


def _models_digest(actor: Actor, run: Run) -> None:
    """A model that is not ready yet gets its digest when it is: its files are still on their way."""
    for model in LoggedModel.objects.filter(source_run=run, digest="", status=READY, lifecycle_stage=ACTIVE):
        digest_enqueue(actor, model)
