"""What forms of jobs send."""

from typing import Any

from django import forms

from jobs.queue import HIGHEST_PRIORITY
from portal.kernel.errors import InvalidInput


class ReasonForm(forms.Form):
    """Why somebody does it."""

    reason = forms.CharField(max_length=500, required=False)


class PriorityForm(ReasonForm):
    """Before or behind others."""

    priority = forms.IntegerField(min_value=-HIGHEST_PRIORITY, max_value=HIGHEST_PRIORITY)


class LimitsForm(PriorityForm):
    """What a queue may."""

    description = forms.CharField(max_length=500, required=False)
    max_running = forms.IntegerField(min_value=0, max_value=1_000_000, required=False)


class QueueForm(LimitsForm):
    """A new queue."""

    name = forms.CharField(max_length=63)


class SecretForm(forms.Form):
    """A value for a name; spaces may belong to it."""

    workspace = forms.CharField(max_length=150)
    name = forms.RegexField(r"^[A-Za-z_][A-Za-z0-9_]{0,63}\Z")
    value = forms.CharField(min_length=8, max_length=16_384, strip=False)


class QuotaPlaceForm(ReasonForm):
    """Whose quota, and where."""

    workspace = forms.CharField(max_length=63)
    queue = forms.CharField(max_length=63)


class QuotaForm(QuotaPlaceForm):
    """What a workspace may have at once."""

    max_running = forms.IntegerField(min_value=0, max_value=1_000_000, required=False)
    max_queued = forms.IntegerField(min_value=0, max_value=1_000_000, required=False)


def cleaned(form: forms.Form) -> dict[str, Any]:
    """The values of a form. Raises InvalidInput with the first thing that is wrong."""
    if not form.is_valid():
        field, messages = next(iter(form.errors.items()))
        raise InvalidInput(f"{field.replace('_', ' ').capitalize()}: {messages[0]}")
    return dict(form.cleaned_data)
