"""The daily round: collections where a rule asks for them, a count of the others, and uploads that nobody finished."""

import datetime as dt
from contextlib import suppress

from experiments.models import Experiment, RetentionRule
from experiments.orphans import storage_count, uploads_remove, waiting_clear
from experiments.services.collections import COUNT
from experiments.services.retention import START, collection_start
from jobs.periodic import periodic
from jobs.registry import SYSTEM_QUEUE, job
from jobs.step import JobStep
from portal.accounts.models import Workspace
from portal.kernel.errors import Conflict

KIND = "experiments.keep_house"


@job(
    KIND, queue=SYSTEM_QUEUE, restartable=True, actions=[START, COUNT, "experiments.upload.clear"], max_attempts=3,
    time_limit=dt.timedelta(hours=20),
)  # fmt: skip
def keep_house(step: JobStep) -> dict[str, int]:
    """Look after the store, workspace by workspace; a second attempt goes on behind the last one that was done."""
    for workspace in Workspace.objects.filter(pk__gt=step.cursor.get("workspace", 0)).order_by("pk"):
        if RetentionRule.objects.filter(workspace=workspace).exists():
            with suppress(Conflict):  # one is on its way
                collection_start(actor=step.actor, workspace=workspace, is_dry_run=False)
        else:
            storage_count(step, workspace.pk)
            waiting_clear(step, workspace.pk)
        step.checkpoint({"workspace": workspace.pk})
    return uploads_remove(step)


periodic(KIND, every=dt.timedelta(days=1), wanted=lambda: Experiment.objects.exists())
