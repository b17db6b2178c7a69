"""The addresses of holds, retention, access reviews and the inbox below /api/v1/."""

from django.urls import path

from compliance.api import keeping_views as views

REVIEW = "access-reviews/<uuid:review>"
urlpatterns = [
    path("inbox", views.Inbox.as_view(), name="api-inbox"),
    path("legal-holds", views.HoldList.as_view(), name="api-holds"),
    path("legal-holds/<uuid:hold>/releases", views.HoldReleases.as_view(), name="api-hold-releases"),
    path("retention-classes", views.RetentionClasses.as_view(), name="api-retention-classes"),
    path("access-reviews", views.ReviewList.as_view(), name="api-access-reviews"),
    path(REVIEW, views.ReviewOne.as_view(), name="api-access-review"),
    path(f"{REVIEW}/decisions", views.ReviewDecisions.as_view(), name="api-access-review-decisions"),
    path(f"{REVIEW}/completions", views.ReviewCompletions.as_view(), name="api-access-review-completions"),
]
