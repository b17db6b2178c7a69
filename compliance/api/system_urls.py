"""The addresses of AI systems and of the control catalogue below /api/v1/."""

from django.urls import path

from compliance.api import system_views as views

urlpatterns = [
    path("ai-systems", views.SystemList.as_view(), name="api-systems"),
    path("ai-systems/<uuid:system_id>", views.SystemOne.as_view(), name="api-system"),
    path(
        "ai-systems/<uuid:system_id>/reclassifications", views.SystemReclassifications.as_view(),
        name="api-system-reclassifications",
    ),
    path("ai-systems/<uuid:system_id>/retirements", views.SystemRetirements.as_view(), name="api-system-retirements"),
]  # fmt: skip
