"""Saving pipelines, and beginning, cancelling and resuming their runs. What comes between is in `pipeline_moves`."""

import re
from collections.abc import Mapping
from typing import Any

from jobs.queue import enqueue
from jobs.registry import SYSTEM_QUEUE
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput
from portal.operations import Changed, effect, locked, operation
from training.models import Pipeline, PipelineRun, PipelineStep, PipelineVersion
from training.models.pipelines import BLOCKED, CANCELLED, FAILED, RUNNING, WAITING
from training.pipelines.reading import document_digest, document_read
from training.services.jobs import person_of
from training.spec.reading import plain_check

SAVE, RUN = "training.pipeline.save", "training.pipeline.run"
CANCEL, RESUME = "training.pipeline.cancel", "training.pipeline.resume"
ADVANCE_JOB = "training.pipeline.advance"
_NAME = re.compile(r"[^\W_][\w .-]{0,119}")
_KINDS: tuple[tuple[type, ...], ...] = ((str,), (bool,), (int, float))


@operation(SAVE, on="workspace", lock="share")
def pipeline_save(
    *, actor: Actor, workspace: Workspace, name: str, document: Any, source: str = ""
) -> Changed[PipelineVersion]:
    """Save a version of the pipeline of that name, which is made when there is none; `source` is its text as written.

    Where its newest version says the same, that one is the answer. What starts the pipeline in the name of the caller
    starts the new version from now on; what others made does so when they make it anew. Raises InvalidInput
    (`invalid_pipeline`) with the place.
    """
    person, read = person_of(actor), document_read(document)
    digest = document_digest(read)
    pipeline, _ = Pipeline.objects.get_or_create(
        workspace=workspace, name=_named(name), defaults={"created_by": person, "created_at": now()}
    )
    pipeline = locked(pipeline)
    newest = pipeline.versions.order_by("-number").first()
    if newest is None or (newest.digest, newest.source) != (digest, source):
        newest = PipelineVersion.objects.create(
            pipeline=pipeline, number=newest.number + 1 if newest else 1, document=read, digest=digest,
            source=source, created_by=person, created_at=now(),
        )  # fmt: skip
    after = {"pipeline": pipeline.name, "version": newest.number, "digest": digest}
    for kind, starts in (("schedules", pipeline.schedules), ("triggers", pipeline.triggers)):
        own = starts.filter(created_by=person).exclude(version=newest)
        after[kind] = sorted(str(key) for key in own.values_list("pk", flat=True))
        own.update(version=newest)
    return Changed(newest, before={}, after=after, subject=pipeline)


@operation(RUN, on="pipeline", lock="share")
def pipeline_begin(
    *, actor: Actor, pipeline: Pipeline, version: PipelineVersion, parameters: Mapping[str, Any] | None = None,
    is_cached: bool = True,
) -> PipelineRun:  # fmt: skip
    """Run a version in the name of the caller. Raises InvalidInput for parameters that it does not have."""
    return _begin(
        actor, version, parameters or {}, is_cached, cause=f"{actor.name} started it.", cause_key=None
    )


@effect(RUN, on="pipeline", lock="share")
def pipeline_begin_within(
    *, actor: Actor, pipeline: Pipeline, version: PipelineVersion, parameters: Mapping[str, Any], cause: str,
    cause_key: str,
) -> PipelineRun:  # fmt: skip
    """Run a version as a part of what starts it; `actor` is the person in whose name that happens."""
    return _begin(actor, version, parameters, True, cause=cause, cause_key=cause_key)


@operation(CANCEL, on="run")
def pipeline_cancel(*, actor: Actor, run: PipelineRun, reason: str = "") -> PipelineRun:
    """Begin no more steps and cancel those that run; again changes nothing. Raises Conflict when it is over."""
    if not run.goes_on:
        raise Conflict(f"The {run} cannot be cancelled: it is {run.state} already.", code="invalid_state")
    if not run.is_cancelling:
        run.is_cancelling = True
        run.reason = f"Cancelled by {actor.name}: {reason}" if reason else f"Cancelled by {actor.name}."
        run.save(update_fields=["is_cancelling", "reason"])
    advance_ask(actor, run, "cancel")
    return run


@operation(RESUME, on="run")
def pipeline_resume(*, actor: Actor, run: PipelineRun, reason: str = "") -> PipelineRun:
    """Go on where a run failed or was cancelled, in the name of the caller: what succeeded stays.

    Raises Conflict for a run that goes on or succeeded.
    """
    if run.state not in (FAILED, CANCELLED):
        raise Conflict(f"The {run} cannot be resumed: it is {run.state}.", code="invalid_state")
    again = run.steps.filter(state__in=[FAILED, CANCELLED, BLOCKED])
    again.update(state=WAITING, reason="", ended_at=None)
    run.state, run.ended_at, run.is_cancelling = RUNNING, None, False
    run.reason, run.requested_by = "", person_of(actor)
    run.save(update_fields=["state", "ended_at", "is_cancelling", "reason", "requested_by"])
    advance_ask(actor, run, "resume")
    return run


def advance_ask(actor: Actor, run: PipelineRun, why: str) -> None:
    """Have a run looked at. Each `why` has a job of its own: one that already looks may not see what came since."""
    enqueue(
        ADVANCE_JOB, key=f"{run.pk} {why}", args={"run_id": str(run.pk)}, actor=actor,
        workspace_id=run.workspace_id, queue=SYSTEM_QUEUE,
    )  # fmt: skip


def _begin(
    actor: Actor, version: PipelineVersion, given: Mapping[str, Any], is_cached: bool, *, cause: str,
    cause_key: str | None,
) -> PipelineRun:  # fmt: skip
    run = PipelineRun.objects.create(
        workspace=version.pipeline.workspace, version=version, is_cached=is_cached, cause=cause, cause_key=cause_key,
        parameters=parameters_read(version.document, given), requested_by=person_of(actor), created_at=now(),
    )  # fmt: skip
    PipelineStep.objects.bulk_create(PipelineStep(run=run, name=name) for name in version.document["steps"])
    advance_ask(actor, run, "start")
    return run


def parameters_plain(given: Any) -> None:
    """Raise InvalidInput for what are no names with values that can be kept."""
    if not isinstance(given, Mapping):
        raise InvalidInput("parameters: names and values.", code="invalid_parameters")
    plain_check(dict(given), what="list of parameters", code="invalid_parameters")


def parameters_read(document: Mapping[str, Any], given: Any) -> dict[str, Any]:
    """The parameters of a run: the defaults, and what was given in their place. Raises InvalidInput."""
    parameters_plain(given)
    defaults = document["parameters"]
    for name, value in given.items():
        if name not in defaults:
            known = ", ".join(defaults) or "none"
            raise InvalidInput(f"parameters/{name}: the pipeline has {known}.", code="invalid_parameters")
        if _kind(value) != _kind(defaults[name]):
            what = type(defaults[name]).__name__
            raise InvalidInput(
                f"parameters/{name}: it is a {what}, as its default.", code="invalid_parameters"
            )
    return {**defaults, **given}


def _named(name: Any) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name.strip()):
        raise InvalidInput(
            "The name of a pipeline has up to 120 letters, digits, blanks, dots, dashes and underscores.",
            code="invalid_name",
        )
    return name.strip()


def _kind(value: Any) -> int:
    return next((number for number, kinds in enumerate(_KINDS) if isinstance(value, kinds)), -1)
