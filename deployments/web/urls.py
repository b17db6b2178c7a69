"""Routes of endpoints."""

from django.urls import path

from deployments.web import client_views, views

urlpatterns = [
    path(f"cli/{client_views.WHEEL}", client_views.client_package, name="client-package"),
    path("endpoints", views.endpoints, name="endpoints"),
    path("endpoints/new", views.endpoint_new, name="endpoint-new"),
    path("endpoints/<slug:name>", views.endpoint, name="endpoint"),
    path("endpoints/<slug:name>/deploy", views.deploy, name="endpoint-deploy"),
    path("endpoints/<slug:name>/try", views.try_it, name="endpoint-try"),
    path("endpoints/<slug:name>/rollback", views.rollback, name="endpoint-rollback"),
    path("endpoints/<slug:name>/stop", views.stop, name="endpoint-stop"),
    path("endpoints/<slug:name>/start", views.start, name="endpoint-start"),
    path("endpoints/<slug:name>/drill", views.drill, name="endpoint-drill"),
    path("endpoints/<slug:name>/delete", views.delete, name="endpoint-delete"),
]
