"""The form of a new sweep: a search space in lines, the rest in fields; services judge what it means."""

import json
import re
from typing import Any

from django import forms
from django.conf import settings
from django.forms import BoundField

from training.sweeps.reading import sweep_schema

_PARTS = sweep_schema()["properties"]
_SAMPLERS = [
    ("tpe", "TPE: learns from what came out"), ("qmc", "QMC: even coverage"), ("random", "Random"),
    ("grid", "Grid: every combination, once"),
]  # fmt: skip
_PRUNERS = [
    ("none", "None: every trial runs to its end"), ("median", "Median: ends what is worse than half of the others"),
    ("hyperband", "Hyperband: several halvings, early and late"),
    ("successive_halving", "Successive halving: the best part goes on"),
]  # fmt: skip
_DIRECTIONS = ("minimize", "maximize")
_CODE = {"class": "mono", "spellcheck": "false"}
_RANGE = re.compile(r"(?P<low>\S+?)\s*\.\.\s*(?P<high>\S+)(?P<log>\s+log)?(\s+step\s+(?P<step>\S+))?")
EXAMPLE = {
    "experiment": "sweeps", "code": {"bundled": "parabola"}, "command": "python train.py --x {x} --n {n} --kind {kind}",
    "parameters": {}, "limits": {"timeout": "10m"},
}  # fmt: skip
EXAMPLE_SPACE = "x float -2..2\nn int 1..8\nkind choice a, b"
EXAMPLE_OBJECTIVE = "minimize loss"
# The heading of a part of the form, and the fields of each of its rows.
_LAYOUT: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    ("Training", (("workspace", "name"), ("training",))),
    ("Search", (("space",), ("objectives",), ("sampler", "seed", "parallel"))),
    ("Pruning", (("pruner",), ("startup_trials", "warmup_steps", "max_steps"))),
    ("Budget", (("trials", "time", "cost"), ("patience", "target"))),
)


def _whole(label: str, help_text: str, most: int, least: int = 1, **given: Any) -> forms.IntegerField:
    return forms.IntegerField(min_value=least, max_value=most, label=label, help_text=help_text, **given)


class SweepForm(forms.Form):
    """What a person says about a sweep. `spec` is the specification that it means."""

    workspace = forms.ChoiceField()
    name = forms.CharField(max_length=200, required=False, help_text="Without one, the portal chooses.")
    training = forms.CharField(
        max_length=1_000_000, label="Training job", widget=forms.Textarea(attrs={"rows": 12, **_CODE}),
        help_text="JSON with the keys of a training job. In the command and in variables, <code>{name}</code> becomes "
        "the value of a parameter, <code>${{parameters}}</code> a JSON file with all of them.",
    )  # fmt: skip
    space = forms.CharField(
        max_length=20_000, label="Search space", widget=forms.Textarea(attrs={"rows": 4, **_CODE}),
        help_text="A line for each parameter: <code>rate float 1e-5..0.1 log</code>, "
        "<code>width int 8..64 step 8</code>, <code>kind choice a, b</code>",
    )  # fmt: skip
    objectives = forms.CharField(
        max_length=2_000, widget=forms.Textarea(attrs={"rows": 2, **_CODE}),
        help_text="A line for each metric as the code logs it: <code>minimize loss</code>, "
        "<code>maximize accuracy</code>. With several, the page lists the trials that no other one beats.",
    )  # fmt: skip
    sampler = forms.ChoiceField(
        choices=_SAMPLERS, help_text="How the next parameters are found. A grid needs a step for each float."
    )
    seed = _whole("Seed", "Without one, one is drawn and kept.", _PARTS["seed"]["maximum"], 0, required=False)
    parallel = _whole("Trials at once", "At most so many workers are used.", 200, initial=2)
    pruner = forms.ChoiceField(
        choices=_PRUNERS, help_text="Ends trials that go badly by the first metric, as logged step by step."
    )
    startup_trials = _whole(
        "Trials without pruning", "Median: so many end first. Else 5.", 10_000, 0, required=False
    )
    warmup_steps = _whole("Steps without pruning", "Median: of each trial.", 10**9, 0, required=False)
    max_steps = _whole("Steps of a whole trial", "Hyperband needs it.", 10**9, required=False)
    trials = _whole("Trials in all", "20 unless said; of a grid, all.", 10_000, required=False)
    time = forms.CharField(
        required=False, max_length=10, label="Time", help_text="From the start: 90m, 2h. Then all trials end."
    )
    cost = forms.FloatField(required=False, min_value=0, label="Cost")
    patience = _whole(
        "Stop without improvement", "After so many trials that are no better.", 10_000, required=False
    )
    target = forms.FloatField(
        required=False, label="Stop at the value", help_text="When a trial is as good as this."
    )

    def __init__(self, *args: Any, workspaces: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["workspace"].choices = [(name, name) for name in workspaces]  # type: ignore[attr-defined]
        self.fields["cost"].help_text = f"In {settings.TRAINING_CURRENCY}, by the portal’s prices."

    def clean_training(self) -> Any:
        try:
            return json.loads(self.cleaned_data["training"])
        except ValueError as error:
            raise forms.ValidationError(f"This is no JSON: {error}.") from error

    def clean_space(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for line in _lines(self.cleaned_data["space"]):
            name, one = _parameter(line)
            if name in found:
                raise forms.ValidationError(f"{name[:100]} has two lines.")
            found[name] = one
        return found

    def clean_objectives(self) -> list[dict[str, str]]:
        return [_objective(line) for line in _lines(self.cleaned_data["objectives"])]

    @property
    def parts(self) -> list[tuple[str, list[list[BoundField]]]]:
        """The fields by heading and row."""
        return [(title, [[self[name] for name in row] for row in rows]) for title, rows in _LAYOUT]

    @property
    def spec(self) -> dict[str, Any]:
        """The specification; what is left empty is left out."""
        said = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        pruner = {"type": said["pruner"], **_some(said, "startup_trials", "warmup_steps", "max_steps")}
        return {
            **_some(said, "name", "seed", "sampler", "parallel", "training", "space", "objectives"),
            "pruner": pruner, "budget": _some(said, "trials", "time", "cost"),
            "stop": _some(said, "patience", "target"),
        }  # fmt: skip


def _some(said: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: said[name] for name in names if name in said}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _objective(line: str) -> dict[str, str]:
    direction, _, metric = line.partition(" ")
    if direction not in _DIRECTIONS or not metric.strip():
        raise forms.ValidationError(f"“{line[:100]}” is not understood. Write such as: minimize loss")
    return {"metric": metric.strip(), "direction": direction}


def _parameter(line: str) -> tuple[str, dict[str, Any]]:
    name, _, rest = line.partition(" ")
    kind, _, rest = rest.strip().partition(" ")
    if kind == "choice" and rest.strip():
        return name, {"type": "categorical", "choices": [_choice(part.strip()) for part in rest.split(",")]}
    found = _RANGE.fullmatch(rest.strip()) if kind in ("float", "int") else None
    if found is None:
        raise forms.ValidationError(
            f"“{line[:100]}” is not understood. Write such as: rate float 1e-5..0.1 log, n int 1..8, kind choice a, b"
        )
    number = int if kind == "int" else float
    try:
        one: dict[str, Any] = {"type": kind, "low": number(found["low"]), "high": number(found["high"])}
        one |= {"log": True} if found["log"] else {}
        one |= {"step": number(found["step"])} if found["step"] else {}
    except ValueError as error:
        raise forms.ValidationError(f"“{line[:100]}” has a number that is none: {error}.") from error
    return name, one


def _choice(text: str) -> Any:
    """A number or a truth value where it is written as one, else text."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, (bool, int, float, str)) else text
