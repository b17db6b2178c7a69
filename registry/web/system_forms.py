"""Forms of AI systems: the record, and what Annex IV asks beyond it."""

from collections.abc import Iterator
from typing import Any

from django import forms

from compliance.evidence_kinds import OUTCOMES
from compliance.models.follow_up import RISK_TIERS
from compliance.services.ai_systems import ROLES
from compliance.system_details import DETAILS

_TIERS = [(tier, tier) for tier in RISK_TIERS]


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class SystemForm(forms.Form):
    """What is regulated: a use with its purpose, owner, role and tier."""

    name = forms.CharField(max_length=200)
    intended_purpose = forms.CharField(
        max_length=20_000,
        widget=_area(3),
        help_text="What it is used for, on whom, by whom. The law goes by it.",
    )
    description = forms.CharField(max_length=20_000, required=False, widget=_area(3))
    owner = forms.ChoiceField(help_text="Who answers for it.")
    role = forms.ChoiceField(
        choices=[(role, role) for role in ROLES], label="Our role under the AI Act",
        help_text="Provider: we place it on the market or put it into service. Deployer: we use it.",
    )  # fmt: skip
    risk_tier = forms.ChoiceField(choices=_TIERS, help_text="An approver lowers it, nobody else.")
    risk_rationale = forms.CharField(
        max_length=20_000, required=False, label="Why this tier", widget=_area(3)
    )

    def __init__(self, *args: Any, people: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [(name, name) for name in people]  # type: ignore[attr-defined]


class DetailsForm(forms.Form):
    """The free-text parts of Annex IV, each with its point."""

    row_version = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for detail in DETAILS:
            self.fields[detail.name] = forms.CharField(
                required=False, max_length=20_000, label=f"{detail.title} ({detail.point})",
                help_text=detail.help, widget=_area(3),
            )  # fmt: skip

    def details(self) -> dict[str, Any]:
        """As the operation takes them: lists line by line."""
        return dict(self._values())

    def _values(self) -> Iterator[tuple[str, Any]]:
        for detail in DETAILS:
            text = self.cleaned_data[detail.name].replace("\r\n", "\n")
            yield (
                detail.name,
                [line.strip() for line in text.splitlines() if line.strip()] if detail.is_list else text,
            )


class EditSystemForm(SystemForm):
    """The record as it was seen."""

    row_version = forms.CharField(max_length=40, widget=forms.HiddenInput)


class ReclassifyForm(forms.Form):
    """Another tier, and why."""

    risk_tier = forms.ChoiceField(choices=_TIERS)
    risk_rationale = forms.CharField(max_length=20_000)


class LinkForm(forms.Form):
    """A model that a system uses: what an alias means, or one version."""

    model = forms.CharField(max_length=256)
    alias = forms.CharField(max_length=255, required=False)
    number = forms.IntegerField(min_value=1, required=False)


class AttestForm(forms.Form):
    """What a person states for one control."""

    control = forms.CharField(max_length=100)
    framework = forms.CharField(max_length=100, required=False)
    summary = forms.CharField(max_length=1000)
    reference = forms.CharField(max_length=500, required=False)
    outcome = forms.ChoiceField(choices=[(each, each) for each in OUTCOMES])
