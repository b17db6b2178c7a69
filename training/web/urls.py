"""Routes of the pages about trainings; each part has a module of its own, included here."""

from django.urls import path

from training.web import (
    client_views,
    comparison_views,
    dataset_urls,
    pipeline_urls,
    reproduction_urls,
    submit_views,
    sweep_urls,
    views,
)

urlpatterns = [
    path("training", views.trainings, name="trainings"),
    path("training/new", submit_views.training_new, name="training-new"),
    path("training/new/specification", submit_views.training_preview, name="training-preview"),
    path("training/comparison", comparison_views.comparison, name="training-comparison"),
    path("training/<uuid:training_id>", views.training, name="training"),
    path("training/<uuid:training_id>/again", views.again, name="training-again"),
    path("training/<uuid:training_id>/cancellations", views.cancel, name="training-cancel"),
    path("cli/portal.py", client_views.client_program, name="client-program"),
    *reproduction_urls.urlpatterns,
    *dataset_urls.urlpatterns,
    *pipeline_urls.urlpatterns,
    *sweep_urls.urlpatterns,
]
