"""The forms that ask for an import: from a tracking server, and from an archive."""

from typing import Any

from django import forms

from transfer.services.requests import MLRUNS, TENSORBOARD, WANDB
from transfer.uploads import FIELD

__all__ = ["FIELD", "ArchiveForm", "ServerForm"]


class ServerForm(forms.Form):
    """An MLflow tracking server."""

    prefix = "server"
    uri = forms.CharField(
        label="Address", max_length=400, widget=forms.URLInput(attrs={"placeholder": "https://mlflow.example.org"}),
        help_text="Of a tracking server. Databases and folders are read by an operator's command.",
    )  # fmt: skip
    secret = forms.ChoiceField(
        label="Token or password",
        required=False,
        help_text="A secret of the workspace, if the server wants one.",
    )
    username = forms.CharField(
        label="User name", required=False, max_length=200, help_text="Only where the secret is a password."
    )
    experiment = forms.CharField(label="Only the experiment", required=False, max_length=500)
    merge = forms.BooleanField(label="Add runs to experiments of the same name made here", required=False)
    with_files = forms.BooleanField(label="With files", required=False, initial=True)
    with_registry = forms.BooleanField(
        label="With registered models and prompts", required=False, initial=True
    )

    def __init__(self, *args: Any, secrets: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["secret"].choices = [("", "none"), *((name, name) for name in secrets)]  # type: ignore[attr-defined]


class ArchiveForm(forms.Form):
    """An archive of folders of another tracker."""

    prefix = "archive"
    kind = forms.ChoiceField(
        label="Made by",
        choices=[
            (TENSORBOARD, "TensorBoard: event files"),
            (WANDB, "W&B: folder wandb or exports"),
            (MLRUNS, "MLflow: folder mlruns"),
        ],
    )
    archive = forms.FileField(label="Archive", help_text="A tar, tar.gz or zip file.")
    experiment = forms.CharField(
        label="Into the experiment", required=False, max_length=500, help_text="For TensorBoard and W&B."
    )
    origin = forms.CharField(
        label="Name of the source", required=False, max_length=200,
        help_text="By which a repeat knows it. Else the file's name.",
    )  # fmt: skip
    merge = forms.BooleanField(label="Add runs to experiments of the same name made here", required=False)
    with_files = forms.BooleanField(label="With files", required=False, initial=True)
