"""Rules of retention, and asking for a collection of what is over."""

from experiments.models import Collection, Experiment, RetentionRule
from experiments.models.retention import DAYS_AT_MOST
from jobs.queue import enqueue
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.operations import Changed, operation

COLLECT_JOB = "experiments.collect"
START = "experiments.collection.start"


@operation("experiments.retention.update", on="workspace", lock="share")
def retention_set(
    *,
    actor: Actor,
    workspace: Workspace,
    experiment: Experiment | None = None,
    purge_after_days: int,
    delete_after_days: int | None = None,
) -> Changed[RetentionRule]:
    """Set the rule of a workspace, or of an experiment in it. Raises InvalidInput (`invalid_retention`)."""
    _experiment_check(workspace, experiment)
    for days in (purge_after_days, delete_after_days):
        if days is not None and not 1 <= days <= DAYS_AT_MOST:
            raise InvalidInput(f"A retention is 1 to {DAYS_AT_MOST:,} days.", code="invalid_retention")
    old = RetentionRule.objects.filter(workspace=workspace, experiment=experiment).first()
    rule, _ = RetentionRule.objects.update_or_create(
        workspace=workspace, experiment=experiment,
        defaults={
            "purge_after_days": purge_after_days, "delete_after_days": delete_after_days,
            "changed_by_id": actor.user_id, "changed_at": now(),
        },
    )  # fmt: skip
    return Changed(rule, before=_said(old), after=_said(rule), subject=experiment or workspace)


@operation("experiments.retention.update", on="workspace", lock="share")
def retention_clear(
    *, actor: Actor, workspace: Workspace, experiment: Experiment | None = None
) -> Changed[None]:
    """Take a rule away: of a workspace, so that nothing is collected; of an experiment, so that the workspace's holds.

    Raises NotFound when there is none.
    """
    _experiment_check(workspace, experiment)
    old = RetentionRule.objects.filter(workspace=workspace, experiment=experiment).first()
    if old is None:
        raise NotFound(f"{experiment or workspace} has no retention rule of its own.")
    RetentionRule.objects.filter(pk=old.pk).delete()
    return Changed(None, before=_said(old), after=_said(None), subject=experiment or workspace)


@operation(START, on="workspace", lock="share")
def collection_start(*, actor: Actor, workspace: Workspace, is_dry_run: bool) -> Collection:
    """Ask for a collection by the rules as they are then. Raises Conflict while another one is on its way."""
    made = Collection.objects.create(
        workspace=workspace, is_dry_run=is_dry_run, created_by_id=actor.user_id, created_at=now()
    )
    job = enqueue(
        COLLECT_JOB, key="collect", args={"collection_id": made.pk.hex}, actor=actor,
        workspace_id=workspace.pk,
    )  # fmt: skip
    if job.args["collection_id"] != made.pk.hex:
        raise Conflict(
            f"A collection of {workspace} is on its way. Wait until it has ended.", code="collecting_already"
        )
    made.job_id = job.pk
    made.save(update_fields=["job_id"])
    return made


def _experiment_check(workspace: Workspace, experiment: Experiment | None) -> None:
    if experiment is not None and experiment.workspace_id != workspace.pk:
        raise NotFound(f"{workspace} has no such experiment.")


def _said(rule: RetentionRule | None) -> dict[str, int | None]:
    return {
        "retention.purge_after_days": rule.purge_after_days if rule else None,
        "retention.delete_after_days": rule.delete_after_days if rule else None,
    }
