"""The addresses of training below /api/v1/."""

from training.api import job_urls, reproduction_urls

urlpatterns = [
    *job_urls.urlpatterns,
    *reproduction_urls.urlpatterns,
]
