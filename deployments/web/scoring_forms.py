"""The form of a batch scoring."""

from typing import Any, cast

from django import forms

from deployments.facts import ENVIRONMENTS
from deployments.scoring.asking import (
    MEMORY_AT_LEAST,
    MEMORY_AT_MOST,
    MEMORY_MB,
    PREDICTION,
    Asked,
)


class ScoringForm(forms.Form):
    """Which data is scored, where, and what comes of it."""

    dataset = forms.ChoiceField(help_text="CSV, TSV or Parquet. It is scored as this version is.")
    environment = forms.ChoiceField(
        choices=[(each, each) for each in ENVIRONMENTS],
        help_text="Whose policies decide. Where one protects it, the version needs an approval.",
    )
    keep = forms.CharField(
        max_length=4000, required=False, label="Keep columns",
        help_text="Names, separated by commas: what stands beside the prediction, such as a key.",
    )  # fmt: skip
    prediction = forms.CharField(max_length=500, initial=PREDICTION, label="Name of the new column")
    output = forms.CharField(
        max_length=200,
        required=False,
        label="Name of the result",
        help_text="A dataset; empty: the data's name with -scored.",
    )
    memory_mb = forms.IntegerField(
        min_value=MEMORY_AT_LEAST, max_value=MEMORY_AT_MOST, initial=MEMORY_MB, label="Memory, MB"
    )
    reason = forms.CharField(max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, datasets: list[tuple[str, str]], **given: Any) -> None:
        super().__init__(*args, **given)
        cast(forms.ChoiceField, self.fields["dataset"]).choices = datasets

    @property
    def asked(self) -> Asked:
        """What the fields mean."""
        given = self.cleaned_data
        keep = tuple(each.strip() for each in given["keep"].split(",") if each.strip())
        return Asked(
            output=given["output"], prediction=given["prediction"], keep=keep, memory_mb=given["memory_mb"]
        )
