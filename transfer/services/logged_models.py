"""Logged models of a source."""

import re
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid5

from experiments.artifacts.locations import model_location
from experiments.batch import Metrics
from experiments.models import Experiment, LoggedModel, LoggedModelParam, LoggedModelTag
from experiments.models.logged_model import PENDING, READY
from experiments.services.digests import digest_enqueue
from experiments.services.logged_models import model_metrics_write
from experiments.validation.names import logged_model_name_check
from portal.accounts.actor import Actor
from portal.operations import Changed, operation
from transfer.models import Origin, Peer
from transfer.objects import ModelPoint, SourceModel
from transfer.services.origins import changed, mark, marks

IMPORT = "transfer.logged_model.import"
_MODEL_ID = re.compile(r"m-[0-9a-f]{32}")


@operation(IMPORT, on="experiment", lock="share")
def logged_model_import(
    *, actor: Actor, experiment: Experiment, peer: Peer, found: SourceModel, run_id: UUID | None
) -> Changed[Origin]:
    """Make a logged model, pending until its files are there; `run_id` is its source run here."""
    logged_model_name_check(found.name)
    model_id = _free_id(peer, found.id)
    model = LoggedModel.objects.create(
        id=model_id, workspace_id=experiment.workspace_id, experiment=experiment, source_run_id=run_id,
        created_by_id=actor.user_id, name=found.name, model_type=found.model_type, status=PENDING,
        status_message=found.status_message,
        artifact_location=model_location(experiment.workspace_id, experiment.pk, model_id),
        creation_timestamp=found.created_at, last_updated_timestamp=found.updated_at,
    )  # fmt: skip
    _pairs_write(model, found.params, found.tags)
    origin = Origin.objects.create(peer=peer, kind="logged_model", there=found.id, here=model_id, seen={})
    return Changed(origin, before={}, after={"name": found.name, "source_id": found.id}, subject=model)


@operation(IMPORT, on="model")
def logged_model_finish(
    *, actor: Actor, model: LoggedModel, origin: Origin, found: SourceModel, runs: Mapping[str, UUID]
) -> Changed[None]:
    """Bring params, tags, points and status of a logged model up to what the source says.

    `runs` has the ids here of runs that points belong to. A ready model gets its digest from a job.
    """
    seen, new = origin.seen, model_seen(found)
    _pairs_write(model, found.params, changed(seen.get("tags", {}), found.tags))
    if seen.get("points") != new["points"]:
        for run_id, points in _by_run(found.points, runs).items():
            model_metrics_write(run_id=run_id, metrics=_metrics(model, points))
    if seen.get("status") != found.status and not model.digest:
        model.status, model.status_message = found.status, found.status_message
        model.save(update_fields=["status", "status_message"])
        if found.status == READY:
            digest_enqueue(actor, model)
    origin.seen, origin.is_complete = {**seen, **new, "checked": False}, True
    origin.save()
    return Changed(
        None, before={"status": PENDING}, after={"status": model.status, "points": len(found.points)}
    )


def model_seen(found: SourceModel) -> dict[str, object]:
    """What the source says about a logged model, apart from its files."""
    return {
        "status": found.status, "params": marks(found.params), "tags": marks(found.tags),
        "points": mark(sorted(map(repr, found.points))), "point_count": len(set(found.points)),
    }  # fmt: skip


def _free_id(peer: Peer, model_id: str) -> str:
    is_free = _MODEL_ID.fullmatch(model_id) and not LoggedModel.objects.filter(pk=model_id).exists()
    return model_id if is_free else f"m-{uuid5(peer.pk, model_id).hex}"


def _pairs_write(model: LoggedModel, params: Mapping[str, str], tags: Mapping[str, str]) -> None:
    LoggedModelParam.objects.bulk_create(
        [LoggedModelParam(model=model, key=key, value=value) for key, value in params.items()],
        ignore_conflicts=True,
    )
    LoggedModelTag.objects.bulk_create(
        [LoggedModelTag(model=model, key=key, value=value) for key, value in tags.items()],
        update_conflicts=True, unique_fields=["model_id", "key"], update_fields=["value"],
    )  # fmt: skip


def _by_run(points: Sequence[ModelPoint], runs: Mapping[str, UUID]) -> dict[UUID, list[ModelPoint]]:
    found: dict[UUID, list[ModelPoint]] = {}
    for point in points:
        if point.run_id in runs:
            found.setdefault(runs[point.run_id], []).append(point)
    return found


def _metrics(model: LoggedModel, points: Sequence[ModelPoint]) -> Metrics:
    return Metrics(
        keys=[point.key for point in points], values=[point.value for point in points],
        timestamps=[point.timestamp for point in points], steps=[point.step for point in points],
        model_ids=[model.pk] * len(points), dataset_names=[point.dataset_name for point in points],
        dataset_digests=[point.dataset_digest for point in points],
    )  # fmt: skip
