"""The addresses of reproductions below /api/v1/."""

from django.urls import path

from registry.api.addressed import VERSION
from training.api import reproduction_views as views

urlpatterns = [
    path(f"{VERSION}/reproductions", views.VersionReproductions.as_view(), name="api-version-reproductions"),
    path("reproductions/<uuid:reproduction_id>", views.ReproductionOne.as_view(), name="api-reproduction"),
    path(
        "reproductions/<uuid:reproduction_id>/certificate",
        views.ReproductionCertificate.as_view(),
        name="api-reproduction-certificate",
    ),
]
