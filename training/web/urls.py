"""Routes of the pages about trainings; each part has a module of its own, included here."""

from django.urls import path

from training.web import client_views, reproduction_urls, views

urlpatterns = [
    path("training", views.trainings, name="trainings"),
    path("training/<uuid:training_id>", views.training, name="training"),
    path("training/<uuid:training_id>/again", views.again, name="training-again"),
    path("cli/portal.py", client_views.client_program, name="client-program"),
    *reproduction_urls.urlpatterns,
]
