"""Runs one attempt of a training, step by step. A step whose result is recorded is not done again."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from django.conf import settings

from jobs.errors import Permanent, Transient
from jobs.process.command import Exit
from jobs.process.run import log_write
from jobs.step import JobStep
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import InvalidInput
from training.executors import EXECUTORS, Prepared, submission_of
from training.models import TrainingJob
from training.services.records import Begun, training_record, training_run_begin
from training.spec.executors import LOCAL
from training.spec.reading import seconds
from training.work.code import code_place
from training.work.command import command_of
from training.work.environment import BUILD_SECONDS, Built, environment_of, environment_ready
from training.work.finishing import purpose_finish, purpose_run
from training.work.inputs import inputs_check, inputs_note, inputs_place
from training.work.interpreters import version_here
from training.work.machine import machine
from training.work.outputs import datasets_keep
from training.work.project import OURS, Project, project_read
from training.work.records import artifacts_keep, kept_anyway, outputs_keep, params_log
from training.work.scratch import scratch
from training.work.swept import swept_check
from training.work.values import values_file, values_read

TOKEN_SLACK = dt.timedelta(minutes=10)


def training_run(step: JobStep, training: TrainingJob) -> None:
    """Everything from the code to the outputs. Raises Permanent where another try would not help."""
    with scratch(step) as folder:
        snapshot = code_place(step, training, folder / "code")
        project = _project(step, training, folder)
        built = _environment(step, training, project, folder)
        training = training_record(
            actor=step.actor, training=training, code=snapshot, environment=built.environment, seen=machine()
        )
        requester = Actor.of_user(training.requested_by, request_id=step.run.request_id)
        begun = _begin(step, training, requester)
        inputs = inputs_place(step, training, folder / "inputs")
        inputs_note(requester, begun.run, inputs)
        params_log(requester, begun.run, project.parameters)
        artifacts_keep(requester, training, begun.run)
        execute = partial(_execute, step, training, project, built, begun, folder)
        found = purpose_run(step, training, folder, execute)
        if training.executor != LOCAL:
            artifacts_keep(requester, training, begun.run)
        kept_anyway(requester, begun.run, folder / "outputs" / OURS)
        _judge(step, training, found)
        checked = inputs_check(step, inputs, folder / "inputs")
        outputs = outputs_keep(requester, training, begun.run, folder / "outputs")
        outputs |= datasets_keep(requester, training, begun.run, folder / "outputs")
        seen = {"inputs": checked, "outputs": outputs, "values": values_read(folder)}
        training_record(actor=step.actor, training=training, seen=seen)
        purpose_finish(step, training, requester, begun.run, folder)


def _project(step: JobStep, training: TrainingJob, folder: Path) -> Project:
    """How the code runs. What is wrong with it is written down before any run begins."""
    try:
        project = project_read(training.spec, folder / "code")
        swept_check(training, project.unused)
    except InvalidInput as no:
        refused = {"code": no.code, "detail": no.detail}
        training_record(actor=step.actor, training=training, seen={"refused": refused})
        raise
    for note in project.needs.notes:
        log_write(step, note)
    if project.unused:
        log_write(
            step, f"{', '.join(project.unused)}: logged, but neither the command nor a variable uses it."
        )
    return project


def _environment(step: JobStep, training: TrainingJob, project: Project, folder: Path) -> Built:
    """That of an earlier attempt or of what this is a clone of, that of the own lock, or what the requirements mean."""
    if training.environment is not None:
        return environment_ready(step, folder, training.environment.lock, training.environment.python_version)
    python = version_here(project.python, is_firm="python" in training.spec["environment"])
    if not python.startswith(project.python):
        log_write(step, f"The code asks for Python {project.python}; it runs with {python}, which is here.")
    if project.lock:
        return environment_ready(step, folder, project.lock, python)
    return environment_of(step, folder, project.needs, python)


def _begin(step: JobStep, training: TrainingJob, requester: Actor) -> Begun:
    limit = dt.timedelta(seconds=seconds(training.spec["limits"]["timeout"]))
    if training.executor != LOCAL:
        limit += dt.timedelta(seconds=settings.EXECUTORS_QUEUE_SECONDS + BUILD_SECONDS)
    return training_run_begin(
        actor=step.actor, training=training, requester=requester, tags=_tags(training),
        expires_at=now() + limit + TOKEN_SLACK, is_resumed=submission_of(step, training) is not None,
    )  # fmt: skip


def _execute(
    step: JobStep, training: TrainingJob, project: Project, built: Built, begun: Begun, folder: Path,
    variables: Mapping[str, str],
) -> Exit:  # fmt: skip
    """Run the command. `variables` are those of this execution, of which an attempt may have several."""
    command = command_of(training, project, built.python, begun, folder)
    outputs = (folder / "outputs" / name for name in training.spec["outputs"])
    for place in (values_file(folder).parent, *outputs):
        place.mkdir(mode=0o700, exist_ok=True)
    key = "-".join((training.pk.hex, str(step.attempt), *variables.values()))
    prepared = Prepared(
        training=training, key=submission_of(step, training) or key, folder=folder,
        command=replace(command, env={**command.env, **variables}), python=built.python,
        python_version=built.environment.python_version, lock=built.environment.lock,
        resources=training.spec["resources"],
    )  # fmt: skip
    found = EXECUTORS[training.executor].run(step, prepared)
    training.seen = {**training.seen, **prepared.facts}
    return found


def _judge(step: JobStep, training: TrainingJob, found: Exit) -> None:
    """Raise unless the command succeeded: to try again while the specification allows it."""
    facts = {
        "machine": training.seen["machine"],
        "exit": {
            "code": found.code, "signal": found.signal, "cause": found.cause, "seconds": round(found.seconds, 3),
            "peak_memory_bytes": found.peak_memory_bytes,
        }
    }  # fmt: skip
    training_record(actor=step.actor, training=training, seen=facts)
    if found.is_success:
        return
    what = {"signal": f"was ended by signal {found.signal}", "exited": f"ended with exit code {found.code}"}
    said = what.get(found.cause, f"was ended: it used too much {found.cause}")
    message = f"The command {said}. {found.tail[-1500:]}".strip()
    is_last = step.attempt > int(training.spec["limits"]["retries"])
    raise Permanent(message) if is_last else Transient(message)


def _tags(training: TrainingJob) -> dict[str, str]:
    """What the run says about where it comes from, in MLflow's words where there are any."""
    code, environment = training.code, training.environment
    tags = {
        **training.spec["tags"], "mlflow.source.type": "JOB", "mlflow.source.name": training.name,
        "portal.training": str(training.pk),
    }  # fmt: skip
    if "seed" in training.spec:
        tags["portal.seed"] = str(training.spec["seed"])
    if environment is not None:
        tags |= {
            "portal.environment.digest": environment.digest, "portal.python": environment.python_version,
            "portal.platform": environment.platform,
        }  # fmt: skip
    if code is not None:
        tags |= {"portal.code.digest": code.digest, "portal.code.dirty": str(code.is_dirty).lower()}
    if code is not None and code.git_commit:
        tags |= {"mlflow.source.git.commit": code.git_commit, "mlflow.source.git.repoURL": code.git_url}
        tags["mlflow.source.name"] = code.git_url or training.name
    return tags
