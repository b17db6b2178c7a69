"""The addresses of deployments below /api/v1/."""

from django.urls import path

from deployments.api import views

_ONE = "endpoints/<str:name>"

urlpatterns = [
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
]
