"""The forms of monitors and plans; services judge what they mean."""

from typing import Any

from django import forms

from monitoring.facts import KINDS, TITLES

_KINDS = [(kind, TITLES[kind]) for kind in KINDS]


class MonitorForm(forms.Form):
    """A monitor: what people mostly set has fields, all else is JSON."""

    kind = forms.ChoiceField(choices=_KINDS, help_text="What is measured.")
    name = forms.CharField(max_length=100)
    every_seconds = forms.IntegerField(
        min_value=10, max_value=90 * 86_400, initial=3600, label="Measured every, seconds"
    )
    warn = forms.FloatField(required=False, label="Warn at", help_text="Empty: as usual for the kind.")
    alert = forms.FloatField(required=False, label="Alert at")
    owner = forms.ChoiceField(required=False, help_text="Who is told.")
    finding = forms.BooleanField(required=False, label="Open a finding for the owner")
    retrain = forms.BooleanField(required=False, label="Tell pipelines that listen for it")
    recertify = forms.BooleanField(required=False, label="Ask for re-certification of what serves")
    rollback = forms.BooleanField(required=False, label="Roll back to the last approved revision")
    settings = forms.JSONField(
        required=False, initial=dict, widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        label="More settings", help_text="JSON: window, reference, columns, slices, metric, statistic, prediction, "
        "positive, min_rows, on_alert. What is not said is as usual.",
    )  # fmt: skip

    def __init__(self, *args: Any, people: list[str], **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["owner"].choices = [(each, each) for each in people]  # type: ignore[attr-defined]

    def clean_settings(self) -> dict[str, Any]:
        found = self.cleaned_data["settings"]
        if not isinstance(found, dict):
            raise forms.ValidationError("Write an object: {…}.")
        return found

    @property
    def wanted(self) -> dict[str, Any]:
        """The settings that the fields mean, over those of the JSON."""
        given = self.cleaned_data
        found = dict(given["settings"])
        bounds = {name: given[name] for name in ("warn", "alert") if given[name] is not None}
        if bounds:
            held = found.get("thresholds")
            found["thresholds"] = {**(held if isinstance(held, dict) else {}), **bounds}
        rules = found.get("on_alert")
        rules = dict(rules) if isinstance(rules, dict) else {}
        for name, usual in (("finding", {}), ("recertify", {}), ("retrain", True), ("rollback", True)):
            if given[name]:
                rules.setdefault(name, usual)
            else:
                rules.pop(name, None)
        return {**found, "on_alert": rules} if rules or "on_alert" in found else found


def initial_of(monitor: Any) -> dict[str, Any]:
    """What the form of a monitor begins with."""
    settings = dict(monitor.settings)
    thresholds, rules = settings.pop("thresholds", {}), settings.get("on_alert", {})
    return {
        "kind": monitor.kind, "name": monitor.name, "every_seconds": monitor.every_seconds, **thresholds,
        "owner": monitor.owner.username if monitor.owner else "",
        **{name: bool(rules.get(name)) or isinstance(rules.get(name), dict)
           for name in ("finding", "recertify", "retrain", "rollback")},
        "settings": settings,
    }  # fmt: skip


class PlanForm(forms.Form):
    """What is watched, how often it is reviewed, and by whom."""

    watched = forms.CharField(
        max_length=20_000, widget=forms.Textarea(attrs={"rows": 8}), label="What is watched",
        help_text="Which monitors, complaints and incidents are looked at, and what would make you act.",
    )  # fmt: skip
    review_every_days = forms.IntegerField(
        min_value=1, max_value=730, initial=90, label="Reviewed every, days"
    )
    reviewer = forms.ChoiceField()

    def __init__(self, *args: Any, people: list[str], **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["reviewer"].choices = [(each, each) for each in people]  # type: ignore[attr-defined]
