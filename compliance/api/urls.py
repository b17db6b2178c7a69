"""The addresses of compliance below /api/v1/."""

from compliance.api import (
    audit_urls,
    control_urls,
    follow_up_urls,
    gate_urls,
    keeping_urls,
    outbox_urls,
    system_urls,
)

urlpatterns = [
    *audit_urls.urlpatterns,
    *control_urls.urlpatterns,
    *system_urls.urlpatterns,
    *gate_urls.urlpatterns,
    *follow_up_urls.urlpatterns,
    *outbox_urls.urlpatterns,
    *keeping_urls.urlpatterns,
]
