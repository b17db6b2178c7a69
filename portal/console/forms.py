"""Forms of the console: filters of the audit log, and the few acts that operators have here."""

import datetime as dt
import re
from typing import Any

from django import forms

from portal import access
from portal.accounts.actor import Actor
from portal.accounts.models import User, Workspace
from portal.console.events import Wanted
from portal.console.holding import KINDS

OUTCOMES = ("done", "denied", "refused")
_NAME = re.compile(r"[a-z0-9_]{1,40}\Z")
_TIME = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
_TIME_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"]


class EventFilter(forms.Form):
    """What to look for in the audit log. Times are in UTC."""

    use_required_attribute = False
    actor = forms.CharField(max_length=150, required=False)
    object = forms.CharField(max_length=130, required=False)
    action = forms.CharField(max_length=80, required=False, widget=forms.TextInput(attrs={"list": "actions"}))
    outcome = forms.ChoiceField(choices=[("", "any"), *((each, each) for each in OUTCOMES)], required=False)
    workspace = forms.CharField(
        max_length=63, required=False, widget=forms.TextInput(attrs={"list": "workspaces"})
    )
    since = forms.DateTimeField(required=False, label="From", widget=_TIME, input_formats=_TIME_FORMATS)
    until = forms.DateTimeField(required=False, label="Until", widget=_TIME, input_formats=_TIME_FORMATS)
    request = forms.CharField(max_length=64, required=False, label="Request id")

    def __init__(self, data: Any, *, actor: Actor) -> None:
        super().__init__(data)
        self._reader = actor

    def clean_actor(self) -> str:
        """A reference such as `user:7`, or the name of a person."""
        given: str = self.cleaned_data["actor"]
        if not given or re.fullmatch(r"user:\d{1,18}|system:\S{1,110}", given):
            return given
        found = User.objects.filter(username__iexact=given).values_list("pk", flat=True).first()
        if found is None:
            raise forms.ValidationError(
                "Nobody has this name. Give a username, user:<number> or system:<name>."
            )
        return f"user:{found}"

    def clean_object(self) -> tuple[str, str]:
        """`type` or `type:id`."""
        kind, _, key = self.cleaned_data["object"].partition(":")
        if kind and not _NAME.match(kind):
            raise forms.ValidationError("Give a type such as run, or a type and an id: run:018f….")
        return kind, key.replace("-", "") if len(key) == 36 else key

    def clean_action(self) -> str:
        given: str = self.cleaned_data["action"]
        if given and given not in access.ACTIONS:
            raise forms.ValidationError("There is no such action. The field completes the known ones.")
        return given

    def clean_workspace(self) -> int | None:
        given: str = self.cleaned_data["workspace"]
        if not given:
            return None
        seen = self._reader.workspace_ids
        rows = Workspace.objects.filter(name=given)
        found = (rows if seen is None else rows.filter(pk__in=seen)).values_list("pk", flat=True).first()
        if found is None:
            raise forms.ValidationError("There is no such workspace, or you may not see it.")
        return found

    def clean_since(self) -> dt.datetime | None:
        return _sane(self.cleaned_data["since"])

    def clean_until(self) -> dt.datetime | None:
        return _sane(self.cleaned_data["until"])

    def wanted(self) -> Wanted:
        """The filters of a valid form."""
        clean = self.cleaned_data
        kind, key = clean["object"]
        return Wanted(
            actor=clean["actor"] or None, object_type=kind or None, object_id=key or None,
            action=clean["action"] or None, outcome=clean["outcome"] or None, workspace_id=clean["workspace"],
            request_id=clean["request"] or None,
            since=clean["since"], until=clean["until"],
        )  # fmt: skip


def _sane(value: dt.datetime | None) -> dt.datetime | None:
    """A time that can be counted with; the far ends of the calendar cannot."""
    if value is not None and not 1970 <= value.year < 3000:
        raise forms.ValidationError("Give a year from 1970 to 2999.")
    return value.astimezone(dt.UTC) if value else None


class AuditorGrantForm(forms.Form):
    """Who audits what, until when, and why."""

    use_required_attribute = False
    username = forms.CharField(
        max_length=150, label="Person", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    workspace = forms.CharField(
        max_length=63,
        required=False,
        help_text="Empty for all workspaces.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    ends_at = forms.DateTimeField(
        label="Until", widget=_TIME, input_formats=_TIME_FORMATS, help_text="In UTC, at most 180 days."
    )
    reason = forms.CharField(max_length=1000, label="Why")


class HoldForm(forms.Form):
    """What is held, and why."""

    use_required_attribute = False
    kind = forms.ChoiceField(choices=KINDS, label="What")
    key = forms.CharField(
        max_length=120,
        label="Id",
        help_text="As it stands in its address or in the audit log.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    reason = forms.CharField(
        max_length=2000, label="Why", help_text="Such as the number of the case.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
