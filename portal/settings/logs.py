"""Structured logs on standard error: JSON for machines in production, readable lines elsewhere. Never a token."""

import logging
import re
import sys
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from portal.settings import environment as env

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOG_FORMAT = env.choice("LOG_FORMAT", "console", ("console", "json"))
_TOKEN = re.compile(r"\bmlp_[A-Za-z0-9_-]{8,}")


def mask_tokens(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A token in any text of an event becomes its prefix."""
    for name, value in event.items():
        if isinstance(value, str) and "mlp_" in value:
            event[name] = _TOKEN.sub("mlp_…", value)
    return event


def _as_json(event: dict[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    mask_tokens,
]


def logging_of(style: str) -> dict[str, Any]:
    """Django's LOGGING for `console` or `json`; structlog's own events take the same form."""
    is_json = style == "json"
    traceback: list[Processor] = [structlog.processors.format_exc_info] if is_json else []
    renderer: Processor = (
        structlog.processors.JSONRenderer(serializer=_as_json)
        if is_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*_SHARED, *traceback, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, LOG_LEVEL)),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [*_SHARED, structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder()],
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *traceback, renderer],
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
