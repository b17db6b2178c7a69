"""Runs of a source: a page of them is one operation and one event, and their points are data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import F

from compliance.services.holds import hold_check
from experiments.artifacts.locations import run_location
from experiments.batch import Metrics
from experiments.models import Experiment, LatestMetric, MetricChunk, Run
from experiments.models.experiment import ACTIVE, DELETED
from experiments.services.batches import points_add
from experiments.services.held_runs import HeldRun, tags_write
from experiments.services.inputs import DatasetInput, datasets_write, links_write
from portal import access
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.clock import now_ms
from portal.operations import Changed, effect, operation, writer
from transfer.models import Origin, Peer
from transfer.objects import SourceRun
from transfer.services.half_runs import is_set_aside
from transfer.services.held import runs_held
from transfer.services.origins import changed, mark, marks, origins_of, run_ids_here

IMPORT, LOG = "transfer.run.import", "transfer.metric.import"
PARENT = "mlflow.parentRunId"
_PARAMS = """
INSERT INTO experiments_param (run_id, experiment_id, key, value)
SELECT p.run_id, %(experiment)s, p.key, p.value
FROM unnest(%(runs)s::uuid[], %(keys)s::text[], %(values)s::text[]) AS p(run_id, key, value) ON CONFLICT DO NOTHING
"""
_TAGS = """
INSERT INTO experiments_runtag (run_id, experiment_id, key, value)
SELECT p.run_id, %(experiment)s, p.key, p.value
FROM unnest(%(runs)s::uuid[], %(keys)s::text[], %(values)s::text[]) AS p(run_id, key, value)
"""
_HOLD = "UPDATE experiments_run SET changes = changes + 1 WHERE id = %s RETURNING id"


@dataclass(frozen=True)
class Link:
    """Logged models that a run read and made, by their ids here; those made with their step."""

    run: UUID
    read: Sequence[str] = ()
    made: Mapping[str, int] = field(default_factory=dict)


@operation(IMPORT, on="experiment", lock="share")
def runs_import(
    *, actor: Actor, experiment: Experiment, peer: Peer, runs: Sequence[SourceRun]
) -> Changed[dict[str, Origin]]:
    """Make the runs of a page that are new, with params, tags and datasets, and bring the others up to date.

    Their origins by the ids of the source. Each is incomplete until `runs_finish`.
    """
    known = origins_of(peer, "run", [run.id for run in runs])
    new = [run for run in runs if run.id not in known]
    here = run_ids_here(peer, _named(runs))
    _make(actor, experiment, new, here)
    made = [
        Origin(
            peer=peer, kind="run", there=run.id, here=here[run.id].hex,
            seen=run_seen(run, here) | {"stage": ACTIVE},  # until it is finished
        )
        for run in new
    ]  # fmt: skip
    Origin.objects.bulk_create(made)
    altered = [run.id for run in runs if run.id in known and _update(experiment, known[run.id], run, here)]
    return Changed(
        known | {origin.there: origin for origin in made}, before={},
        after={"runs_made": [here[run.id].hex for run in new], "runs_changed": altered},
    )  # fmt: skip


@operation(IMPORT, on="experiment", lock="share")
def runs_finish(
    *, actor: Actor, experiment: Experiment, stages: Mapping[UUID, str], origins: Sequence[Origin]
) -> Changed[list[UUID]]:
    """End the import of runs: those deleted at the source are deleted here, and all are complete.

    The runs that a legal hold keeps from that, which stay as they are.
    """
    kept = list(
        runs_held(experiment.workspace_id, [each for each, stage in stages.items() if stage == DELETED])
    )
    for stage, deleted_at in ((DELETED, now_ms()), (ACTIVE, None)):
        ids = [run_id for run_id, wanted in stages.items() if wanted == stage and run_id not in kept]
        Run.objects.filter(pk__in=ids).exclude(lifecycle_stage=stage).update(
            lifecycle_stage=stage, deleted_time=deleted_at, changes=F("changes") + 1
        )
    for origin in origins:
        origin.is_complete = True
    Origin.objects.bulk_update(origins, ["seen", "is_complete"])
    after = {
        "runs": len(origins),
        "deleted": [
            run_id.hex for run_id, stage in stages.items() if stage == DELETED and run_id not in kept
        ],
        "kept_on_hold": [run_id.hex for run_id in kept],
    }
    return Changed(kept, before={}, after=after)


@operation(IMPORT, on="experiment", lock="share")
def links_import(*, actor: Actor, experiment: Experiment, links: Sequence[Link]) -> Changed[None]:
    """Note the logged models that runs read and made."""
    for link in links:
        links_write(link.run, read=link.read, made=link.made)
    Run.objects.filter(pk__in=[link.run for link in links]).update(changes=F("changes") + 1)
    return Changed(None, before={}, after={"linked": [link.run.hex for link in links]})


@writer(LOG)
def points_import(*, actor: Actor, run: Run, metrics: Metrics) -> None:
    """Append points to a run that is brought over, deleted or not, in the transaction that the caller has open."""
    access.require(actor, LOG, run)
    sql.execute(_HOLD, (run.pk,))
    points_add(run.pk, metrics)


@effect("transfer.metric.replace", on="run")
def points_drop(*, actor: Actor, run: Run, metrics: Mapping[str, Sequence[Any]]) -> Changed[None]:
    """Take away what is here of sampled metrics, in the transaction that writes what the source says of them anew.

    `metrics` is `key -> [count, checksum]` of what goes. Raises PolicyViolation when a legal hold keeps the run.
    """
    hold_check(
        workspace_id=run.workspace_id, subjects=[("run", run.pk), ("experiment", run.experiment_id)],
        what=f"Points of run {run.pk.hex} cannot be replaced",
    )  # fmt: skip
    for table in (MetricChunk, LatestMetric):
        table.objects.filter(run=run, key__in=list(metrics)).delete()
    return Changed(None, before={"metrics": dict(metrics)}, after={"metrics": {}})


def run_seen(run: SourceRun, here: Mapping[str, UUID]) -> dict[str, Any]:
    """What the source says about a run, apart from points and files."""
    return {
        "name": run.name, "status": run.status, "end": run.end_time, "stage": run.stage, "params": marks(run.params),
        "tags": marks(_tags(run, here)), "inputs": mark([(each.fields, each.tags) for each in run.datasets]),
    }  # fmt: skip


def latest_mark(run: SourceRun) -> str:
    """What changes when points are added that are newer than the others."""
    return mark(sorted(map(repr, run.latest)))


def _named(runs: Sequence[SourceRun]) -> list[str]:
    return [*(run.id for run in runs), *(run.tags[PARENT] for run in runs if PARENT in run.tags)]


def _tags(run: SourceRun, here: Mapping[str, UUID]) -> dict[str, str]:
    """The tags as they are kept: a parent has the id that it has here."""
    tags = dict(run.tags)
    if PARENT in tags:
        tags[PARENT] = here[tags[PARENT]].hex
    return tags


def _make(actor: Actor, experiment: Experiment, runs: Sequence[SourceRun], here: Mapping[str, UUID]) -> None:
    Run.objects.bulk_create(
        Run(
            id=here[run.id], experiment=experiment, workspace_id=experiment.workspace_id, name=run.name,
            user_name=run.user_name, created_by_id=actor.user_id, status=run.status, start_time=run.start_time,
            end_time=run.end_time, artifact_uri=run_location(experiment.workspace_id, experiment.pk, here[run.id]),
        )
        for run in runs
    )  # fmt: skip
    for statement, pairs_of in ((_PARAMS, lambda run: run.params), (_TAGS, lambda run: _tags(run, here))):
        rows = [(here[run.id], key, value) for run in runs for key, value in pairs_of(run).items()]
        _pairs_write(statement, experiment, rows)
    for run in runs:
        _datasets(experiment, here[run.id], run)


def _update(experiment: Experiment, origin: Origin, run: SourceRun, here: Mapping[str, UUID]) -> bool:
    """Bring over what the source says anew about a run; whether there was anything."""
    old, new, is_back = origin.seen, run_seen(run, here), is_set_aside(origin)
    if not is_back and all(old.get(name) == value for name, value in new.items() if name != "stage"):
        return False
    run_id = UUID(origin.here)
    facts = {"name": run.name, "status": run.status, "end_time": run.end_time}
    columns = {"name": "name", "status": "status", "end_time": "end"}
    fresh = {column: facts[column] for column, name in columns.items() if old.get(name) != new[name]}
    fresh |= {"lifecycle_stage": ACTIVE, "deleted_time": None} if is_back else {}
    if not Run.objects.filter(pk=run_id).update(**fresh, changes=F("changes") + 1):
        return False  # it was purged here
    tags = changed(old.get("tags", {}), _tags(run, here))
    if tags:
        tags_write(HeldRun(run_id, experiment.pk), tags)
    _pairs_write(_PARAMS, experiment, [(run_id, key, value) for key, value in run.params.items()])
    if old.get("inputs") != new["inputs"]:
        _datasets(experiment, run_id, run)
    # The stage is brought over last, by `runs_finish`.
    origin.seen = {**old, **new, "stage": ACTIVE if is_back else old.get("stage", ACTIVE)}
    origin.is_complete = False
    origin.save(update_fields=["seen", "is_complete", "updated_at"])
    return True


def _pairs_write(statement: str, experiment: Experiment, rows: Sequence[tuple[UUID, str, str]]) -> None:
    if rows:
        runs, keys, values = zip(*rows, strict=True)
        given = {"experiment": experiment.pk, "runs": list(runs), "keys": list(keys), "values": list(values)}
        sql.execute(statement, given)


def _datasets(experiment: Experiment, run_id: UUID, run: SourceRun) -> None:
    inputs = {each.key: DatasetInput(each.fields, each.tags) for each in reversed(run.datasets)}
    if inputs:
        datasets_write(HeldRun(run_id, experiment.pk), list(inputs.values()))
