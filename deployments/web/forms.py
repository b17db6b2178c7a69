"""The forms of endpoints and deployments; services judge what they mean."""

from typing import Any

from django import forms

from deployments.facts import AB, BLUE_GREEN, CANARY, ENVIRONMENTS, SHADOWING
from deployments.targets.catalogue import targets_offered
from deployments.validation import DEFAULTS, NAME

_STRATEGIES = [
    (BLUE_GREEN, "Blue/green: all traffic at once, when the new one answers"),
    (CANARY, "Canary: step by step, back by itself when a guard is broken"),
    (AB, "A/B: keep a split, each caller stays where they are"),
    (SHADOWING, "Shadow: copies of requests, answers are only logged"),
]


class EndpointForm(forms.Form):
    """A new endpoint."""

    workspace = forms.ChoiceField()
    name = forms.RegexField(
        NAME, max_length=63, help_text="Its address. Small letters, digits and hyphens; unique in the portal.",
        error_messages={"invalid": "Use small letters, digits and hyphens, with a letter or digit at both ends."},
    )  # fmt: skip
    environment = forms.ChoiceField(choices=[(each, each) for each in ENVIRONMENTS])
    target = forms.ChoiceField(choices=lambda: [(each, each) for each in targets_offered()])
    replicas = forms.IntegerField(
        min_value=1,
        max_value=16,
        initial=1,
        help_text="Processes per revision. Two, and none is missed when one dies.",
    )
    memory_mb = forms.IntegerField(min_value=64, max_value=262_144, initial=2048, label="Memory of each, MB")
    batch_rows = forms.IntegerField(
        min_value=1, max_value=10_000, initial=1, label="Rows scored together",
        help_text="Above 1, rows of requests that wait are scored by one call: only for models that look at each row "
        "by itself.",
    )  # fmt: skip
    concurrency = forms.IntegerField(
        min_value=1, max_value=1000, initial=DEFAULTS["limits"]["concurrency"], label="Requests at once"
    )
    log_percent = forms.FloatField(
        min_value=0,
        max_value=100,
        initial=100,
        label="Logged, %",
        help_text="Share of requests in the inference log.",
    )
    redact = forms.CharField(
        max_length=5000,
        required=False,
        label="Fields to leave out of the log",
        help_text="Names, separated by commas.",
    )
    description = forms.CharField(max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, workspaces: list[str], **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["workspace"].choices = [(each, each) for each in workspaces]  # type: ignore[attr-defined]

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that the fields mean."""
        given = self.cleaned_data
        redact = sorted({each.strip() for each in given["redact"].split(",") if each.strip()})
        return {
            "resources": {key: given[key] for key in ("replicas", "memory_mb", "batch_rows")},
            "limits": {"concurrency": given["concurrency"]},
            "inference_log": {"percent": given["log_percent"], "redact": redact},
        }


class DeployForm(forms.Form):
    """Which version, and how traffic comes to it."""

    version = forms.ChoiceField()
    strategy = forms.ChoiceField(choices=_STRATEGIES)
    steps = forms.CharField(
        max_length=500, required=False, initial="5% 300s, 25% 300s, 50% 300s, 100%",
        help_text="Canary: percent and seconds of each step. A/B: the share of the new one.",
    )  # fmt: skip
    max_error_rate = forms.FloatField(
        min_value=0, max_value=100, initial=5, label="Go back above, % errors", required=False
    )
    max_p95_ms = forms.FloatField(
        min_value=0.001,
        max_value=1e9,
        required=False,
        label="Go back above, ms (p95)",
        help_text="Empty: not watched.",
    )
    reason = forms.CharField(max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, versions: list[tuple[str, str]], **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["version"].choices = versions  # type: ignore[attr-defined]

    def clean_steps(self) -> list[dict[str, int]]:
        """`5% 300s, 100%` as steps."""
        found = []
        for part in self.cleaned_data["steps"].split(","):
            words = part.replace("%", " ").replace("s", " ").split()
            if not words:
                continue
            if len(words) > 2 or not all(word.isdecimal() and len(word) < 8 for word in words):
                raise forms.ValidationError("Write each step as percent and seconds: 5% 300s, 100%")
            found.append({"percent": int(words[0]), "seconds": int(words[1]) if len(words) > 1 else 0})
        return found

    @property
    def rollout(self) -> dict[str, Any]:
        """The roll-out that the fields mean."""
        given = self.cleaned_data
        guards = (
            {"max_error_rate": given["max_error_rate"] / 100} if given["max_error_rate"] is not None else {}
        )
        if given["max_p95_ms"] is not None:
            guards["max_p95_ms"] = given["max_p95_ms"]
        steps = given["steps"] if given["strategy"] in (CANARY, AB) else []
        return {"strategy": given["strategy"], "guards": guards, **({"steps": steps} if steps else {})}
