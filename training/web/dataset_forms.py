"""Forms of the pages of datasets: the shape of the input; the operations judge it."""

from typing import Any, cast

import orjson
from django import forms

from experiments.data.uploads import FIELD
from experiments.models.dataset_versions import CLASSIFICATIONS, SPLIT_ROLES
from experiments.services.dataset_versions import REGISTER
from portal import access
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace

RULES_EXAMPLE = """{
 "columns": {"age": {"type": "int", "min": 18, "nullable": false}},
 "rows": {"min": 100}
}"""


class ManyFiles(forms.FileInput):
    """Several files in one field."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """All files that were chosen, as a list."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [super(FilesField, self).clean(each, initial) for each in data or []]


class JsonField(forms.CharField):
    """Text that is JSON; empty is an empty list or object."""

    def __init__(self, *, empty: Any, **more: Any) -> None:
        super().__init__(
            required=False, widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}), **more
        )
        self.empty = empty

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip()
        try:
            return orjson.loads(text) if text else self.empty
        except orjson.JSONDecodeError as error:
            raise forms.ValidationError(f"This is no JSON: {error}.") from error


class UploadForm(forms.Form):
    """A new version of a dataset, from files or by its address."""

    workspace = forms.ModelChoiceField(Workspace.objects.none(), empty_label=None, to_field_name="name")
    name = forms.CharField(
        max_length=200, help_text="Of a dataset that is there already, this makes the next version."
    )
    source_uri = forms.CharField(
        max_length=2000,
        required=False,
        label="Address",
        help_text="Where the data lies, if not here.",
    )
    digest = forms.RegexField(
        "^[0-9a-f]{64}$",
        required=False,
        label="SHA-256",
        help_text="Of data that lies elsewhere.",
    )
    role = forms.ChoiceField(
        required=False, choices=[("", "not said"), *((each, each) for each in SPLIT_ROLES)]
    )
    classification = forms.ChoiceField(
        required=False, choices=[("", "not said"), *((each, each) for each in CLASSIFICATIONS)]
    )
    licence = forms.CharField(max_length=200, required=False)
    description = forms.CharField(max_length=2000, required=False)
    datasheet = forms.CharField(
        max_length=200_000, required=False, widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Why and how the data was made, whom it is about, and its limits, in Markdown.",
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed, seen = access.workspaces_allowing(actor, REGISTER), actor.workspace_ids
        # A form has an attribute of this name already, so the field cannot be declared.
        self.fields[FIELD] = FilesField(
            required=False, help_text="CSV, Parquet, JSON or any other; all files are one version."
        )
        self.order_fields(["workspace", "name", FIELD])
        field = cast(forms.ModelChoiceField, self.fields["workspace"])  # type: ignore[type-arg]
        # One that is seen but not offered passes, so that the operation refuses it, which leaves an event.
        field.queryset = Workspace.objects.all() if seen is None else Workspace.objects.filter(pk__in=seen)
        field.choices = [
            (each.name, each.name) for each in field.queryset if allowed is None or each.pk in allowed
        ]


class CheckForm(forms.Form):
    """Rules for a version."""

    rules = JsonField(
        empty={}, initial=RULES_EXAMPLE,
        help_text="columns (type, nullable, unique, min, max, allowed, pattern), strict, rows, unique_together, drift.",
    )  # fmt: skip
    reference = forms.IntegerField(
        min_value=1,
        required=False,
        label="Drift from version",
        help_text="Where the rules name columns for drift.",
    )


class EvaluationForm(forms.Form):
    """What is measured of a model version."""

    dataset = forms.ChoiceField(help_text="Its version is measured on as it is.")
    target = forms.CharField(max_length=500, strip=False, help_text="The column with the right answers.")
    task = forms.ChoiceField(
        choices=[
            ("auto", "by the target"),
            ("classification", "classification"),
            ("regression", "regression"),
        ]
    )
    slices = forms.CharField(
        max_length=4000, required=False, label="Slice by", help_text="Columns, separated by commas."
    )
    sensitive = forms.CharField(
        max_length=4000, required=False, label="Fairness between groups of",
        help_text="Columns, separated by commas.",
    )  # fmt: skip
    explain = forms.BooleanField(required=False, initial=True, label="Explain by SHAP")
    against_champion = forms.BooleanField(required=False, initial=True, label="Compare with the champion")
    thresholds = JsonField(
        empty=[],
        help_text='Such as [{"metric": "accuracy_score", "min": 0.8}]; with slice or sensitive for groups.',
    )

    def __init__(self, *args: Any, datasets: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["dataset"]).choices = datasets


def columns_of(text: str) -> tuple[str, ...]:
    """`a, b` as columns."""
    return tuple(each.strip() for each in text.split(",") if each.strip())
