"""The addresses of training below /api/v1/."""

from training.api import claim_urls, evaluation_urls, job_urls, pipeline_urls, reproduction_urls, sweep_urls

urlpatterns = [
    *job_urls.urlpatterns,
    *claim_urls.urlpatterns,
    *evaluation_urls.urlpatterns,
    *reproduction_urls.urlpatterns,
    *sweep_urls.urlpatterns,
    *pipeline_urls.urlpatterns,
]
