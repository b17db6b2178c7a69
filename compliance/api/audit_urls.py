"""The addresses of the signed audit log below /api/v1/."""

from django.urls import path

from compliance.api import audit_views as views

urlpatterns = [
    path("audit/log", views.Log.as_view(), name="api-audit-log"),
    path("audit/log/bundle", views.Bundle.as_view(), name="api-audit-bundle"),
    path("audit/log/consistency", views.ConsistencyProof.as_view(), name="api-audit-consistency"),
    path("audit/log/checkpoints", views.CheckpointList.as_view(), name="api-audit-checkpoints"),
    path("audit/log/checkpoints/<int:size>", views.CheckpointOne.as_view(), name="api-audit-checkpoint"),
    path("audit/events/<uuid:event>/inclusion", views.InclusionProof.as_view(), name="api-audit-inclusion"),
    path("audit/events/<uuid:event>/receipt", views.Receipt.as_view(), name="api-audit-receipt"),
    path("audit/events/<uuid:event>/erasures", views.DetailErasures.as_view(), name="api-audit-erasures"),
]
