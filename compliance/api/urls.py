"""The addresses of compliance below /api/v1/."""

from compliance.api import audit_urls

urlpatterns = [*audit_urls.urlpatterns]
