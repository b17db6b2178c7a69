"""The addresses of jobs below /api/v1/."""

from django.urls import path

from jobs.api.views import JobCancellations, JobList, JobOne

urlpatterns = [
    path("jobs", JobList.as_view(), name="api-jobs"),
    path("jobs/<uuid:job_id>", JobOne.as_view(), name="api-job"),
    path("jobs/<uuid:job_id>/cancellations", JobCancellations.as_view(), name="api-job-cancellations"),
]
