"""Routes of sweeps."""

from django.urls import path

from training.web import sweep_views as views

urlpatterns = [
    path("training/sweeps", views.sweeps, name="sweeps"),
    path("training/sweeps/new", views.sweep_new, name="sweep-new"),
    path("training/sweeps/<uuid:sweep_id>", views.sweep, name="sweep"),
    path("training/sweeps/<uuid:sweep_id>/stop", views.stop, name="sweep-stop"),
    path("training/sweeps/<uuid:sweep_id>/register", views.register, name="sweep-register"),
]
