"""Routes of datasets, checks and evaluations."""

from django.urls import path

from training.web import dataset_views, evaluation_views

_DATASET = "datasets/<slug:workspace>/<str:name>"
_NUMBERED = f"{_DATASET}/versions/<int:number>"
_MODEL = "models/<slug:workspace>/<str:name>/versions/<int:number>"

urlpatterns = [
    path("datasets", dataset_views.datasets, name="datasets"),
    path("datasets/new", dataset_views.dataset_new, name="dataset-new"),
    path(_DATASET, dataset_views.dataset, name="dataset"),
    path(_NUMBERED, dataset_views.dataset, name="dataset-version"),
    path("dataset-versions/<uuid:version_id>", dataset_views.dataset_by_id, name="dataset-version-by-id"),
    path(f"{_NUMBERED}/checks", dataset_views.check_new, name="data-check-new"),
    path(f"{_NUMBERED}/files/<path:path>", dataset_views.dataset_file, name="dataset-file"),
    path("data-checks/<uuid:check_id>", dataset_views.check, name="data-check"),
    path(f"{_MODEL}/evaluations", evaluation_views.evaluations, name="model-evaluations"),
    path(f"{_MODEL}/evaluations/new", evaluation_views.evaluation_new, name="model-evaluation-new"),
    path("model-evaluations/<uuid:evaluation_id>", evaluation_views.evaluation, name="model-evaluation"),
]
