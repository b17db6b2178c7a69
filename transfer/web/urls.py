"""Routes of the pages of imports."""

from django.urls import path

from transfer.web import views

urlpatterns = [
    path("workspaces/<slug:name>/imports", views.imports, name="imports"),
    path("workspaces/<slug:name>/imports/new", views.import_new, name="import-new"),
    path("imports/<uuid:import_id>", views.import_one, name="import"),
]
