"""What forms send, as the operations take it."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.dateparse import parse_date, parse_datetime

from portal.kernel.errors import InvalidInput


def cleaned(form: forms.Form) -> dict[str, Any]:
    """The values of a form. Raises InvalidInput with the first thing that is wrong."""
    if not form.is_valid():
        field, messages = next(iter(form.errors.items()))
        raise InvalidInput(f"{field.replace('_', ' ').capitalize()}: {messages[0]}")
    return dict(form.cleaned_data)


def moment_of(text: str) -> dt.datetime:
    """`2026-03-01`, `2026-03-01T12:30` or with a zone; without one it is UTC. Raises InvalidInput."""
    try:
        found = parse_datetime(text)
        if found is None and (day := parse_date(text)):
            found = dt.datetime.combine(day, dt.time.max)
        if found is None:
            raise ValueError(text)
        return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise InvalidInput("Give the date as 2026-03-01, or with a time as 2026-03-01T12:30.") from None
