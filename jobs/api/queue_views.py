"""Queues, quotas and workers under /api/v1/."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from jobs.api.queue_serializers import (
    QueueInput,
    QueueOutput,
    QueueReasonInput,
    QueueUpdate,
    QuotaInput,
    QuotaOutput,
    StandingOutput,
    WorkerOutput,
)
from jobs.models import JobQueue
from jobs.services.queues import (
    ALL_QUEUES,
    queue_create,
    queue_pause,
    queue_resume,
    queue_update,
    quota_remove,
    quota_set,
)
from jobs.standing import queue_get, queue_standings, quota_get, quotas_visible, worker_standings
from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers
from portal.api.paging import PageQuery


class _AllAtOnce(ApiView):
    """A list that is never long: it comes whole, in the shape of a page."""

    def all(self, found: list[Any]) -> Response:
        items = self.outputs["GET"](found, many=True, context={"actor": self.actor}).data
        return Response({"items": items, "next_cursor": None})


class QueueList(_AllAtOnce):
    """All queues with what waits and runs in them; and making one."""

    actions: ClassVar[dict[str, str]] = {"GET": "jobs.queue.list", "POST": "jobs.queue.create"}
    inputs: ClassVar[Serializers] = {"POST": QueueInput}
    outputs: ClassVar[Serializers] = {"GET": StandingOutput, "POST": QueueOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        return self.all(queue_standings())

    def post(self, request: Request) -> Response:
        return self.answer(queue_create(actor=self.actor, **self.given), status=201)


class QueueOne(ApiView):
    """One queue: its priority and how many of its jobs run at once."""

    actions: ClassVar[dict[str, str]] = {"GET": "jobs.queue.read", "PATCH": "jobs.queue.update"}
    inputs: ClassVar[Serializers] = {"PATCH": QueueUpdate}
    outputs: ClassVar[Serializers] = {"GET": QueueOutput, "PATCH": QueueOutput}

    def get(self, request: Request, name: str) -> Response:
        return self.answer(queue_get(name))

    def patch(self, request: Request, name: str) -> Response:
        given = self.given
        reason = given.pop("reason", "")
        return self.answer(queue_update(actor=self.actor, queue=queue_get(name), change=given, reason=reason))


class QueuePauses(ApiView):
    """Let nothing of a queue start."""

    actions: ClassVar[dict[str, str]] = {"POST": "jobs.queue.pause"}
    inputs: ClassVar[Serializers] = {"POST": QueueReasonInput}
    outputs: ClassVar[Serializers] = {"POST": QueueOutput}

    def post(self, request: Request, name: str) -> Response:
        return self.answer(queue_pause(actor=self.actor, queue=queue_get(name), **self.given), status=201)


class QueueResumptions(ApiView):
    """Let a paused queue go on."""

    actions: ClassVar[dict[str, str]] = {"POST": "jobs.queue.resume"}
    inputs: ClassVar[Serializers] = {"POST": QueueReasonInput}
    outputs: ClassVar[Serializers] = {"POST": QueueOutput}

    def post(self, request: Request, name: str) -> Response:
        return self.answer(queue_resume(actor=self.actor, queue=queue_get(name), **self.given), status=201)


class QuotaList(ApiView):
    """The quotas of the workspaces that the caller sees."""

    actions: ClassVar[dict[str, str]] = {"GET": "jobs.quota.list"}
    inputs: ClassVar[Serializers] = {"GET": PageQuery}
    outputs: ClassVar[Serializers] = {"GET": QuotaOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        return self.page(quotas_visible(self.actor), self.given)


class QuotaOne(ApiView):
    """The quota of a workspace in one queue, or in `all` but the system's."""

    actions: ClassVar[dict[str, str]] = {"PUT": "jobs.quota.set", "DELETE": "jobs.quota.remove"}
    inputs: ClassVar[Serializers] = {"PUT": QuotaInput}
    outputs: ClassVar[Serializers] = {"PUT": QuotaOutput}

    def put(self, request: Request, workspace: str, queue: str) -> Response:
        place = workspace_get(self.actor, workspace)
        return self.answer(
            quota_set(actor=self.actor, workspace=place, queue=_queue_or_all(queue), **self.given)
        )

    def delete(self, request: Request, workspace: str, queue: str) -> Response:
        quota = quota_get(workspace_get(self.actor, workspace), _queue_or_all(queue))
        quota_remove(actor=self.actor, quota=quota)
        return Response(status=204)


class WorkerList(_AllAtOnce):
    """Workers that live or were heard of in the last hour, with the jobs in their hands."""

    actions: ClassVar[dict[str, str]] = {"GET": "jobs.worker.list"}
    outputs: ClassVar[Serializers] = {"GET": WorkerOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        return self.all(worker_standings(self.actor))


def _queue_or_all(name: str) -> JobQueue | None:
    return None if name == ALL_QUEUES else queue_get(name)
