"""Routes under /api/v1/ of monitoring."""

from django.urls import path

from monitoring.api import alert_views, metrics_views, plan_views, views

_ONE, _ALERT = "monitors/<uuid:monitor_id>", "alerts/<uuid:alert_id>"

urlpatterns = [
    path("metrics", metrics_views.Metrics.as_view(), name="api-metrics"),
    path("monitors", views.MonitorList.as_view(), name="api-monitors"),
    path(_ONE, views.MonitorOne.as_view(), name="api-monitor"),
    path(f"{_ONE}/silences", views.MonitorSilences.as_view(), name="api-monitor-silences"),
    path(f"{_ONE}/measurements", views.MeasurementList.as_view(), name="api-monitor-measurements"),
    path(f"{_ONE}/runs", views.RunList.as_view(), name="api-monitor-runs"),
    path(f"{_ONE}/runs/<uuid:run_id>", views.RunOne.as_view(), name="api-monitor-run"),
    path(
        "endpoints/<str:name>/default-monitors", views.DefaultMonitors.as_view(), name="api-default-monitors"
    ),
    path("endpoints/<str:name>/feedback", views.FeedbackList.as_view(), name="api-feedback"),
    path("alerts", alert_views.AlertList.as_view(), name="api-alerts"),
    path(_ALERT, alert_views.AlertOne.as_view(), name="api-alert"),
    path(
        f"{_ALERT}/acknowledgements",
        alert_views.Acknowledgements.as_view(),
        name="api-alert-acknowledgements",
    ),
    path(f"{_ALERT}/silences", alert_views.Silences.as_view(), name="api-alert-silences"),
    path(f"{_ALERT}/resolutions", alert_views.Resolutions.as_view(), name="api-alert-resolutions"),
    path("ai-systems/<uuid:system_id>/post-market-plan", plan_views.PlanOne.as_view(), name="api-plan"),
    path(
        "ai-systems/<uuid:system_id>/post-market-plan/reviews",
        plan_views.ReviewList.as_view(),
        name="api-reviews",
    ),
]
