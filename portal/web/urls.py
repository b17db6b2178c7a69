"""Routes of the pages; those of the experiment browser hang below."""

from django.urls import include, path

from portal.web import account_views, audit_views, client_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path(f"cli/{client_views.CLIENT.file_name}", client_views.typed_client, name="typed-client"),
    path("search", views.search, name="search"),
    path("preferences/<slug:name>", views.preference, name="preference"),
    path("tokens", account_views.tokens, name="tokens"),
    path("tokens/new", account_views.token_new, name="token-new"),
    path("tokens/<uuid:token_id>/revoke", account_views.token_end, name="token-revoke"),
    path("workspaces", account_views.workspaces, name="workspaces"),
    path("workspaces/<slug:name>/members", account_views.members, name="members"),
    path("workspaces/<slug:name>/members/add", account_views.member_add, name="member-add"),
    path("workspaces/<slug:name>/members/remove", account_views.member_remove, name="member-remove"),
    path("audit", audit_views.audit, name="audit"),
    path("audit/<slug:object_type>/<str:object_id>", audit_views.audit_trail, name="audit-trail"),
    path("", include("jobs.web.urls")),
    path("", include("experiments.web.urls")),
    path("", include("registry.web.urls")),
    path("", include("transfer.web.urls")),
    path("", include("training.web.urls")),
    path("", include("deployments.web.urls")),
    path("", include("monitoring.web.urls")),
    path("", include("compliance.web.urls")),
]
