"""The addresses of the control catalogue below /api/v1/."""

from django.urls import path

from compliance.api import control_views as views

urlpatterns = [
    path("controls", views.Controls.as_view(), name="api-controls"),
    path("ai-systems/<uuid:system_id>/controls", views.SystemControls.as_view(), name="api-system-controls"),
    path(
        "ai-systems/<uuid:system_id>/controls/<str:control_id>/statements",
        views.ControlStatements.as_view(),
        name="api-control-statements",
    ),
]
