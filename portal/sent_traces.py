"""Spans by OpenTelemetry, sent over OTLP/HTTP. `portal.tracing` loads this where traces are sent, and nowhere else."""

import functools
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_HEADER, _LONGEST, _NAME_LENGTH = "traceparent", 55, 200
_propagator = TraceContextTextMapPropagator()


@contextmanager
def span(name: str, kind: str, parent: str, attributes: Mapping[str, Any]) -> Iterator[Span]:
    """A span around a block; a parent that is no traceparent counts as none."""
    context = _propagator.extract({_HEADER: parent}) if 0 < len(parent) <= _LONGEST else None
    known = {key: value for key, value in attributes.items() if value is not None}
    tracer = provider_of(os.getpid()).get_tracer("portal")
    with tracer.start_as_current_span(
        name[:_NAME_LENGTH], context=context, kind=SpanKind[kind], attributes=known
    ) as opened:
        yield opened


def past(name: str, begin: int, end: int, attributes: Mapping[str, Any]) -> None:
    """A span of what is over, below the one that is open here."""
    tracer = provider_of(os.getpid()).get_tracer("portal")
    tracer.start_span(name[:_NAME_LENGTH], start_time=begin, attributes=attributes).end(end)


def traceparent() -> str:
    """The context of the span that is open here; empty where there is none."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get(_HEADER, "")


@functools.cache
def provider_of(pid: int) -> TracerProvider:
    """The provider of a process: its sender is a thread, which no process has from before a fork."""
    named: dict[str, str | int] = {"service.name": str(settings.TRACES_SERVICE), "process.pid": pid}
    provider = TracerProvider(resource=Resource.create(named))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
