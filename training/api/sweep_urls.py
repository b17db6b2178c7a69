"""The addresses of sweeps below /api/v1/."""

from django.urls import path

from training.api import sweep_views as views

urlpatterns = [
    path("sweep-schema", views.SweepSchema.as_view(), name="api-sweep-schema"),
    path("sweeps", views.SweepList.as_view(), name="api-sweeps"),
    path("sweeps/<uuid:sweep_id>", views.SweepOne.as_view(), name="api-sweep"),
    path("sweeps/<uuid:sweep_id>/trials", views.SweepTrials.as_view(), name="api-sweep-trials"),
    path("sweeps/<uuid:sweep_id>/stops", views.SweepStop.as_view(), name="api-sweep-stop"),
    path(
        "sweeps/<uuid:sweep_id>/registrations",
        views.SweepRegistrations.as_view(),
        name="api-sweep-registrations",
    ),
]
