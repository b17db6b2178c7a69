"""The addresses of datasets, storage and retention below /api/v1/."""

from django.urls import path

from experiments.api import dataset_views as views
from experiments.api import report_views, retention_views

_DATASET = "datasets/<slug:workspace>/<str:name>"
_REPORT = "reports/<uuid:report_id>"
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
    path("reports", report_views.ReportList.as_view(), name="api-reports"),
    path(_REPORT, report_views.ReportOne.as_view(), name="api-report"),
    path(f"{_REPORT}/versions", report_views.ReportVersions.as_view(), name="api-report-versions"),
    path(
        f"{_REPORT}/versions/<int:number>", report_views.ReportVersionOne.as_view(), name="api-report-version"
    ),
    path(
        f"{_REPORT}/restorations", report_views.ReportRestorations.as_view(), name="api-report-restorations"
    ),
    path("collections", retention_views.CollectionList.as_view(), name="api-collections"),
    path("collections/<uuid:collection_id>", retention_views.CollectionOne.as_view(), name="api-collection"),
    path(
        "collections/<uuid:collection_id>/things",
        retention_views.CollectionThings.as_view(),
        name="api-collection-things",
    ),
]
