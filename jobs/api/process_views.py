"""Logs, progress and attempts of jobs, and the secrets that they use."""

from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from jobs.api.process_serializers import (
    AttemptsOutput,
    LogQuery,
    ProgressInput,
    ProgressListOutput,
    SecretInput,
    SecretOutput,
    SecretQuery,
)  # fmt: skip
from jobs.process import selectors
from jobs.process.tickets import ticket_issue
from jobs.selectors import job_get
from jobs.services.progress import progress_report
from jobs.services.secrets import secret_delete, secret_set
from portal.accounts.actor import Actor
from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers

TEXT = "text/plain; charset=utf-8"


class TextRenderer(BaseRenderer):
    """Whatever a caller says it takes; refusals are JSON in any case."""

    media_type = "*/*"
    format = "text"
    charset = None

    def render(self, data: Any, *_: Any) -> bytes:
        return JSONRenderer().render(data)


class JobLogs(ApiView):
    """The log of an attempt, by default of the newest, as text.

    The headers X-Log-Attempt, X-Log-Offset, X-Log-Next-Offset, X-Log-Size and X-Log-Complete say what was sent
    and where to go on; X-Job-State how the job stands. With `follow=1` the answer is a redirect to the events
    process, which keeps sending until the attempt is over; where there is none, ask again with the next offset.
    """

    actions: ClassVar[dict[str, str]] = {"GET": "jobs.log.read"}
    inputs: ClassVar[Serializers] = {"GET": LogQuery}
    media_types: ClassVar[dict[str, str]] = {"GET": "text/plain"}
    renderer_classes = (JSONRenderer, TextRenderer)

    def get(self, request: Request, job_id: UUID) -> Any:
        given = self.given
        is_followed, is_whole = given.pop("follow"), given.pop("download")
        if is_whole:
            return _whole(selectors.log_state(self.actor, job_id, given.get("attempt")), job_id)
        state = selectors.log_state(self.actor, job_id, given.get("attempt"))
        if is_followed and settings.EVENTS_URL and not state.is_complete:
            query = urlencode({"ticket": ticket_issue(self.actor, job_id, state.attempt, given["offset"])})
            return Moved(f"{settings.EVENTS_URL}/job-logs?{query}")
        return _part(selectors.log_part(self.actor, job_id, **given))


class Moved(HttpResponseRedirect):
    """Keeps the method."""

    status_code = 307


class JobProgressBars(ApiView):
    """How far a running job is: bars that it prints are found in its log, others are reported here."""

    actions: ClassVar[dict[str, str]] = {"GET": "jobs.progress.read", "POST": "jobs.progress.report"}
    inputs: ClassVar[Serializers] = {"POST": ProgressInput}
    outputs: ClassVar[Serializers] = {"GET": ProgressListOutput, "POST": ProgressListOutput}

    def get(self, request: Request, job_id: UUID) -> Response:
        return self.answer(_bars(self.actor, job_id))

    def post(self, request: Request, job_id: UUID) -> Response:
        progress_report(actor=self.actor, run=job_get(self.actor, job_id), **self.given)
        return self.answer(_bars(self.actor, job_id), status=201)


class JobAttempts(ApiView):
    """How each attempt that started processes ended, with its last lines."""

    actions: ClassVar[dict[str, str]] = {"GET": "jobs.attempt.list"}
    outputs: ClassVar[Serializers] = {"GET": AttemptsOutput}

    def get(self, request: Request, job_id: UUID) -> Response:
        return self.answer({"items": selectors.attempts_of(self.actor, job_id)})


class SecretList(ApiView):
    """The names of the secrets that jobs of a workspace may use."""

    actions: ClassVar[dict[str, str]] = {"GET": "jobs.secret.list"}
    inputs: ClassVar[Serializers] = {"GET": SecretQuery}
    outputs: ClassVar[Serializers] = {"GET": SecretOutput}
    is_paged = True

    def get(self, request: Request, workspace: str) -> Response:
        found = selectors.secrets_of(self.actor, workspace_get(self.actor, workspace))
        return self.page(found, self.given)


class SecretOne(ApiView):
    """One secret: it can be set and deleted, never read."""

    actions: ClassVar[dict[str, str]] = {"PUT": "jobs.secret.set", "DELETE": "jobs.secret.delete"}
    inputs: ClassVar[Serializers] = {"PUT": SecretInput}
    outputs: ClassVar[Serializers] = {"PUT": SecretOutput}
    is_replayable = False

    def put(self, request: Request, workspace: str, secret: str) -> Response:
        place = workspace_get(self.actor, workspace)
        return self.answer(secret_set(actor=self.actor, workspace=place, name=secret, **self.given))

    def delete(self, request: Request, workspace: str, secret: str) -> Response:
        found = selectors.secret_get(self.actor, workspace_get(self.actor, workspace), secret)
        secret_delete(actor=self.actor, secret=found)
        return Response(status=204)


def log_headers(state: selectors.LogState, offset: int) -> dict[str, str]:
    """What tells a reader of a log where it stands."""
    return {
        "X-Log-Attempt": str(state.attempt), "X-Log-Offset": str(offset), "X-Log-Size": str(state.size),
        "X-Job-State": state.job_state, "X-Content-Type-Options": "nosniff",
    }  # fmt: skip


def _bars(actor: Actor, job_id: UUID) -> dict[str, Any]:
    items = selectors.progress_of(actor, job_id)
    return {"items": items, "job_state": selectors.log_state(actor, job_id).job_state}


def _part(part: selectors.LogPart) -> HttpResponse:
    headers = log_headers(part.state, part.offset)
    headers |= {"X-Log-Next-Offset": str(part.next_offset), "X-Log-Complete": str(part.is_last).lower()}
    return HttpResponse(part.data, content_type=TEXT, headers=headers)


def _whole(state: selectors.LogState, job_id: UUID) -> StreamingHttpResponse:
    pieces = selectors.log_pieces(job_id, state.attempt, 0, state.size)
    headers = log_headers(state, 0) | {
        "Content-Disposition": f'attachment; filename="job-{job_id}-{state.attempt}.log"',
        "Content-Length": str(state.size),
    }
    return StreamingHttpResponse(pieces, content_type=TEXT, headers=headers)
