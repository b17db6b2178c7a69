"""Evidence that the registry keeps about the versions that an AI system uses, for the control catalogue."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from compliance.controls.providers import (
    FAIL,
    INFO,
    PASS,
    Item,
    Scope,
    evidence_provide,
    subject_finder_declare,
)
from compliance.gates import Subject
from compliance.models import AISystem
from experiments.models import Run, RunInput, RunTag
from portal.audit.models import AuditEvent
from registry.gate.subjects import VERSION_TYPE, version_subject
from registry.lineage.graph import NodeKey, lineage_of
from registry.models import Assignment, ModelCard, ModelVersion
from registry.selectors.systems import versions_used

_COMMIT, _REPOSITORY, _DIRTY = (
    "mlflow.source.git.commit",
    "mlflow.source.git.repoURL",
    "mlflow.source.git.dirty",
)


def _subjects(system: AISystem) -> Iterable[Subject]:
    return [version_subject(version) for version in versions_used(system)]


def _versions(scope: Scope) -> list[ModelVersion]:
    ids = [subject.id for subject in scope.subjects if subject.type == VERSION_TYPE]
    found = ModelVersion.objects.filter(pk__in=ids).select_related("model__workspace", "run__experiment")
    return list(found.defer("manifest").order_by("model__name", "version"))


def _moment(milliseconds: int | None) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC) if milliseconds is not None else None


def version_url(version: ModelVersion) -> str:
    return f"/models/{version.model.workspace.name}/{version.model.name}/versions/{version.version}"


@evidence_provide("model_version")
def version_entries(scope: Scope) -> Iterator[Item]:
    """The entries of the registry; what they declare of input and output is evidence of the gate beside it."""
    for version in _versions(scope):
        is_ready = version.status == "READY"
        yield Item(
            "model_version", f"{version} is {version.status}", version.ready_at, version.digest,
            PASS if is_ready else FAIL, version_url(version), version.pk.hex, object=(VERSION_TYPE, version.pk.hex),
        )  # fmt: skip


@evidence_provide("run", "code_ref", "dataset_digest")
def runs(scope: Scope) -> Iterator[Item]:
    """The run behind each version, the commit that it names, and the data that it read."""
    for version in _versions(scope):
        run = version.run
        if run is None:
            continue
        url, at = f"/runs/{run.pk.hex}", _moment(run.end_time or run.start_time)
        outcome = (
            PASS if run.status == "FINISHED" else INFO if run.status in ("RUNNING", "SCHEDULED") else FAIL
        )
        yield Item(
            "run", f"Run {run.name} of {run.experiment.name}, {run.status.lower()}", at, outcome=outcome, url=url,
            subject=version.pk.hex, object=("run", run.pk.hex), action="experiments.run.create",
            facts={"run_id": run.pk.hex},
        )  # fmt: skip
        yield from _code(version, run, url, at)
        yield from _data(version, run, url, at)


def _code(version: ModelVersion, run: Run, url: str, at: dt.datetime | None) -> Iterator[Item]:
    tags = dict(
        RunTag.objects.filter(run=run, key__in=[_COMMIT, _REPOSITORY, _DIRTY]).values_list("key", "value")
    )
    if not tags.get(_COMMIT):
        return
    is_dirty = tags.get(_DIRTY, "").lower() == "true"
    said = f"Commit {tags[_COMMIT]}{' with changes that are in no commit' if is_dirty else ''}"
    yield Item(
        "code_ref", said, at, tags[_COMMIT], FAIL if is_dirty else PASS, url, version.pk.hex,
        object=("run", run.pk.hex), action="experiments.run.create",
        facts={"repository": tags.get(_REPOSITORY, "")},
    )  # fmt: skip


def _data(version: ModelVersion, run: Run, url: str, at: dt.datetime | None) -> Iterator[Item]:
    for each in RunInput.objects.filter(run=run).select_related("dataset").order_by("dataset__name"):
        role = f" for {each.context}" if each.context else ""
        yield Item(
            "dataset_digest", f"Dataset {each.dataset.name}{role}", at, each.dataset.digest, PASS, url, version.pk.hex,
            object=("run", run.pk.hex), action="experiments.run.create",
            facts={"source_type": each.dataset.source_type, "name": each.dataset.name},
        )  # fmt: skip


@evidence_provide("model_card")
def cards(scope: Scope) -> Iterator[Item]:
    """The newest card of each version."""
    for version in _versions(scope):
        card = ModelCard.objects.filter(version=version).order_by("-number").first()
        if card is not None:
            yield Item(
                "model_card", f"Model card {card.number} of {version}", card.created_at, card.digest, PASS,
                version_url(version), version.pk.hex, object=("modelcard", card.pk.hex),
            )  # fmt: skip


@evidence_provide("lineage")
def lineages(scope: Scope) -> Iterator[Item]:
    """What each version was made from; an answer with unknown parts is shown as what it is."""
    for version in _versions(scope):
        graph = lineage_of(scope.actor, NodeKey("version", version.pk), direction="up")
        is_known = graph.coverage.unknown == 0 and not graph.is_cut
        yield Item(
            "lineage", f"Lineage of {version}: {graph.coverage.statement}", version.ready_at, "",
            PASS if is_known else FAIL, f"/lineage/{graph.start}", version.pk.hex,
            object=(VERSION_TYPE, version.pk.hex),
            facts={"nodes": len(graph.nodes), "unknown": graph.coverage.unknown, "hidden": graph.hidden},
        )  # fmt: skip


@evidence_provide("change_record")
def changes(scope: Scope) -> Iterator[Item]:
    """Every move of an alias or a stage of the models: from which version to which, when and by whom."""
    models = {version.model_id for version in _versions(scope)}
    rows = list(
        Assignment.objects.filter(model__in=models)
        .select_related("model__workspace", "version")
        .order_by("-valid_from", "-id")[:100]
    )
    events = _move_events(rows)
    for row in rows:
        until = f" until {row.valid_to:%Y-%m-%d %H:%M}" if row.valid_to else ""
        yield Item(
            "change_record", f"{row.kind} {row.name} of {row.model.name} meant v{row.version.version}{until}",
            row.valid_from, row.version.digest, url=f"/models/{row.model.workspace.name}/{row.model.name}",
            audit_event=events.get(row.pk), facts={"moved_by": row.moved_by, "version": row.version.version},
        )  # fmt: skip


def _move_events(rows: Sequence[Assignment]) -> dict[UUID, UUID]:
    """The event of each move: the first about the model or the version that was recorded once the interval began."""
    keys = {row.model_id.hex for row in rows} | {row.version_id.hex for row in rows}
    events = AuditEvent.objects.filter(
        object_type__in=["registeredmodel", VERSION_TYPE, "assignment"], outcome="done",
        object_id__in=keys | {row.pk.hex for row in rows},
        action__in=["registry.alias.move", "registry.stage.move"],
    ).order_by("id")  # fmt: skip
    known = list(events.values_list("object_id", "recorded_at", "uuid"))
    return {
        row.pk: found
        for row in rows
        if (
            found := next(
                (uuid for key, at, uuid in known if _tells(row, key) and at >= row.valid_from), None
            )
        )
    }


def _tells(row: Assignment, key: str) -> bool:
    return key in (row.pk.hex, row.model_id.hex, row.version_id.hex)


subject_finder_declare(_subjects)
