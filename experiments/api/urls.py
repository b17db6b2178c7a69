"""The addresses of datasets below /api/v1/."""

from django.urls import path

from experiments.api import dataset_views as views

_DATASET = "datasets/<slug:workspace>/<str:name>"
_VERSION = f"{_DATASET}/versions/<int:number>"

urlpatterns = [
    path("datasets", views.DatasetList.as_view(), name="api-datasets"),
    path(f"{_DATASET}/versions", views.VersionList.as_view(), name="api-dataset-versions"),
    path(_VERSION, views.VersionOne.as_view(), name="api-dataset-version"),
    path(f"{_VERSION}/comparison", views.VersionComparison.as_view(), name="api-dataset-comparison"),
    path(f"{_VERSION}/files/<path:path>", views.VersionFile.as_view(), name="api-dataset-file"),
]
