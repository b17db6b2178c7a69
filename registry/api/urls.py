"""The addresses of the registry below /api/v1/."""

from registry.api import lineage_urls, system_urls

urlpatterns = [*lineage_urls.urlpatterns, *system_urls.urlpatterns]
