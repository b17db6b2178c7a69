"""The addresses of lineage below /api/v1/."""

from django.urls import path

from registry.api.lineage_views import DatasetBlastRadius, Lineage

urlpatterns = [
    path("lineage", Lineage.as_view(), name="api-lineage"),
    path("datasets/<uuid:dataset_id>/blast-radius", DatasetBlastRadius.as_view(), name="api-blast-radius"),
]
