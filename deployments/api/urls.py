"""The addresses of deployments below /api/v1/."""

from django.urls import path

from deployments.api import rollout_views, scoring_views, views

_ONE = "endpoints/<str:name>"
_ROLLOUT = f"{_ONE}/rollouts/current"

urlpatterns = [
    path("batch-scorings", scoring_views.ScoringList.as_view(), name="api-batch-scorings"),
    path("batch-scorings/<uuid:scoring_id>", scoring_views.ScoringOne.as_view(), name="api-batch-scoring"),
    path(
        "batch-scorings/<uuid:scoring_id>/retries",
        scoring_views.ScoringRetries.as_view(),
        name="api-batch-scoring-retries",
    ),
    path("endpoints", views.EndpointList.as_view(), name="api-endpoints"),
    path(_ONE, views.EndpointOne.as_view(), name="api-endpoint"),
    path(f"{_ONE}/revisions", views.RevisionList.as_view(), name="api-revisions"),
    path(f"{_ONE}/revisions/<int:number>", views.RevisionOne.as_view(), name="api-revision"),
    path(f"{_ONE}/gate", views.GateOne.as_view(), name="api-endpoint-gate"),
    path(f"{_ONE}/rollbacks", views.RollbackList.as_view(), name="api-rollbacks"),
    path(f"{_ONE}/stops", views.StopList.as_view(), name="api-endpoint-stops"),
    path(f"{_ONE}/starts", views.StartList.as_view(), name="api-endpoint-starts"),
    path(f"{_ONE}/drills", views.DrillList.as_view(), name="api-endpoint-drills"),
    path(f"{_ONE}/traffic", views.TrafficList.as_view(), name="api-endpoint-traffic"),
    path(f"{_ONE}/rollouts", views.RolloutList.as_view(), name="api-rollouts"),
    path(f"{_ROLLOUT}/pauses", rollout_views.RolloutPauses.as_view(), name="api-rollout-pauses"),
    path(f"{_ROLLOUT}/resumes", rollout_views.RolloutResumes.as_view(), name="api-rollout-resumes"),
    path(f"{_ROLLOUT}/aborts", rollout_views.RolloutAborts.as_view(), name="api-rollout-aborts"),
    path(f"{_ROLLOUT}/promotions", rollout_views.RolloutPromotions.as_view(), name="api-rollout-promotions"),
]
