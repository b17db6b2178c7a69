"""How an operation is called: its address, query and body out, its shape back in."""

from __future__ import annotations

import time
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from datetime import datetime
from enum import Enum
from types import UnionType
from typing import Any, Final, Literal, TypeAlias, TypeVar, Union, cast, get_args, get_origin
from urllib.parse import quote
from uuid import UUID

import httpx

from portal_client.errors import Throttled, Unavailable, error_of

Answer = TypeVar("Answer")
Files: TypeAlias = Iterable[tuple[str, bytes]]
_TRIES = 4


class Unset(Enum):
    """What a caller did not give, which is not the same as None."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


class Calls:
    """A group of operations on one connection."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def path(self, template: str, given: Mapping[str, object]) -> str:
        """The address with its names filled in and escaped."""
        return template.format_map(
            {name: quote(str(value), safe="/" if name == "path" else "") for name, value in given.items()}
        )

    def call(
        self, method: str, path: str, *, answer: type[Answer], query: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None, headers: Mapping[str, str | None] | None = None, files: Files = (),
    ) -> Answer:  # fmt: skip
        """One call and its answer as `answer`. Raises PortalError for a refusal."""
        found = self.send(method, path, query=query, body=body, headers=headers, files=files)
        if found.status_code == 204 or answer is type(None):
            return cast(Answer, None)
        if answer is bytes or answer is str:
            return cast(Answer, found.content if answer is bytes else found.text)
        return cast(Answer, decode(answer, found.json()))

    def pages(
        self, method: str, path: str, *, answer: type[Answer], query: Mapping[str, object] | None = None
    ) -> Iterator[Answer]:
        """The items of all pages of a list, fetched as they are needed."""
        asked = dict(query or {})
        while True:
            page = self.send(method, path, query=asked).json()
            yield from (decode(answer, item) for item in page["items"])
            if not page.get("next_cursor"):
                return
            asked["cursor"] = page["next_cursor"]

    def send(
        self, method: str, path: str, *, query: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None, headers: Mapping[str, str | None] | None = None, files: Files = (),
    ) -> httpx.Response:  # fmt: skip
        """One request. What only reads is tried again when the portal is busy or not there."""
        parts = [("files", (name, content)) for name, content in files]
        sent = _plain(_given(body or {}))
        content: dict[str, Any] = (
            {"data": sent, "files": parts} if parts else {"json": sent} if body is not None else {}
        )
        for attempt in range(_TRIES):
            is_last = attempt == _TRIES - 1 or method != "GET"
            try:
                found = self.http.request(
                    method,
                    path,
                    params=_plain(_said(query or {})),
                    headers=_plain(_said(headers or {})),
                    **content,
                )
            except httpx.TransportError as error:
                if is_last:
                    raise Unavailable(
                        503, {"code": "unreachable", "detail": f"The portal does not answer: {error}"}
                    ) from error
                time.sleep(0.2 * 2**attempt)
                continue
            if found.is_success:
                return found
            refusal = error_of(found)
            if is_last or not isinstance(refusal, (Throttled, Unavailable)):
                raise refusal
            time.sleep(min(float(found.headers.get("Retry-After", 0.2 * 2**attempt)), 30.0))
        raise AssertionError("unreachable")


def decode(kind: Any, value: Any) -> Any:
    """JSON as the annotation says; what an older client does not know is left out."""
    origin = get_origin(kind)
    if kind is Any or origin is Literal or value is None:
        return value
    if origin in (Union, UnionType):
        return decode(next(each for each in get_args(kind) if each is not type(None)), value)
    if origin is list:
        return [decode(get_args(kind)[0], each) for each in value]
    if origin is dict:
        return {name: decode(get_args(kind)[1], each) for name, each in value.items()}
    if isinstance(kind, type) and is_dataclass(kind):
        return _shape(kind, value)
    if kind is datetime:
        return datetime.fromisoformat(value.replace("Z", "+00:00"))
    return UUID(value) if kind is UUID else value


def _shape(kind: type[Any], value: Any) -> Any:
    hints = typing.get_type_hints(kind)
    given = {}
    for each in fields(kind):
        name = each.metadata.get("name", each.name)
        if name in value:
            given[each.name] = decode(hints[each.name], value[name])
        elif each.default is MISSING:
            given[each.name] = None
    return kind(**given)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the caller gave."""
    return {name: value for name, value in values.items() if value is not UNSET}


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a query or of headers, where None is not given, either."""
    return {name: value for name, value in _given(values).items() if value is not None}


def _plain(value: Any) -> Any:
    """As JSON and a query take it."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
