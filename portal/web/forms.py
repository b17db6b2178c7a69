"""Forms of the account pages: the shape of the input; the operations judge it."""

from typing import Any

from django import forms

from portal.accounts.actor import Actor
from portal.accounts.models import Role, Workspace
from portal.accounts.selectors import workspaces_visible
from portal.accounts.services.tokens import DEFAULT_TTL_DAYS, LONGEST_TTL_DAYS


class TokenForm(forms.Form):
    """A new token: what it is for, what it may do, where, and until when."""

    name = forms.CharField(max_length=100, help_text="What uses it, such as “nightly training”.")
    scope = forms.ChoiceField(
        choices=[("write", "Read and write"), ("read", "Read only")], initial="write",
        help_text="A token never has more rights than you have.",
    )  # fmt: skip
    ttl_days = forms.IntegerField(
        label="Valid for (days)", min_value=1, max_value=LONGEST_TTL_DAYS, initial=DEFAULT_TTL_DAYS,
        help_text=f"At most {LONGEST_TTL_DAYS}.",
    )  # fmt: skip
    workspaces = forms.ModelMultipleChoiceField(
        Workspace.objects.none(), required=False, widget=forms.CheckboxSelectMultiple,
        help_text="None chosen means all of yours, also those to come.",
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["workspaces"].queryset = workspaces_visible(actor)  # type: ignore[attr-defined]


class MemberForm(forms.Form):
    """A user by name or e-mail address, and a role."""

    user = forms.CharField(label="User name or e-mail", max_length=254)
    role = forms.ChoiceField(choices=Role.choices)
