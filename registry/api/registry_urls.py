"""The addresses of registered models below /api/v1/."""

from django.urls import path

from registry.api import registry_views as views

_MODEL = "registered-models/<str:name>"
_VERSION = f"{_MODEL}/versions/<int:number>"

urlpatterns = [
    path("registered-models", views.ModelList.as_view(), name="api-models"),
    path(_MODEL, views.ModelOne.as_view(), name="api-model"),
    path(f"{_MODEL}/versions", views.VersionList.as_view(), name="api-versions"),
    path(_VERSION, views.VersionOne.as_view(), name="api-version"),
    path(f"{_VERSION}/verifications", views.VersionVerifications.as_view(), name="api-verifications"),
    path(f"{_MODEL}/aliases", views.AliasList.as_view(), name="api-aliases"),
    path(f"{_MODEL}/aliases/<str:alias>", views.AliasOne.as_view(), name="api-alias"),
    path(f"{_MODEL}/aliases/<str:alias>/history", views.AliasHistory.as_view(), name="api-alias-history"),
]
