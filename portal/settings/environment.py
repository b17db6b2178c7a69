"""The environment, read once at start; a missing or bad value stops the boot with one sentence."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def assume(**values: str) -> None:
    """Values for what the environment leaves open; for tests and tools, never for production."""
    for name, value in values.items():
        if f"{name}_FILE" not in os.environ:
            os.environ.setdefault(name, value)


def text(name: str, default: str | None = None) -> str:
    """A variable, or the content of the file that NAME_FILE names (how secrets are mounted)."""
    value = os.environ.get(name)
    path = os.environ.get(f"{name}_FILE")
    if value is None and path:
        try:
            value = Path(path).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE names {path}, which cannot be read: {error.strerror}."
            ) from error
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"Set {name}, or {name}_FILE to a file that holds it.")
    return default


def words(name: str, default: str = "") -> list[str]:
    """A list, separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def choice(name: str, default: str, allowed: Sequence[str]) -> str:
    """One of a few words."""
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def url(name: str, default: str | None = None, *, schemes: Sequence[str]) -> str:
    """An address with one of these schemes and a host."""
    value = text(name, default)
    try:
        parts = urlsplit(value)
        is_address = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise ImproperlyConfigured(f"{name} must be an address that starts with {'://, '.join(schemes)}://.")
    return value


def whole(name: str, default: int) -> int:
    """A whole number."""
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit()):
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def days_by_name(name: str, known: Sequence[str]) -> dict[str, int]:
    """`audit=365,runs=90`: whole days by one of the known names."""
    found = {}
    for word in words(name):
        key, _, days = word.partition("=")
        if key not in known or not (days.isascii() and days.isdigit() and int(days) > 0):
            raise ImproperlyConfigured(f"{name} must be like outbox=730, for any of {', '.join(known)}.")
        found[key] = int(days)
    return found


def amounts_by_name(name: str, **known: float) -> dict[str, float]:
    """`cpu=0.05,gpu=1`: amounts, none of them negative, by known names; those left out keep their default."""
    found = dict(known)
    for word in words(name):
        key, _, amount = word.partition("=")
        if key not in known or not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", amount):
            raise ImproperlyConfigured(f"{name} must be like cpu=0.05, for any of {', '.join(known)}.")
        found[key] = float(amount)
    return found


def flag(name: str, default: bool = False) -> bool:
    """`1`, `true`, `yes` or the opposite."""
    value = text(name, "true" if default else "false").lower()
    if value not in ("1", "true", "yes", "0", "false", "no"):
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")
    return value in ("1", "true", "yes")


def database(url: str) -> dict[str, Any]:
    """Django's settings of `postgresql://user:password@host:port/name?option=value`."""
    refusal = ImproperlyConfigured("DATABASE_URL must be postgresql://user:password@host:port/name.")
    try:
        parts = urlsplit(url)
        port = str(parts.port or "")
    except ValueError as error:
        raise refusal from error
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise refusal
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": port,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }
