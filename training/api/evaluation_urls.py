"""The addresses of evaluations and checks of data below /api/v1/."""

from django.urls import path

from training.api import data_check_views, evaluation_views

_VERSION = "datasets/<slug:workspace>/<str:name>/versions/<int:number>"

urlpatterns = [
    path("model-evaluations", evaluation_views.EvaluationList.as_view(), name="api-model-evaluations"),
    path(
        "model-evaluations/<uuid:evaluation_id>",
        evaluation_views.EvaluationOne.as_view(),
        name="api-model-evaluation",
    ),
    path(f"{_VERSION}/checks", data_check_views.CheckList.as_view(), name="api-data-checks"),
    path("data-checks/<uuid:check_id>", data_check_views.CheckOne.as_view(), name="api-data-check"),
]
