"""The addresses of findings and re-certifications below /api/v1/."""

from django.urls import path

from compliance.api import follow_up_views as views

FINDING, RECERTIFICATION = "findings/<uuid:finding>", "recertifications/<uuid:recertification>"
urlpatterns = [
    path("findings", views.FindingList.as_view(), name="api-findings"),
    path(FINDING, views.FindingOne.as_view(), name="api-finding"),
    path(f"{FINDING}/assignments", views.FindingAssignments.as_view(), name="api-finding-assignments"),
    path(f"{FINDING}/reschedules", views.FindingReschedules.as_view(), name="api-finding-reschedules"),
    path(f"{FINDING}/closures", views.FindingClosures.as_view(), name="api-finding-closures"),
    path("recertifications", views.RecertificationList.as_view(), name="api-recertifications"),
    path(RECERTIFICATION, views.RecertificationOne.as_view(), name="api-recertification"),
    path(
        f"{RECERTIFICATION}/completions",
        views.RecertificationCompletions.as_view(),
        name="api-recertification-completions",
    ),
]
