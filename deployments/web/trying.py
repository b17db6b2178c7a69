"""Asks an endpoint for a person in the browser: through the gateway, with a ticket instead of a token."""

import json
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from deployments.models import Endpoint
from deployments.tickets import INVOKE, ticket_issue
from portal.accounts.actor import Actor
from portal.kernel.errors import InvalidInput
from portal.operations import permit

WAIT_SECONDS, BODY_LIMIT, ANSWER_LIMIT = 30, 256 * 1024, 64 * 1024


@dataclass(frozen=True)
class Tried:
    """What came back: the status, the body laid out, and which revision answered under which request id."""

    status: int
    body: str
    revision: str
    request_id: str

    @property
    def is_fine(self) -> bool:
        return self.status < 300


def tried(actor: Actor, endpoint: Endpoint, body: str) -> Tried:
    """Send one request. Raises InvalidInput for a body that is no JSON or too long, PermissionDenied."""
    permit(actor=actor, action=INVOKE, target=endpoint)
    if len(body) > BODY_LIMIT:
        raise InvalidInput(f"The form takes up to {BODY_LIMIT // 1024} KB. Ask the endpoint itself for more.")
    try:
        json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"The request is no JSON: {str(error)[:200]}") from error
    return _sent(actor, endpoint, body)


def _sent(actor: Actor, endpoint: Endpoint, body: str) -> Tried:
    asked = urllib.request.Request(  # noqa: S310 - the address is a setting
        f"{settings.SERVING_URL}/endpoints/{endpoint.name}/invocations",
        data=body.encode(),
        headers={"Content-Type": "application/json", "Authorization": ticket_issue(actor, endpoint)},
    )
    try:
        with urllib.request.urlopen(asked, timeout=WAIT_SECONDS) as answer:  # noqa: S310
            return _told(answer.status, answer.read(ANSWER_LIMIT), answer.headers)
    except urllib.error.HTTPError as no:
        return _told(no.code, no.read(ANSWER_LIMIT), no.headers)
    except OSError as error:
        return Tried(503, f"The gateway does not answer: {error}", "", "")


def _told(status: int, body: bytes, headers: Any) -> Tried:
    text = body.decode("utf-8", "replace")
    with suppress(ValueError):
        text = json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    return Tried(status, text, headers.get("X-Endpoint-Revision", ""), headers.get("X-Request-Id", ""))
