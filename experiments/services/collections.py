"""What a collection does to the database. Its files are removed between marking and purging, by its job.

A run is marked first, under the lock that a restore takes, too; then its files go; then its rows, with the audit
event. Whoever is killed in between leaves marked runs, which the next attempt or the next collection finishes.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import CASCADE, Model, Q

from experiments.models import Collected, Collection, Experiment, LoggedModel, Run, RunSet, StorageUse
from experiments.models.experiment import ACTIVE, DELETED
from experiments.models.retention import DELETE, GONE, KEPT, MARKED, ORPHAN, PURGE, RUN, WOULD
from experiments.models.run import TERMINAL_STATUSES
from experiments.selectors.keepers import kept_runs, runs_on_hold
from portal import access
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.clock import now, now_ms
from portal.operations import Changed, effect, operation, writer

RECORD, COUNT = "experiments.collection.record", "experiments.storage.count"
_HOLD = "SELECT id FROM experiments_run WHERE id = ANY(%s) AND workspace_id = %s ORDER BY id FOR UPDATE"
_TOTALS = """
SELECT c.experiment_id, coalesce(e.name, ''), c.act, c.state, count(*), sum(c.files), sum(c.bytes), sum(c.points)
FROM experiments_collected c LEFT JOIN experiments_experiment e ON e.id = c.experiment_id
WHERE c.collection_id = %s GROUP BY 1, 2, 3, 4 ORDER BY 1 NULLS LAST, 3, 4
"""


@dataclass(frozen=True)
class Weighed:
    """A run that may be collected: what there is of it, a digest of that, and why its time is over."""

    run: Run
    files: int
    bytes: int
    points: int
    digest: str
    reason: str


@writer(RECORD)
def collected_note(*, actor: Actor, collection: Collection, things: Sequence[Collected]) -> None:
    """Keep what a dry run found, or what stays and why; noting it again changes nothing."""
    access.require(actor, RECORD, collection)
    Collected.objects.bulk_create(things, ignore_conflicts=True)


@operation("experiments.run.delete", on="collection")
def runs_expire(
    *, actor: Actor, collection: Collection, run_ids: Sequence[UUID], ended_before: int
) -> Changed[int]:
    """Delete active runs that ended before a time (ms) and that nothing needs; how many."""
    held = _held(collection, run_ids)
    kept = kept_runs(collection.workspace_id, held, now_ms=now_ms())
    due = Run.objects.filter(
        Q(end_time__lt=ended_before) | Q(end_time=None, start_time__lt=ended_before),
        pk__in=[each for each in held if each not in kept], lifecycle_stage=ACTIVE, status__in=TERMINAL_STATUSES,
    )  # fmt: skip
    runs = list(due)
    changed = sql.execute(
        "UPDATE experiments_run SET lifecycle_stage = %s, deleted_time = %s, changes = changes + 1 WHERE id = ANY(%s)",
        (DELETED, now_ms(), [run.pk for run in runs]),
    )
    Collected.objects.bulk_create(
        [thing_of(collection, run, DELETE, GONE, "its time is over, and nothing needs it") for run in runs],
        ignore_conflicts=True,
    )
    return _about(collection, [run.pk for run in runs], changed, {"lifecycle_stage": DELETED})


@writer(RECORD)
def runs_mark(
    *, actor: Actor, collection: Collection, weighed: Sequence[Weighed], deleted_before: int
) -> list[UUID]:
    """Mark the runs that are still deleted since before a time (ms) and kept by nothing; which these are.

    From now on they cannot be restored. A run that stays is noted with the reason.
    """
    access.require(actor, RECORD, collection)
    with transaction.atomic():
        held = _held(collection, [each.run.pk for each in weighed])
        kept = kept_runs(collection.workspace_id, held, now_ms=now_ms())
        due = set(
            Run.objects.filter(
                pk__in=held, lifecycle_stage=DELETED, deleted_time__lt=deleted_before
            ).values_list("pk", flat=True)
        )
        things = [
            weighed_thing(collection, each, KEPT if each.run.pk in kept else MARKED, kept.get(each.run.pk))
            for each in weighed
            if each.run.pk in due
        ]
        Collected.objects.bulk_create(things, ignore_conflicts=True)
        subjects = [thing.subject for thing in things if thing.state == MARKED]
        marked = Collected.objects.filter(state=MARKED, subject__in=subjects)
        return [thing.run_id for thing in marked]


@operation("experiments.run.purge", on="collection")
def runs_purge(*, actor: Actor, collection: Collection, run_ids: Sequence[UUID]) -> Changed[int]:
    """Remove the rows of marked runs, whose files are gone, with all that hangs on them; how many runs.

    One event tells of them, with a digest of what they were.
    """
    held = _held(collection, run_ids)
    marked = list(
        Collected.objects.filter(
            collection__workspace=collection.workspace_id,
            state=MARKED,
            subject__in=[each.hex for each in held],
        ).order_by("subject")
    )
    ids = [thing.run_id for thing in marked]
    models = list(LoggedModel.objects.filter(source_run__in=ids).values_list("pk", flat=True))
    for kind, keys in ((Run, ids), (LoggedModel, models)):
        _what_hangs_remove(kind, keys)
    LoggedModel.objects.filter(pk__in=models).delete()
    Run.objects.filter(pk__in=ids).delete()
    Collected.objects.filter(pk__in=[thing.pk for thing in marked]).update(state=GONE)
    contents = {
        "files": sum(thing.files for thing in marked), "bytes": sum(thing.bytes for thing in marked),
        "points": sum(thing.points for thing in marked),
        "contents_sha256": _digest(thing.digest for thing in marked),
    }  # fmt: skip
    return _about(collection, ids, len(ids), contents)


@operation("experiments.orphan.purge", on="collection")
def orphans_purge(*, actor: Actor, collection: Collection, things: Sequence[Collected]) -> Changed[list[str]]:
    """Permit and record the removal of files that no row knows; the caller removes them when this is committed."""
    Collected.objects.bulk_create(things, ignore_conflicts=True)
    return Changed(
        [thing.subject for thing in things], before={},
        after={
            "folders": len(things), "files": sum(thing.files for thing in things),
            "bytes": sum(thing.bytes for thing in things), "paths_sha256": _digest(thing.subject for thing in things),
        },
    )  # fmt: skip


@effect("experiments.collection.finish", on="collection")
def collection_finish(*, actor: Actor, collection: Collection) -> Collection:
    """Sum up what was collected. Doing it again changes nothing."""
    if collection.finished_at is None:
        names = ("experiment", "name", "act", "state", "things", "files", "bytes", "points")
        found = sql.rows(_TOTALS, (collection.pk,))
        collection.totals = [
            {
                **dict(zip(names[:5], row[:5], strict=True)),
                **{n: int(v) for n, v in zip(names[5:], row[5:], strict=True)},
            }
            for row in found
        ]
        collection.finished_at = now()
        collection.save(update_fields=["totals", "finished_at"])
    return collection


@writer(COUNT)
def storage_counted(*, actor: Actor, experiment: Experiment, files: int, size: int, points: int) -> None:
    """Keep how much an experiment takes, as it was just counted."""
    access.require(actor, COUNT, experiment)
    counted = {
        "files": files, "bytes": size, "points": points, "runs": experiment.runs.count(), "counted_at": now(),
    }  # fmt: skip
    StorageUse.objects.update_or_create(experiment=experiment, defaults=counted)


@operation("experiments.upload.clear")
def uploads_clear(*, actor: Actor, uploads: int, files: int, size: int) -> Changed[None]:
    """Record that parts of uploads that were never finished are removed; the caller does so when this is committed."""
    return Changed(None, before={}, after={"uploads": uploads, "files": files, "bytes": size})


def on_hold_now(collection: Collection, run_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Which of the marked runs a hold keeps that was placed since: they are left as they are until it is released."""
    return runs_on_hold(collection.workspace_id, run_ids)


def thing_of(collection: Collection, run: Run, act: str, state: str, reason: str) -> Collected:
    """A run as a line of the report."""
    return Collected(
        collection=collection, kind=RUN, subject=run.pk.hex, name=run.name, experiment_id=run.experiment_id,
        act=act, state=state, reason=reason[:500],
    )  # fmt: skip


def weighed_thing(collection: Collection, each: Weighed, state: str, kept: str | None = None) -> Collected:
    """A run that may be purged as a line of the report; `kept` is why it stays."""
    thing = thing_of(collection, each.run, PURGE, state, kept or each.reason)
    thing.files, thing.bytes, thing.points, thing.digest = each.files, each.bytes, each.points, each.digest
    return thing


def orphan_thing(collection: Collection, path: str, files: int, size: int) -> Collected:
    """Files that no row knows as a line of the report."""
    number = int(path.split("/")[1])
    return Collected(
        collection=collection, kind=ORPHAN, subject=path, experiment_id=number, act=PURGE,
        state=WOULD if collection.is_dry_run else GONE, files=files, bytes=size,
        reason="no run and no logged model has these files",
    )  # fmt: skip


def waiting_thing(collection: Collection, path: str, size: int, reason: str) -> Collected:
    """A file that nothing waits for any more as a line of the report."""
    return Collected(
        collection=collection, kind=ORPHAN, subject=path, act=PURGE, files=1, bytes=size, reason=reason,
        state=WOULD if collection.is_dry_run else GONE,
    )  # fmt: skip


def _held(collection: Collection, run_ids: Sequence[UUID]) -> list[UUID]:
    return [pk for (pk,) in sql.rows(_HOLD, (list(run_ids), collection.workspace_id))]


def _what_hangs_remove(kind: type[Model], keys: Sequence[Any]) -> None:
    """What goes with rows of a kind. What is kept by others was found out when the runs were marked."""
    for relation in kind._meta.related_objects:
        if isinstance(relation.related_model, type) and relation.on_delete is CASCADE:
            relation.related_model._base_manager.filter(**{f"{relation.field.attname}__in": keys}).delete()


def _about(collection: Collection, ids: Sequence[UUID], result: int, after: dict[str, Any]) -> Changed[int]:
    made = RunSet.objects.create(
        workspace_id=collection.workspace_id, run_ids=sorted(ids), found_by=str(collection)
    )
    said = {"runs": len(ids), "run_ids_sha256": _digest(run_id.hex for run_id in sorted(ids)), **after}
    return Changed(result, before={}, after={**said, "collection": collection.pk.hex}, subject=made)


def _digest(texts: Any) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
