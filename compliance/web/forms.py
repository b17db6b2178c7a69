"""Forms of compliance: the shape of the input; the operations judge it."""

from typing import Any

from django import forms

from compliance.models.approvals import APPROVE, ASK_CHANGES, REJECT

VERDICTS = ((APPROVE, "Approve"), (ASK_CHANGES, "Ask for changes"), (REJECT, "Reject"))


class DecisionForm(forms.Form):
    """A verdict with its reason, the proof of who decides, and what they had before them."""

    verdict = forms.ChoiceField(choices=VERDICTS)
    reason = forms.CharField(max_length=2000, required=False, widget=forms.Textarea)
    secret = forms.CharField(max_length=1000, required=False, strip=False)
    on_behalf_of = forms.CharField(max_length=150, required=False)
    seen_digest = forms.CharField(max_length=64)


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = forms.CharField(max_length=2000, required=False)


class AssignForm(forms.Form):
    """Who sees to a finding."""

    owner = forms.CharField(max_length=150)
    reason = forms.CharField(max_length=2000, required=False)


class RescheduleForm(forms.Form):
    """Until when a finding is to be dealt with, and why that moves."""

    due_at = forms.CharField(max_length=40)
    reason = forms.CharField(max_length=2000, required=False)


class CloseForm(forms.Form):
    """What shows that a defect is gone."""

    closure = forms.CharField(max_length=2000, required=False, widget=forms.Textarea)


class CompletionForm(forms.Form):
    """What came of looking again at an approval."""

    outcome = forms.ChoiceField(choices=(("renewed", "Renew"), ("revoked", "Revoke")))
    statement = forms.CharField(max_length=2000, required=False, widget=forms.Textarea)
    secret = forms.CharField(max_length=1000, required=False, strip=False)


class WebhookForm(forms.Form):
    """A webhook to be made; its topics and events are lists beside it."""

    workspace = forms.CharField(max_length=63)
    name = forms.CharField(max_length=63)
    url = forms.CharField(max_length=2000)
    style = forms.CharField(max_length=20)
    secret = forms.CharField(max_length=500, required=False, strip=False)


class ProvenForm(forms.Form):
    """A reason, and the proof of who acts."""

    reason = forms.CharField(max_length=2000, required=False)
    secret = forms.CharField(max_length=1000, required=False, strip=False)


class ConfirmForm(ProvenForm):
    """The second person's word about what was done by breaking the glass."""

    verdict = forms.ChoiceField(choices=(VERDICTS[0], VERDICTS[2]))


class WaiverForm(forms.Form):
    """An exception from a rule, asked for."""

    policy_name = forms.CharField(max_length=100)
    rule = forms.CharField(max_length=100)
    reason = forms.CharField(max_length=2000, required=False)
    compensating_control = forms.CharField(max_length=2000, required=False)
    expires_at = forms.CharField(max_length=40)


class WaiverDecisionForm(ProvenForm):
    """Whether an exception is granted."""

    verdict = forms.ChoiceField(choices=(("grant", "Grant"), ("refuse", "Refuse")))


class DelegationForm(forms.Form):
    """Who decides in one's place, from when until when."""

    workspace = forms.CharField(max_length=63)
    to_user = forms.CharField(max_length=150)
    role = forms.CharField(max_length=20)
    starts_at = forms.CharField(max_length=40)
    ends_at = forms.CharField(max_length=40)
    reason = forms.CharField(max_length=1000, required=False)


class PolicyForm(forms.Form):
    """The text of a policy; its workspace where it is a new one."""

    source = forms.CharField(
        max_length=65_536, strip=False, label="Policy in YAML",
        widget=forms.Textarea(attrs={"class": "code", "spellcheck": "false", "rows": 24}),
    )  # fmt: skip
    reason = forms.CharField(
        max_length=1000,
        required=False,
        label="What changes, and why",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class NewPolicyForm(PolicyForm):
    """The same with the place where a new policy is to hold."""

    workspace = forms.ChoiceField(label="Holds in")
    field_order = ("workspace", "source", "reason")

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["workspace"].choices = places  # type: ignore[attr-defined]


class GrantDecisionForm(forms.Form):
    """What becomes of one grant of a workspace, and why."""

    username = forms.CharField(max_length=150)
    role = forms.CharField(max_length=20)
    decision = forms.CharField(max_length=10)
    reason = forms.CharField(max_length=500, required=False)


class StatementForm(forms.Form):
    """What a review found."""

    statement = forms.CharField(max_length=2000, required=False, widget=forms.Textarea)
