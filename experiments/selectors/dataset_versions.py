"""Reads of registered datasets and their versions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from experiments.data.schemas import SchemaDifference, schema_difference
from experiments.models import DataAsset, Dataset, DatasetVersion, RunInput
from experiments.models.dataset_versions import LOGGED_LENGTH
from portal.accounts.actor import Actor
from portal.kernel.errors import Conflict, NotFound


@dataclass(frozen=True)
class Reading:
    """A dataset as a run named it, and the version in the portal that it is."""

    dataset: Dataset
    context: str
    registered: DatasetVersion | None


_VERSIONS = ("asset", "workspace", "created_by", "made_by_run")


def assets_visible(actor: Actor) -> QuerySet[DataAsset]:
    """The datasets of the actor's workspaces with number, rows and time of their newest version."""
    newest = DatasetVersion.objects.filter(asset=OuterRef("pk")).order_by("-number")
    found = DataAsset.objects.select_related("workspace").annotate(
        newest_number=Subquery(newest.values("number")[:1]), newest_at=Subquery(newest.values("created_at")[:1]),
        newest_rows=Subquery(newest.values("row_count")[:1]), newest_role=Subquery(newest.values("role")[:1]),
        newest_size=Subquery(newest.values("size_bytes")[:1]),
        newest_class=Subquery(newest.values("classification")[:1]),
    )  # fmt: skip
    found = found.order_by("workspace__name", "name")
    return found if actor.workspace_ids is None else found.filter(workspace_id__in=actor.workspace_ids)


def asset_get(actor: Actor, workspace: str, name: str) -> DataAsset:
    """One dataset. Raises NotFound, also when the actor may not see it."""
    found = assets_visible(actor).filter(workspace__name=workspace, name=name).first()
    if found is None:
        raise NotFound(f"No dataset {name} in {workspace}, or you may not see it.")
    return found


def versions_visible(actor: Actor) -> QuerySet[DatasetVersion]:
    """The versions of the actor's workspaces, newest first."""
    found = DatasetVersion.objects.select_related(*_VERSIONS).order_by("-id")
    return found if actor.workspace_ids is None else found.filter(workspace_id__in=actor.workspace_ids)


def versions_of(actor: Actor, asset: DataAsset) -> QuerySet[DatasetVersion]:
    """The versions of a dataset, newest first, without what is long."""
    return versions_visible(actor).filter(asset=asset).defer("manifest", "datasheet")


def version_get(actor: Actor, workspace: str, name: str, number: int) -> DatasetVersion:
    """One version by its name. Raises NotFound, also when the actor may not see it."""
    found = versions_visible(actor).filter(
        workspace__name=workspace, asset__name=name, number=min(number, 2**31 - 1)
    )
    return _first(found, f"{name} v{number}")


def version_by_id(actor: Actor, version_id: UUID) -> DatasetVersion:
    """One version by its id. Raises NotFound, also when the actor may not see it."""
    return _first(versions_visible(actor).filter(pk=version_id), "dataset version")


def version_resolve(workspace_id: int, name: str, number: int | None = None) -> DatasetVersion:
    """The version of a dataset in a workspace, without a number the newest. Raises NotFound.

    It asks no permission: the caller works in the workspace already.
    """
    found = DatasetVersion.objects.select_related(*_VERSIONS).filter(
        workspace_id=workspace_id, asset__name=name
    )
    if number is not None:
        found = found.filter(number=min(number, 2**31 - 1))
    return _first(found.order_by("-number"), name if number is None else f"{name} v{number}")


def versions_compared(before: DatasetVersion, after: DatasetVersion) -> SchemaDifference:
    """How the columns differ. Raises Conflict where those of one are not known."""
    for version in (before, after):
        if version.schema is None or version.problem:
            why = version.problem or "its files were not read yet"
            raise Conflict(f"The columns of {version} are not known: {why}.", code="schema_unknown")
    return schema_difference(before.schema or [], after.schema or [])


def readings_of(versions: Iterable[DatasetVersion]) -> QuerySet[RunInput]:
    """The runs that say they read one of these versions of one dataset, newest first."""
    listed = list(versions)
    digests = {digest for each in listed for digest in (each.logged_digest, each.mlflow_digest) if digest}
    wanted: Any = Q(pk__in=[])
    if listed:
        first = listed[0]
        wanted = Q(
            dataset__workspace_id=first.workspace_id, dataset__name=first.asset.name,
            dataset__digest__in=digests,
        )  # fmt: skip
    found = RunInput.objects.filter(wanted).select_related("run__experiment", "dataset")
    return found.order_by(F("run_id").desc())


def readings_named(inputs: Iterable[RunInput]) -> list[Reading]:
    """What runs read, each with the version of a registered dataset that its digest names, where there is one."""
    listed = list(inputs)
    wanted: Any = Q(pk__in=[])
    for each in listed:
        dataset = each.dataset
        by_digest = Q(mlflow_digest=dataset.digest)
        if len(dataset.digest) == LOGGED_LENGTH:
            by_digest |= Q(digest__startswith=dataset.digest)
        wanted |= Q(workspace_id=dataset.workspace_id, asset__name=dataset.name) & by_digest
    found = DatasetVersion.objects.filter(wanted).select_related("asset", "workspace").order_by("number")
    known = {
        (version.workspace_id, version.asset.name, digest): version
        for version in found.defer("manifest", "datasheet", "schema")
        for digest in (version.logged_digest, version.mlflow_digest)
    }
    return [
        Reading(
            each.dataset,
            each.context or "",
            known.get((each.dataset.workspace_id, each.dataset.name, each.dataset.digest)),
        )
        for each in listed
    ]


def _first(found: QuerySet[DatasetVersion], what: str) -> DatasetVersion:
    version = found.first()
    if version is None:
        raise NotFound(f"No {what}, or you may not see it.")
    return version
