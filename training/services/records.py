"""What a training found while it ran, written down before the next step begins."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from experiments.models import Run
from experiments.services.runs import NewRun, run_begin, run_state_set
from portal.accounts.actor import Actor
from portal.accounts.services.tokens import job_token_issue, job_tokens_revoke
from portal.kernel.clock import now_ms
from portal.operations import Changed, operation
from training.models import CodeSnapshot, RuntimeEnvironment, TrainingJob
from training.services.endings import token_name

RECORD, BEGIN = "training.job.record", "training.job.begin"
BEGIN_ACTIONS = (
    "experiments.run.create",
    "experiments.run.update",
    "accounts.token.issue",
    "accounts.token.revoke",
)


@dataclass(frozen=True)
class Begun:
    """The run of a training and the secret of the token with which its code logs; shown once."""

    run: Run
    token: str


@operation(RECORD, on="training")
def training_record(
    *, actor: Actor, training: TrainingJob, code: CodeSnapshot | None = None,
    environment: RuntimeEnvironment | None = None, seen: dict[str, Any] | None = None,
) -> TrainingJob:  # fmt: skip
    """Write down with what a training runs. Facts of `seen` join those that are there."""
    training.code = code or training.code
    training.environment = environment or training.environment
    training.seen = {**training.seen, **(seen or {})}
    training.save(update_fields=["code", "environment", "seen"])
    return training


@operation(BEGIN, on="training")
def training_run_begin(
    *, actor: Actor, training: TrainingJob, requester: Actor, tags: dict[str, str], expires_at: dt.datetime,
    is_resumed: bool = False,
) -> Changed[Begun]:  # fmt: skip
    """Make the run of a training with the rights of who asked, or take up that of an earlier attempt.

    The tokens of earlier attempts end, unless what they started goes on elsewhere (`is_resumed`).
    Raises PermissionDenied when the requester may not log there any more.
    """
    if training.run is None:
        new = NewRun(
            name=training.name, user_name=requester.name, start_time=now_ms(), tags=list(tags.items())
        )
        training.run = run_begin(actor=requester, experiment=training.experiment, new=new)
        training.save(update_fields=["run"])
    elif training.run.status != "RUNNING":
        run_state_set(actor=requester, run=training.run, status="RUNNING")
    if is_resumed:
        return Changed(Begun(training.run, ""), before={}, after={"run": training.run.pk.hex})
    name = token_name(training.pk)
    job_tokens_revoke(actor=actor, user=training.requested_by, name=name)
    issued = job_token_issue(
        actor=actor,
        user=training.requested_by,
        name=name,
        workspace=training.workspace,
        expires_at=expires_at,
    )
    after = {"run": training.run.pk.hex, "expires_at": expires_at.isoformat()}
    return Changed(Begun(training.run, issued.secret), before={}, after=after)
