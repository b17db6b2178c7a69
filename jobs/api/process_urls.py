"""The addresses of what processes of jobs leave, and of the secrets that they use, below /api/v1/."""

from django.urls import path, re_path

from jobs.api.process_views import JobAttempts, JobLogs, JobProgressBars, SecretList, SecretOne

_SECRETS = r"^workspaces/(?P<workspace>[\w.@+-]{1,150})/secrets"

urlpatterns = [
    path("jobs/<uuid:job_id>/logs", JobLogs.as_view(), name="api-job-logs"),
    path("jobs/<uuid:job_id>/progress", JobProgressBars.as_view(), name="api-job-progress"),
    path("jobs/<uuid:job_id>/attempts", JobAttempts.as_view(), name="api-job-attempts"),
    re_path(rf"{_SECRETS}$", SecretList.as_view(), name="api-job-secrets"),
    re_path(
        rf"{_SECRETS}/(?P<secret>[A-Za-z_][A-Za-z0-9_]{{0,63}})$", SecretOne.as_view(), name="api-job-secret"
    ),
]
