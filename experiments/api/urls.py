"""The addresses of datasets, storage and retention below /api/v1/."""

from django.urls import path

from experiments.api import dataset_views as views
from experiments.api import retention_views

_DATASET = "datasets/<slug:workspace>/<str:name>"
_WORKSPACE = "workspaces/<slug:workspace>"
_VERSION = f"{_DATASET}/versions/<int:number>"

urlpatterns = [
    path("datasets", views.DatasetList.as_view(), name="api-datasets"),
    path(f"{_DATASET}/versions", views.VersionList.as_view(), name="api-dataset-versions"),
    path(_VERSION, views.VersionOne.as_view(), name="api-dataset-version"),
    path(f"{_VERSION}/comparison", views.VersionComparison.as_view(), name="api-dataset-comparison"),
    path(f"{_VERSION}/files/<path:path>", views.VersionFile.as_view(), name="api-dataset-file"),
    path(f"{_WORKSPACE}/storage", retention_views.WorkspaceStorage.as_view(), name="api-storage"),
    path(
        f"{_WORKSPACE}/storage/experiments",
        retention_views.ExperimentStorage.as_view(),
        name="api-storage-experiments",
    ),
    path(f"{_WORKSPACE}/retention", retention_views.RetentionList.as_view(), name="api-retention"),
    path("collections", retention_views.CollectionList.as_view(), name="api-collections"),
    path("collections/<uuid:collection_id>", retention_views.CollectionOne.as_view(), name="api-collection"),
    path(
        "collections/<uuid:collection_id>/things",
        retention_views.CollectionThings.as_view(),
        name="api-collection-things",
    ),
]
