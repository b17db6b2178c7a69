"""One call of the MLflow protocol: who asks, for which workspace, with which bytes."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias
from urllib.parse import parse_qs

import orjson

from portal import access
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.accounts.tokens import token_authenticate
from portal.kernel.errors import InvalidInput, NotFound, TooLarge, Unauthenticated

Environ: TypeAlias = dict[str, Any]
JSON = ("Content-Type", "application/json")
JSON_BODY_LIMIT = 1024 * 1024
BATCH_BODY_LIMIT = 4 * 1024 * 1024
_QUERY_FIELDS = 1000


@dataclass
class Answer:
    """What goes back: bytes, or an iterable of them for what is too long to hold."""

    body: bytes | Iterable[bytes]
    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=lambda: [JSON])


def json_answer(value: Any, *, status: int = 200) -> Answer:
    return Answer(orjson.dumps(value), status=status)


@dataclass
class Call:
    """A request after authentication. `given_actor` is None only for public endpoints."""

    environ: Environ
    given_actor: Actor | None
    action: str | None
    arguments: dict[str, str]

    @cached_property
    def actor(self) -> Actor:
        """The caller, narrowed to the workspace of the X-MLFLOW-WORKSPACE header if there is one."""
        if self.given_actor is None:
            raise Unauthenticated("This call needs a token.")
        name = self.workspace_name
        if name is None:
            return self.given_actor
        workspace = Workspace.objects.filter(name=name).first()
        if workspace is None or not access.sees(self.given_actor, workspace):
            raise NotFound(f"Workspace '{name}' does not exist, or you may not see it.")
        return narrowed(self.given_actor, workspace.pk)

    @property
    def workspace_name(self) -> str | None:
        return self.environ.get("HTTP_X_MLFLOW_WORKSPACE", "").strip() or None

    @cached_property
    def workspace(self) -> Workspace:
        """The one workspace that the call is about, for what has to be made or found by name.

        The header decides; without it the only workspace of the actor does. Raises InvalidInput if there
        are several.
        """
        ids = self.actor.workspace_ids
        found = list(
            Workspace.objects.filter(pk__in=ids)[:2] if ids is not None else Workspace.objects.all()[:2]
        )
        if len(found) == 1:
            return found[0]
        if not found:
            raise NotFound("You are not a member of any workspace. Ask a maintainer to add you to one.")
        raise InvalidInput(
            "You are a member of several workspaces. Name one: set MLFLOW_WORKSPACE, call mlflow.set_workspace(), "
            "or use a token that is bound to one workspace."
        )

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The query string; a name may come several times."""
        text = self.environ.get("QUERY_STRING", "")
        try:
            return parse_qs(text, keep_blank_values=True, max_num_fields=_QUERY_FIELDS, errors="strict")
        except (ValueError, UnicodeDecodeError) as error:
            raise InvalidInput("The query string is not valid UTF-8, or has over 1,000 fields.") from error

    def body(self, limit: int = JSON_BODY_LIMIT) -> bytes:
        """The whole body. Raises TooLarge beyond `limit` bytes, without reading further."""
        length = self.environ.get("CONTENT_LENGTH") or ""
        if length.isdigit() and int(length) > limit:
            raise TooLarge(f"The body has {length} bytes; at most {limit} are taken here.")
        data: bytes = self.environ["wsgi.input"].read(int(length) if length.isdigit() else limit + 1)
        if len(data) > limit:
            raise TooLarge(f"The body has more than {limit} bytes.")
        return data


def narrowed(actor: Actor, workspace_id: int) -> Actor:
    """The same actor, seeing one workspace only."""
    roles = actor.roles.get(workspace_id, frozenset())
    if actor.sees_everything:
        roles = roles | {"viewer"}
    return replace(actor, roles={workspace_id: roles}, is_operator=False, is_auditor=False)


def actor_of(environ: Environ, request_id: str) -> Actor:
    """The actor of the Authorization header: Bearer, or Basic with the token as its password."""
    scheme, _, value = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    secret = value.strip()
    if scheme.lower() == "basic":
        secret = _basic_password(secret)
    elif scheme.lower() != "bearer":
        raise Unauthenticated(
            "Send an API token: set MLFLOW_TRACKING_TOKEN. You make one under Tokens in the portal."
        )
    return token_authenticate(secret, address=environ.get("REMOTE_ADDR") or None, request_id=request_id)


def _basic_password(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Unauthenticated("The Authorization header is not valid Basic authentication.") from error
