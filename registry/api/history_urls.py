"""The addresses of the past below /api/v1/."""

from django.urls import path

from registry.api.history_views import History

urlpatterns = [path("registered-models/<str:name>/history", History.as_view(), name="api-history")]
