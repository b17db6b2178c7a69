"""Routes of endpoints."""

from django.urls import path

from deployments.web import act_views, client_views, scoring_views, views

urlpatterns = [
    path(f"cli/{client_views.WHEEL}", client_views.client_package, name="client-package"),
    path("scorings", scoring_views.scorings, name="scorings"),
    path("scorings/<uuid:scoring_id>", scoring_views.scoring, name="scoring"),
    path("scorings/<uuid:scoring_id>/again", scoring_views.again, name="scoring-again"),
    path(
        "models/<slug:workspace>/<str:name>/versions/<int:number>/score",
        scoring_views.scoring_new,
        name="scoring-new",
    ),
    path("endpoints", views.endpoints, name="endpoints"),
    path("endpoints/new", views.endpoint_new, name="endpoint-new"),
    path("endpoints/<slug:name>", views.endpoint, name="endpoint"),
    path("endpoints/<slug:name>/deploy", views.deploy, name="endpoint-deploy"),
    path("endpoints/<slug:name>/requests", views.endpoint_requests, name="endpoint-requests"),
    path("endpoints/<slug:name>/try", views.try_it, name="endpoint-try"),
    path("endpoints/<slug:name>/rollback", act_views.rollback, name="endpoint-rollback"),
    path("endpoints/<slug:name>/rollout/pause", act_views.rollout_halt, name="rollout-pause"),
    path("endpoints/<slug:name>/rollout/resume", act_views.rollout_go_on, name="rollout-resume"),
    path("endpoints/<slug:name>/rollout/abort", act_views.rollout_end, name="rollout-abort"),
    path("endpoints/<slug:name>/rollout/promote", act_views.rollout_finish, name="rollout-promote"),
    path("endpoints/<slug:name>/stop", act_views.stop, name="endpoint-stop"),
    path("endpoints/<slug:name>/start", act_views.start, name="endpoint-start"),
    path("endpoints/<slug:name>/drill", act_views.drill, name="endpoint-drill"),
    path("endpoints/<slug:name>/delete", act_views.delete, name="endpoint-delete"),
]
