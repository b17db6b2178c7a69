"""Forms of the experiment browser: the shape of the input; the operations judge it."""

from typing import Any, cast

from django import forms

from portal import access
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace


class ExperimentForm(forms.Form):
    """Name and workspace of a new experiment; only workspaces where the actor may make one are offered."""

    name = forms.CharField(
        max_length=500, help_text="Unique in its workspace. MLflow clients select it by this name."
    )
    workspace = forms.ModelChoiceField(Workspace.objects.none(), empty_label=None)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = access.workspaces_allowing(actor, "experiments.experiment.create")
        seen = actor.workspace_ids
        field = cast(forms.ModelChoiceField, self.fields["workspace"])  # type: ignore[type-arg]
        # One that is seen but not offered passes, so that the operation refuses it, which leaves an event.
        field.queryset = Workspace.objects.all() if seen is None else Workspace.objects.filter(pk__in=seen)
        field.choices = [
            (each.pk, str(each)) for each in field.queryset if allowed is None or each.pk in allowed
        ]


class NameForm(forms.Form):
    """A new name for a run, and the name that the person saw; without it whatever there is gets overwritten."""

    name = forms.CharField(max_length=250, strip=True)
    before = forms.CharField(max_length=250, strip=False, required=False, empty_value=None)


class NoteForm(forms.Form):
    """Notes in Markdown; empty removes them. `before` are the notes that the person saw."""

    note = forms.CharField(max_length=20_000, required=False, widget=forms.Textarea)
    before = forms.CharField(max_length=20_000, strip=False, required=False, widget=forms.Textarea)
