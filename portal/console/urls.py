"""Routes of the console: its own pages, and the lists of records below them."""

from django.urls import path

import portal.console.records  # noqa: F401 - registers the lists
from portal.console import access_views, dossier_views, event_views, posture_views, retention_views
from portal.console.site import console_site

urlpatterns = [
    path("", posture_views.home, name="console-home"),
    path("posture/<slug:key>", posture_views.posture_list, name="console-posture"),
    path("posture/<slug:key>/export", posture_views.posture_export, name="console-posture-export"),
    path("audit", event_views.audit, name="console-audit"),
    path("audit/export", event_views.audit_export, name="console-audit-export"),
    path("audit/<uuid:uuid>", event_views.event, name="console-event"),
    path("audit/<uuid:uuid>/receipt", event_views.receipt, name="console-receipt"),
    path("decisions", dossier_views.dossiers, name="console-dossiers"),
    path("decisions/export", dossier_views.dossiers_export, name="console-dossiers-export"),
    path("decisions/<uuid:key>", dossier_views.dossier, name="console-dossier"),
    path("decisions/<uuid:key>/<slug:kind>", dossier_views.dossier_file, name="console-dossier-file"),
    path("access", access_views.access, name="console-access"),
    path("access/export", access_views.access_export, name="console-access-export"),
    path("access/grants", access_views.grant_give, name="console-grant-give"),
    path("access/grants/<uuid:key>/revoke", access_views.grant_revoke, name="console-grant-revoke"),
    path("retention", retention_views.retention, name="console-retention"),
    path("retention/export", retention_views.holds_export, name="console-retention-export"),
    path("retention/holds", retention_views.hold_new, name="console-hold-place"),
    path("retention/holds/<uuid:key>/release", retention_views.hold_end, name="console-hold-release"),
    path("records/", console_site.urls),
]
