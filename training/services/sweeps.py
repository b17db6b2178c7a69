"""Beginning and stopping a sweep. What comes between is done by jobs (`sweep_moves`)."""

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785
from django.conf import settings

from experiments.models import Run
from experiments.services.names import random_name
from experiments.services.runs import NewRun, run_begin
from jobs.queue import enqueue
from jobs.registry import SYSTEM_QUEUE
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.clock import now, now_ms
from portal.kernel.errors import Conflict
from portal.kernel.ids import uuid7
from portal.operations import operation
from training.models import Sweep
from training.services.jobs import code_of, experiment_of, person_of
from training.spec.reading import memory_bytes
from training.sweeps.facts import ACTIVE, ENDING, STOPPED
from training.sweeps.reading import sweep_read

START, STOP = "training.sweep.start", "training.sweep.stop"
ADVANCE_JOB = "training.sweep.advance"
PARENT_TAG, SWEEP_TAG, TRIAL_TAG = "mlflow.parentRunId", "portal.sweep", "portal.sweep.trial"
_GIB = 1024**3


@operation(START, on="workspace", lock="share")
def sweep_start(*, actor: Actor, workspace: Workspace, spec: Mapping[str, Any]) -> Sweep:
    """Begin a sweep in the name of the caller, with a run that holds its trials together.

    `spec` follows `training/sweeps/schema.json`. Raises InvalidInput (`invalid_sweep`, `invalid_spec`) with the place
    of what is wrong.
    """
    person, found = person_of(actor), sweep_read(spec)
    code_of(workspace, found["training"]["code"])
    sweep_id = uuid7()
    name = found["name"] = found.get("name") or random_name()
    experiment = experiment_of(actor, workspace, found["training"]["experiment"])
    tags = [(SWEEP_TAG, str(sweep_id)), ("mlflow.source.type", "JOB"), ("mlflow.source.name", name)]
    parent: Run = run_begin(
        actor=actor, experiment=experiment, new=NewRun(name, actor.name, start_time=now_ms(), tags=tags)
    )
    sweep = Sweep.objects.create(
        id=sweep_id, workspace=workspace, experiment=experiment, name=name, spec=found, parent_run=parent,
        spec_digest=hashlib.sha256(rfc8785.dumps(found)).hexdigest(), requested_by=person, created_at=now(),
        price_per_hour=price_per_hour(found["training"]["resources"]),
    )  # fmt: skip
    advance_ask(actor, sweep, "start")
    return sweep


@operation(STOP, on="sweep")
def sweep_stop(*, actor: Actor, sweep: Sweep, reason: str = "") -> Sweep:
    """Ask for no more trials and cancel those that run; doing so again changes nothing.

    Raises Conflict for a sweep that is over.
    """
    if not sweep.goes_on:
        raise Conflict(
            f"The sweep {sweep} cannot be stopped: it is {sweep.state} already.", code="invalid_state"
        )
    if sweep.state == ACTIVE or not sweep.cancels:
        sweep.state, sweep.ended_by, sweep.cancels = ENDING, STOPPED, True
        sweep.reason = f"Stopped by {actor.name}: {reason}" if reason else f"Stopped by {actor.name}."
        sweep.revision += 1
        sweep.save(update_fields=["state", "ended_by", "cancels", "reason", "revision"])
    advance_ask(actor, sweep, "stop")
    return sweep


def advance_ask(actor: Actor, sweep: Sweep, why: str) -> None:
    """Have a sweep looked at. Each `why` has a job of its own: one that already looks may not see what came since."""
    enqueue(
        ADVANCE_JOB, key=f"{sweep.pk} {why}", args={"sweep_id": str(sweep.pk)}, actor=actor,
        workspace_id=sweep.workspace_id, queue=SYSTEM_QUEUE,
    )  # fmt: skip


def price_per_hour(resources: Mapping[str, Any]) -> float:
    """What an hour of a training with these resources costs by the portal's prices."""
    prices = settings.TRAINING_PRICES
    gib = memory_bytes(resources["memory"]) / _GIB if "memory" in resources else 0
    return float(
        resources.get("cpus", 1) * prices["cpu"]
        + resources.get("gpus", 0) * prices["gpu"]
        + gib * prices["gib"]
    )
