"""Asking for a training. The specification is checked and kept as it was meant; the job does the rest."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from experiments.models import Experiment
from experiments.models.experiment import ACTIVE
from experiments.services.experiments import experiment_begin
from experiments.services.names import random_name
from jobs.queue import enqueue
from portal.accounts.actor import Actor
from portal.accounts.models import User, Workspace
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, PermissionDenied
from portal.kernel.ids import uuid7
from portal.operations import effect, operation
from training.models import CodeSnapshot, RuntimeEnvironment, TrainingJob
from training.models.jobs import TRAINING
from training.spec.reading import spec_digest, spec_read
from training.work.inputs import inputs_resolve

RUN_JOB = "training.run"
# How many attempts may be lost with their workers, beside those that the specification allows to fail.
LOST_ATTEMPTS = 5
_UUID = re.compile(r"[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\Z")
SUBMIT = "training.job.submit"


@operation(SUBMIT, on="workspace", lock="share")
def training_submit(
    *, actor: Actor, workspace: Workspace, spec: Mapping[str, Any], cloned_from: TrainingJob | None = None,
    training_id: UUID | None = None,
) -> TrainingJob:  # fmt: skip
    """Ask for a training in the name of the caller. `spec` follows `training/spec/schema.json`.

    `training_id` is for forms, which may be sent twice: asking again with the same one is answered with what was made.
    Raises InvalidInput (`invalid_spec`) with the place of what is wrong, and for code or data that is not there.
    """
    return _submit(actor, workspace, spec, cloned_from, TRAINING, key="", training_id=training_id)


@effect(SUBMIT, on="workspace", lock="share")
def training_begin(
    *, actor: Actor, workspace: Workspace, spec: Mapping[str, Any], purpose: str = TRAINING, key: str = "",
    cloned_from: TrainingJob | None = None,
) -> TrainingJob:  # fmt: skip
    """Ask for a training as a part of a larger operation, such as the step of a pipeline.

    `actor` is the person in whose name it runs. `key` makes it idempotent: while one of that key is active, it is the
    answer.
    """
    return _submit(actor, workspace, spec, cloned_from, purpose, key)


def training_like(
    actor: Actor, original: TrainingJob, spec: Mapping[str, Any], *, code: CodeSnapshot | None,
    environment: RuntimeEnvironment | None, training_id: UUID | None = None,
) -> TrainingJob:  # fmt: skip
    """A clone, within the operation that asks for it. `code` and `environment` are those that it shall use again."""
    made = _submit(actor, original.workspace, spec, original, TRAINING, key="", training_id=training_id)
    if made.job.attempt:
        return made
    made.code, made.environment = code or made.code, environment
    made.save(update_fields=["code", "environment"])
    return made


def _submit(
    actor: Actor, workspace: Workspace, given: Mapping[str, Any], cloned_from: TrainingJob | None, purpose: str,
    key: str, training_id: UUID | None = None,
) -> TrainingJob:  # fmt: skip
    person = person_of(actor)
    spec = spec_read(given)
    asked = training_id
    if asked is not None and (made := _asked_before(asked, workspace, person)):
        return made
    training_id = asked or uuid7()
    job = enqueue(
        RUN_JOB, key=key or str(training_id), args={"training_id": str(training_id)}, actor=actor,
        workspace_id=workspace.pk, queue=spec["queue"], priority=spec["priority"],
        max_attempts=int(spec["limits"]["retries"]) + LOST_ATTEMPTS,
    )  # fmt: skip
    if job.args["training_id"] != str(training_id):
        return TrainingJob.objects.select_related("workspace", "job").get(job=job)
    if asked is not None and (made := _asked_before(asked, workspace, person)):
        return made  # the other one of a double click was a moment earlier
    spec["name"] = spec.get("name") or random_name()
    spec["inputs"] = inputs_resolve(actor, workspace, spec["inputs"])
    return TrainingJob.objects.create(
        id=training_id, workspace=workspace, experiment=experiment_of(actor, workspace, spec["experiment"]),
        name=spec["name"], purpose=purpose, spec=spec, spec_digest=spec_digest(spec), executor=spec["executor"],
        job=job, code=code_of(workspace, spec["code"]), cloned_from=cloned_from, requested_by=person, created_at=now(),
    )  # fmt: skip


def _asked_before(training_id: UUID, workspace: Workspace, person: User) -> TrainingJob | None:
    """The training that this form has made already. Raises Conflict where the id is that of somebody else's."""
    found = TrainingJob.objects.select_related("workspace", "job").filter(pk=training_id).first()
    if found is not None and (found.workspace_id, found.requested_by_id) != (workspace.pk, person.pk):
        raise Conflict("Another training has this id. Load the form anew.", code="id_taken")
    return found


def person_of(actor: Actor) -> User:
    """The account in whose name the code acts. Raises PermissionDenied for the portal's own jobs."""
    if actor.user_id is None:
        raise PermissionDenied(f"{actor.name} is no account, and somebody answers for every training.")
    return User.objects.get(pk=actor.user_id)


def experiment_of(actor: Actor, workspace: Workspace, name: str) -> Experiment:
    """The active experiment of that name, made when there is none. Raises Conflict for a deleted one."""
    found = Experiment.objects.filter(workspace=workspace, name=name).first()
    if found is None:
        return experiment_begin(actor=actor, workspace=workspace, name=name)
    if found.lifecycle_stage != ACTIVE:
        raise Conflict(
            f"The experiment {name} was deleted. Restore it, or name another.", code="experiment_deleted"
        )
    return found


def code_of(workspace: Workspace, code: Mapping[str, Any]) -> CodeSnapshot | None:
    """The uploaded code that is named; what comes from elsewhere is fetched by the job."""
    if "snapshot" not in code:
        return None
    key = str(code["snapshot"])
    known = CodeSnapshot.objects.filter(workspace=workspace)
    found = known.filter(pk=key).first() if _UUID.match(key) else None
    if found is None:
        raise InvalidInput(
            f"code/snapshot: {workspace} has no code {code['snapshot']}. Upload it first.",
            code="no_such_code",
        )
    return found
