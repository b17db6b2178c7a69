"""Forms of compliance: the shape of the input; the operations judge it."""

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
