"""The addresses of what AI systems use below /api/v1/."""

from django.urls import path

from registry.api.system_views import SystemModelOne, SystemModels

urlpatterns = [
    path("ai-systems/<uuid:system_id>/models", SystemModels.as_view(), name="api-system-models"),
    path(
        "ai-systems/<uuid:system_id>/models/<uuid:link_id>", SystemModelOne.as_view(), name="api-system-model"
    ),
]
