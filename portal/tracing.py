"""Traces over OTLP/HTTP, where OTEL_EXPORTER_OTLP_ENDPOINT is set; everywhere else nothing of it is even loaded.

The standard variables of OpenTelemetry say where traces go, how many are kept and what the service is called. Context
goes from place to place as W3C's `traceparent`: in headers, in the row of a job, and in the environment of its command.
"""

import functools
import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any

from django.conf import settings

TRACEPARENT = "traceparent"
VARIABLE = "TRACEPARENT"
SERVER, CLIENT, INTERNAL, PRODUCER, CONSUMER = "SERVER", "CLIENT", "INTERNAL", "PRODUCER", "CONSUMER"
_NOTHING = nullcontext()


def is_on() -> bool:
    """Whether traces are sent. It is decided once, when the process starts."""
    return bool(settings.TRACES_ENDPOINT)


def span(
    name: str, *, kind: str = INTERNAL, parent: str = "", **attributes: Any
) -> AbstractContextManager[Any]:
    """A span around a block: below `parent`, a traceparent, or below the one that is open here.

    What the block raises is noted on it. The context gives the span, or None where traces are off.
    """
    if not settings.TRACES_ENDPOINT:
        return _NOTHING
    found: AbstractContextManager[Any] = _otel().span(name, kind, parent, attributes)
    return found


def past(name: str, begin: int, end: int, **attributes: Any) -> None:
    """A span of what is over, from `begin` to `end` (nanoseconds since 1970), below the one that is open here."""
    if settings.TRACES_ENDPOINT:
        _otel().past(name, begin, end, attributes)


def traceparent() -> str:
    """The context of the span that is open here, for whoever goes on with it; empty where there is none."""
    return str(_otel().traceparent()) if settings.TRACES_ENDPOINT else ""


def trace_id() -> str:
    """The trace that is open here, 32 hexadecimal digits; empty where there is none."""
    found = traceparent()
    return found[3:35] if found else ""


def trace_id_note(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """A processor of structlog: lines within a span say of which trace they are."""
    found = trace_id()
    if found:
        event.setdefault("trace_id", found)
    return event


def traced(application: Any) -> Any:
    """A WSGI application whose requests are spans, below what their `traceparent` says; itself where traces are off."""
    if not is_on():
        return application

    @functools.wraps(application)
    def serve(environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
        named = {"http.request.method": environ["REQUEST_METHOD"], "url.path": environ["PATH_INFO"]}
        with span(
            f"{environ['REQUEST_METHOD']} {_place(environ['PATH_INFO'])}", kind=SERVER,
            parent=environ.get("HTTP_TRACEPARENT", ""), **named,
        ) as open_span:  # fmt: skip

            def start(status: str, *more: Any) -> Any:
                open_span.set_attribute("http.response.status_code", int(status[:3]))
                return start_response(status, *more)

            found: Iterable[bytes] = application(environ, start)
            return found

    return serve


def flush() -> None:
    """Send what waits to be sent."""
    if is_on():
        _otel().provider_of(os.getpid()).force_flush(5_000)


def _place(path: str) -> str:
    """The first parts of an address: names of spans are few, and say nothing of what was asked for."""
    return "/" + "/".join(path.split("/")[1:4])


def _otel() -> Any:
    """The part that knows OpenTelemetry, loaded by the first span of a process that sends some."""
    return import_module("portal.sent_traces")
