"""How the end of a job ends its training: the run, the token, and what waits for it."""

from collections.abc import Callable
from typing import Any

from experiments.models.run import TERMINAL_STATUSES
from experiments.services.runs import run_state_set
from jobs.models import CANCELLED, DONE, FAILED
from portal.accounts.actor import Actor
from portal.accounts.services.tokens import job_tokens_revoke
from portal.kernel.clock import now
from portal.operations import Changed, effect
from training.models import TrainingClaim, TrainingJob

END = "training.job.end"
ENDING_ACTIONS = (END, "experiments.run.update", "accounts.token.revoke")
_STATUS = {DONE: "FINISHED", FAILED: "FAILED", CANCELLED: "KILLED"}

# Called as `listener(actor=, training=, state=)` in the transaction that ends the job; kept short: they enqueue.
LISTENERS: list[Callable[..., object]] = []


def token_name(training_id: object) -> str:
    """The name of the tokens that the code of a training gets."""
    return f"training {training_id}"


@effect(END, on="training")
def training_end(*, actor: Actor, training: TrainingJob, state: str) -> Changed[None]:
    """End the run, the token, and tell who waits for the training, in the transaction that ends its job."""
    if training.run is not None and training.run.status not in TERMINAL_STATUSES:
        run_state_set(actor=actor, run=training.run, status=_STATUS[state])
    TrainingClaim.objects.filter(training=training, ended_at=None).update(ended_at=now(), sealed="")
    job_tokens_revoke(actor=actor, user=training.requested_by, name=token_name(training.pk))
    for listener in LISTENERS:
        listener(actor=actor, training=training, state=state)
    after: dict[str, Any] = {"state": state, "run": training.run.pk.hex if training.run else None}
    return Changed(None, before={}, after=after)
