"""The job that collects garbage: runs whose time is over, and files that no row knows.

For each run: it is marked, its files are removed, its rows go with an audit event. A job that is killed begins
again; what is marked is finished first, and what is gone is not found again. A dry run weighs the same runs and
removes nothing.
"""

import datetime as dt
from collections.abc import Iterator
from functools import partial
from uuid import UUID

from experiments.artifacts.store import artifact_store
from experiments.models import Collection, LoggedModel, Run
from experiments.models.retention import DELETE, KEPT, WOULD
from experiments.orphans import orphans_collect
from experiments.selectors import retention as reads
from experiments.selectors.keepers import kept_runs
from experiments.services import collections as acts
from experiments.services.retention import COLLECT_JOB
from experiments.weighing import folder_remove, run_folders, runs_weighed
from jobs.errors import NothingToDo
from jobs.registry import SYSTEM_QUEUE, job
from jobs.step import JobStep
from portal.kernel.clock import now_ms

AT_ONCE = 50
ACTIONS = [
    acts.RECORD, acts.COUNT, "experiments.run.delete", "experiments.run.purge", "experiments.orphan.purge",
    "experiments.collection.finish",
]  # fmt: skip


@job(
    COLLECT_JOB, queue=SYSTEM_QUEUE, restartable=True, repeatable=False, actions=ACTIONS, max_attempts=5,
    time_limit=dt.timedelta(days=1),
)  # fmt: skip
def collect(step: JobStep, *, collection_id: str) -> None:
    """Collect what the rules of a workspace say, and count what stays."""
    collection = Collection.objects.select_related("workspace").filter(pk=collection_id).first()
    if collection is None or collection.finished_at is not None:
        raise NothingToDo("This collection has ended.")
    if not collection.is_dry_run:
        _marked_finish(step, collection)
    for scope in reads.scopes_of(collection.workspace):
        _expire(step, collection, scope)
        _purge(step, collection, scope)
    orphans_collect(step, collection)
    step.finish(partial(_finished, step, collection))


def _finished(step: JobStep, collection: Collection) -> dict[str, int]:
    done = acts.collection_finish(actor=step.actor, collection=collection)
    return {"things": sum(each["things"] for each in done.totals or ())}


def _expire(step: JobStep, collection: Collection, scope: reads.Scope) -> None:
    """Delete what ended so long ago that the rule deletes it. It is purged when it was deleted long enough, too."""
    after, started = None, now_ms()
    while runs := reads.expirable(scope, now_ms=started, after=after, size=AT_ONCE):
        step.checkpoint({"doing": "deleting", "after": runs[-1].pk.hex})
        after = runs[-1].pk
        if not collection.is_dry_run:
            acts.runs_expire(
                actor=step.actor, collection=collection, run_ids=[run.pk for run in runs],
                ended_before=reads.expires_before(scope, started),
            )  # fmt: skip
            continue
        kept = kept_runs(collection.workspace_id, [run.pk for run in runs], now_ms=started)
        reason = f"by {scope.of}: it ended more than {scope.rule.delete_after_days} days ago"
        things = [
            acts.thing_of(
                collection, run, DELETE, KEPT if run.pk in kept else WOULD, kept.get(run.pk, reason)
            )
            for run in runs
        ]
        acts.collected_note(actor=step.actor, collection=collection, things=things)


def _purge(step: JobStep, collection: Collection, scope: reads.Scope) -> None:
    started = now_ms()
    before = reads.purged_before(scope, started)
    for runs in _deleted(step, scope, started):
        reason = f"by {scope.of}: it was deleted more than {scope.rule.purge_after_days} days ago"
        weighed = runs_weighed(runs, {run.pk: reason for run in runs})
        if not collection.is_dry_run:
            marked = acts.runs_mark(
                actor=step.actor, collection=collection, weighed=weighed, deleted_before=before
            )
            _marked_remove(step, collection, marked)
            continue
        kept = kept_runs(collection.workspace_id, [run.pk for run in runs], now_ms=started)
        things = [
            acts.weighed_thing(
                collection, each, KEPT if each.run.pk in kept else WOULD, kept.get(each.run.pk)
            )
            for each in weighed
        ]
        acts.collected_note(actor=step.actor, collection=collection, things=things)


def _deleted(step: JobStep, scope: reads.Scope, started: int) -> Iterator[list[Run]]:
    after = None
    while runs := reads.purgeable(scope, now_ms=started, after=after, size=AT_ONCE):
        step.checkpoint({"doing": "purging", "after": runs[-1].pk.hex})
        after = runs[-1].pk
        yield runs


def _marked_finish(step: JobStep, collection: Collection) -> None:
    """Finish what an attempt or a collection before this one left behind."""
    left: list[UUID] = []
    while marked := reads.marked_in(collection.workspace, but=left, size=AT_ONCE):
        step.checkpoint({"doing": "finishing"})
        left += marked
        _marked_remove(step, collection, marked)


def _marked_remove(step: JobStep, collection: Collection, marked: list[UUID]) -> None:
    """Remove the files of marked runs, then their rows. What was put on hold since then is left as it is."""
    held = acts.on_hold_now(collection, marked)
    going = [run_id for run_id in marked if run_id not in held]
    store = artifact_store()
    for run in Run.objects.filter(pk__in=going).order_by("pk"):
        for folder in run_folders(run, LoggedModel.objects.filter(source_run=run)):
            folder_remove(store, folder)
        step.check()
    if going:
        acts.runs_purge(actor=step.actor, collection=collection, run_ids=going)
