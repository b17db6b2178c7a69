"""Routes of monitoring's pages."""

from django.urls import path

from monitoring.web import alert_views, plan_views, views

_ONE, _ALERT, _SYSTEM = "monitors/<uuid:monitor_id>", "alerts/<uuid:alert_id>", "systems/<uuid:system_id>"

urlpatterns = [
    path("monitors", views.monitors, name="monitors"),
    path("endpoints/<slug:name>/monitors/new", views.monitor_new, name="monitor-new"),
    path("endpoints/<slug:name>/monitors/default", views.monitors_usual, name="monitors-default"),
    path(_ONE, views.monitor, name="monitor"),
    path(f"{_ONE}/edit", views.monitor_edit, name="monitor-edit"),
    path(f"{_ONE}/measure", views.monitor_now, name="monitor-measure"),
    path(f"{_ONE}/pause", views.monitor_pause, name="monitor-pause"),
    path(f"{_ONE}/silence", views.monitor_quiet, name="monitor-silence"),
    path(f"{_ONE}/delete", views.monitor_remove, name="monitor-delete"),
    path("alerts", alert_views.alerts, name="alerts"),
    path(_ALERT, alert_views.alert, name="alert"),
    path(f"{_ALERT}/acknowledge", alert_views.acknowledge, name="alert-acknowledge"),
    path(f"{_ALERT}/silence", alert_views.silence, name="alert-silence"),
    path(f"{_ALERT}/resolve", alert_views.resolve, name="alert-resolve"),
    path(f"{_SYSTEM}/plan", plan_views.plan, name="system-plan"),
    path(f"{_SYSTEM}/plan/review", plan_views.review, name="system-plan-review"),
]
