"""The addresses of imports below /api/v1/."""

from django.urls import path

from transfer.api import views

_WORKSPACE = "workspaces/<slug:workspace>"

urlpatterns = [
    path(f"{_WORKSPACE}/imports", views.ImportList.as_view(), name="api-imports"),
    path(f"{_WORKSPACE}/import-archives", views.ImportArchiveList.as_view(), name="api-import-archives"),
    path("imports/<uuid:import_id>", views.ImportOne.as_view(), name="api-import"),
]
