"""Routes of the pages about trainings; each part has a module of its own, included here."""

from django.urls import path

from training.web import reproduction_urls, views

urlpatterns = [
    path("training", views.trainings, name="trainings"),
    *reproduction_urls.urlpatterns,
]
