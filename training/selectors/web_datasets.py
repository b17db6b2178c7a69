"""What the pages of datasets show: lists, what uses a version, and its profile."""

from typing import Any

from django.db.models import Q, QuerySet

from experiments.models import DataAsset, DatasetProfile, DatasetVersion, RunInput
from experiments.selectors.dataset_versions import assets_visible, readings_of
from portal.accounts.actor import Actor
from registry.models import ModelVersion

ROWS, USES = 50, 50


def dataset_rows(
    actor: Actor, *, text: str = "", workspace: str = "", page_token: str = ""
) -> tuple[list[DataAsset], str]:
    """One page of datasets by workspace and name, and the token of the next."""
    found = assets_visible(actor)
    if text:
        found = found.filter(name__icontains=text)
    if workspace:
        found = found.filter(workspace__name=workspace)
    if page_token:
        place, _, name = page_token.partition("/")
        found = found.filter(Q(workspace__name__gt=place) | Q(workspace__name=place, name__gt=name))
    rows = list(found[: ROWS + 1])
    if len(rows) <= ROWS:
        return rows, ""
    last = rows[ROWS - 1]
    return rows[:ROWS], f"{last.workspace.name}/{last.name}"


def profile_of(version: DatasetVersion) -> dict[str, Any] | None:
    """The figures of a version, once a job has read its files."""
    found = DatasetProfile.objects.filter(version=version).first()
    return dict(found.body) if found else None


def uses_of(version: DatasetVersion) -> tuple[list[RunInput], list[ModelVersion]]:
    """The newest runs that read a version, and the versions of models that were registered from them."""
    readings = list(readings_of([version])[:USES])
    models = ModelVersion.objects.filter(
        run__in=[each.run_id for each in readings], deleted_at=None, workspace_id=version.workspace_id
    )
    return readings, list(
        models.select_related("model", "workspace").defer("manifest").order_by("-version")[:USES]
    )


def versions_listed(version: DatasetVersion) -> QuerySet[DatasetVersion]:
    """The newest versions of the same dataset."""
    found = DatasetVersion.objects.filter(asset_id=version.asset_id).select_related("asset", "created_by")
    return found.defer("manifest", "datasheet").order_by("-number")[:USES]
