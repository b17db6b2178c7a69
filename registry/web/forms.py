"""Forms of the registry: the shape of the input; the operations judge it."""

from typing import Any

from django import forms

LONGEST_TEXT = 100_000


class DescriptionForm(forms.Form):
    """A description in Markdown; `row_version` is that of the row which the person saw."""

    description = forms.CharField(max_length=LONGEST_TEXT, required=False, widget=forms.Textarea)
    row_version = forms.CharField(max_length=40)


class NameForm(forms.Form):
    """A new name for a model."""

    name = forms.CharField(max_length=256)


class TagForm(forms.Form):
    """A tag; without a value it is removed when `remove` is sent along."""

    key = forms.CharField(max_length=250)
    value = forms.CharField(max_length=LONGEST_TEXT, required=False)
    remove = forms.BooleanField(required=False)


class AliasForm(forms.Form):
    """Which alias is to mean a version, and why."""

    alias = forms.CharField(max_length=255)
    reason = forms.CharField(max_length=2000, required=False)


class RegisterForm(forms.Form):
    """A new version from a run: under which name, and from which of its models."""

    name = forms.CharField(
        max_length=256, label="Name",
        help_text="An existing name gets its next version; a new one begins with version 1.",
        widget=forms.TextInput(attrs={"list": "known-models", "autocomplete": "off"}),
    )  # fmt: skip
    source = forms.ChoiceField(label="Which files")
    description = forms.CharField(
        max_length=LONGEST_TEXT, required=False, label="What is new in this version",
        widget=forms.Textarea(attrs={"rows": 3}), help_text="Markdown; approvers read it.",
    )  # fmt: skip

    def __init__(self, *args: Any, sources: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = sources  # type: ignore[attr-defined]


class ImportForm(forms.Form):
    """A card in SageMaker's JSON, pasted: the portal's pages take no files."""

    card = forms.CharField(max_length=512 * 1024, widget=forms.Textarea)
    reason = forms.CharField(max_length=1000, required=False)
