"""The addresses of compliance below /api/v1/."""

<<<<<<< HEAD
from compliance.api import audit_urls, control_urls, gate_urls, system_urls

urlpatterns = [
    *audit_urls.urlpatterns,
    *control_urls.urlpatterns,
    *system_urls.urlpatterns,
    *gate_urls.urlpatterns,
=======
from compliance.api import audit_urls, follow_up_urls, outbox_urls, system_urls

urlpatterns = [
    *audit_urls.urlpatterns,
    *system_urls.urlpatterns,
    *follow_up_urls.urlpatterns,
    *outbox_urls.urlpatterns,
>>>>>>> ebfe634 (Let people audit for a time, offer webhooks over the API, look again at approvals by tier and by trigger)
]
