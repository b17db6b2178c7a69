"""Routes of the pages of jobs."""

from uuid import UUID

from django.urls import path, register_converter

from jobs.web import console_views, secret_views, views


class JobId:
    """The id of a job: with hyphens as it is written, or as the 32 hex digits of the audit log."""

    regex = "[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"

    def to_python(self, value: str) -> UUID:
        return UUID(value)

    def to_url(self, value: UUID | str) -> str:
        return str(value)


register_converter(JobId, "job_id")
JOB = "jobs/<job_id:job_id>"

urlpatterns = [
    path("secrets", secret_views.secrets, name="secrets"),
    path("secrets/set", secret_views.secret_keep, name="secret-set"),
    path("secrets/<str:workspace>/<slug:name>/delete", secret_views.secret_end, name="secret-delete"),
    path("jobs", views.jobs, name="jobs"),
    path("jobs/console", console_views.console, name="jobs-console"),
    path("jobs/queues/new", console_views.queue_new, name="job-queue-new"),
    path("jobs/queues/<slug:name>/limits", console_views.queue_change, name="job-queue-change"),
    path("jobs/queues/<slug:name>/pause", console_views.queue_stop, name="job-queue-pause"),
    path("jobs/queues/<slug:name>/resume", console_views.queue_go, name="job-queue-resume"),
    path("jobs/quotas", console_views.quota_keep, name="job-quota-set"),
    path("jobs/quotas/remove", console_views.quota_drop, name="job-quota-remove"),
    path(JOB, views.job, name="job"),
    path(f"{JOB}/cancel", views.cancel, name="job-cancel"),
    path(f"{JOB}/retry", views.retry, name="job-retry"),
    path(f"{JOB}/priority", views.prioritise, name="job-prioritise"),
]
