"""The addresses of the registry below /api/v1/."""

from registry.api import (
    evidence_urls,
    history_urls,
    lineage_urls,
    registry_urls,
    system_urls,
    technical_file_urls,
)

urlpatterns = [
    *registry_urls.urlpatterns,
    *evidence_urls.urlpatterns,
    *history_urls.urlpatterns,
    *lineage_urls.urlpatterns,
    *system_urls.urlpatterns,
    *technical_file_urls.urlpatterns,
]
