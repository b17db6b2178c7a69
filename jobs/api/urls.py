"""The addresses of jobs below /api/v1/."""

from django.urls import path

from jobs.api import process_urls
from jobs.api.queue_views import (
    QueueList,
    QueueOne,
    QueuePauses,
    QueueResumptions,
    QuotaList,
    QuotaOne,
    WorkerList,
)
from jobs.api.views import JobCancellations, JobList, JobOne, JobPriority, JobRetries

urlpatterns = [
    path("jobs", JobList.as_view(), name="api-jobs"),
    path("jobs/<uuid:job_id>", JobOne.as_view(), name="api-job"),
    path("jobs/<uuid:job_id>/cancellations", JobCancellations.as_view(), name="api-job-cancellations"),
    path("jobs/<uuid:job_id>/retries", JobRetries.as_view(), name="api-job-retries"),
    path("jobs/<uuid:job_id>/priority", JobPriority.as_view(), name="api-job-priority"),
    path("job-queues", QueueList.as_view(), name="api-job-queues"),
    path("job-queues/<slug:name>", QueueOne.as_view(), name="api-job-queue"),
    path("job-queues/<slug:name>/pauses", QueuePauses.as_view(), name="api-job-queue-pauses"),
    path("job-queues/<slug:name>/resumptions", QueueResumptions.as_view(), name="api-job-queue-resumptions"),
    path("job-quotas", QuotaList.as_view(), name="api-job-quotas"),
    path("job-quotas/<slug:workspace>/<slug:queue>", QuotaOne.as_view(), name="api-job-quota"),
    path("job-workers", WorkerList.as_view(), name="api-job-workers"),
    *process_urls.urlpatterns,
]
