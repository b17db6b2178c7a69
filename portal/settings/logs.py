"""Structured logs on standard error: JSON for machines in production, readable lines elsewhere. Never a token."""

import logging
import re
import sys
from importlib import import_module
from typing import Any, cast

import orjson
import structlog
from structlog.typing import Processor, WrappedLogger

from portal.settings import environment as env

# Where traces go, by the standard variables of OpenTelemetry, which its exporter reads itself; empty for nowhere.
TRACES_ENDPOINT = env.text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "") or env.text(
    "OTEL_EXPORTER_OTLP_ENDPOINT", ""
)
if env.text("OTEL_SDK_DISABLED", "").lower() == "true":
    TRACES_ENDPOINT = ""
TRACES_SERVICE = env.text("OTEL_SERVICE_NAME", "portal")
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOG_FORMAT = env.choice("LOG_FORMAT", "console", ("console", "json"))
_TOKEN = re.compile(r"\bmlp_[A-Za-z0-9_-]{8,}")


def mask_tokens(_: WrappedLogger, __: str, line: str) -> str:
    """A token anywhere in a line, be it in the message, a value or a traceback, becomes its prefix."""
    return _TOKEN.sub("mlp_…", line) if "mlp_" in line else line


def _as_json(event: dict[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


def _trace_id_note(logger: WrappedLogger, name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Loaded with the first line: settings are read before anything that uses them."""
    noted: dict[str, Any] = import_module("portal.tracing").trace_id_note(logger, name, event)
    return noted


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
if TRACES_ENDPOINT:
    _SHARED.append(cast(Processor, _trace_id_note))


def _ending(style: str) -> list[Processor]:
    """How an event becomes a line: its traceback as text, its form, and tokens masked in the finished line."""
    if style == "json":
        form: Processor = structlog.processors.JSONRenderer(serializer=_as_json)
        return [structlog.processors.format_exc_info, form, cast(Processor, mask_tokens)]
    # The default shows the local variables of every frame where it can: passwords and tokens among them.
    plain = structlog.dev.plain_traceback
    form = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
    return [form, cast(Processor, mask_tokens)]


def logging_of(style: str) -> dict[str, Any]:
    """Django's LOGGING for `console` or `json`; structlog's own events take the same form."""
    ending = _ending(style)
    structlog.configure(
        processors=[*_SHARED, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, LOG_LEVEL)),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [*_SHARED, structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder()],
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
        "loggers": {
            "django": {"handlers": ["stderr"], "level": LOG_LEVEL, "propagate": False},
            # A browser that asks for a page that is not there is no event for an operator.
            "django.request": {"level": "ERROR"},
        },
    }
