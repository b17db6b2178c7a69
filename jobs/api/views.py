"""Jobs under /api/v1/jobs."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from jobs.api.serializers import (
    CancelInput,
    JobDetailOutput,
    JobOutput,
    JobQuery,
    PriorityInput,
    RetryInput,
)
from jobs.selectors import job_get, job_list
from jobs.services.runs import job_cancel, job_prioritise, job_retry
from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers


class JobList(ApiView):
    """Jobs, newest first; filter by state, kind, workspace, queue, or who asked."""

    actions: ClassVar[dict[str, str]] = {"GET": "jobs.job.list"}
    inputs: ClassVar[Serializers] = {"GET": JobQuery}
    outputs: ClassVar[Serializers] = {"GET": JobOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given = self.given
        jobs = job_list(
            self.actor, state=given.get("state", ""), kind=given.get("kind", ""),
            queue=given.get("queue", ""), person=given.get("created_by", ""),
        )  # fmt: skip
        if "workspace" in given:
            jobs = jobs.filter(workspace=workspace_get(self.actor, given["workspace"]))
        return self.page(jobs, given)


class JobOne(ApiView):
    """One job with what happened to it."""

    actions: ClassVar[dict[str, str]] = {"GET": "jobs.job.read"}
    outputs: ClassVar[Serializers] = {"GET": JobDetailOutput}

    def get(self, request: Request, job_id: UUID) -> Response:
        return self.answer(job_get(self.actor, job_id))


class JobCancellations(ApiView):
    """Cancel a job: at once while it is queued, at its next checkpoint or heartbeat while it runs."""

    actions: ClassVar[dict[str, str]] = {"POST": "jobs.job.cancel"}
    inputs: ClassVar[Serializers] = {"POST": CancelInput}
    outputs: ClassVar[Serializers] = {"POST": JobOutput}

    def post(self, request: Request, job_id: UUID) -> Response:
        run = job_get(self.actor, job_id)
        return self.answer(job_cancel(actor=self.actor, run=run, reason=self.given["reason"]), status=201)


class JobRetries(ApiView):
    """Run a job that failed or was cancelled again, as a new job with the same arguments."""

    actions: ClassVar[dict[str, str]] = {"POST": "jobs.job.retry"}
    inputs: ClassVar[Serializers] = {"POST": RetryInput}
    outputs: ClassVar[Serializers] = {"POST": JobOutput}

    def post(self, request: Request, job_id: UUID) -> Response:
        run = job_get(self.actor, job_id)
        return self.answer(job_retry(actor=self.actor, run=run, reason=self.given["reason"]), status=201)


class JobPriority(ApiView):
    """Let a queued job go before or behind others of its queue."""

    actions: ClassVar[dict[str, str]] = {"PUT": "jobs.job.prioritise"}
    inputs: ClassVar[Serializers] = {"PUT": PriorityInput}
    outputs: ClassVar[Serializers] = {"PUT": JobOutput}

    def put(self, request: Request, job_id: UUID) -> Response:
        run = job_get(self.actor, job_id)
        return self.answer(job_prioritise(actor=self.actor, run=run, **self.given))
