"""Routes of reproductions."""

from django.urls import path

from training.web import reproduction_views as views

VERSION = "models/<slug:workspace>/<str:name>/versions/<int:number>"

urlpatterns = [
    path(f"{VERSION}/reproductions", views.reproductions, name="version-reproductions"),
    path(f"{VERSION}/reproductions/new", views.reproduce, name="version-reproduce"),
    path("training/reproductions/<uuid:reproduction_id>", views.reproduction, name="reproduction"),
]
