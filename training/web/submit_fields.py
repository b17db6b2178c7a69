"""The form for a training: what people fill in. The specification and the operation judge it."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.core.validators import RegexValidator

from training.models import CodeSnapshot
from training.models.code import BUNDLED, GIT, UPLOAD

RUNS = (("entry_point", "Entry point of MLproject"), ("command", "Command"), ("notebook", "Notebook"))
SOURCES = ((GIT, "Git repository"), (BUNDLED, "Example"), (UPLOAD, "Uploaded archive"))
_WHICH: dict[str, tuple[str, str]] = {
    GIT: ("git", "Say which repository."),
    BUNDLED: ("bundled", "Choose an example."),
    UPLOAD: ("archive", "Choose an archive, or one that was uploaded before."),
}
_REF = r"^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_./@+#-]*$"
_MONO = {"spellcheck": "false", "class": "mono"}
_LINES: dict[str, Any] = {"rows": 3, "spellcheck": "false", "class": "mono"}


def _text(
    label: str = "", *, longest: int = 250, like: tuple[str, str] = ("", ""), **more: Any
) -> forms.CharField:
    """A field that may be empty; `like` is a pattern and what to say where it does not fit."""
    pattern, said = like
    checks = [RegexValidator(pattern, said)] if pattern else []
    widget = more.pop("widget", None) or forms.TextInput(
        attrs={"spellcheck": "false", **more.pop("attrs", {})}
    )
    return forms.CharField(
        label=label, max_length=longest, required=False, validators=checks, widget=widget, **more
    )


def _lines(label: str, **more: Any) -> forms.CharField:
    return _text(label, longest=2_000_000, widget=forms.Textarea(attrs=_LINES), **more)


class TrainingForm(forms.Form):
    """The fields of a specification; its rows (parameters, inputs, outputs) are beside it."""

    experiment = forms.CharField(
        max_length=250, widget=forms.TextInput(attrs={"list": "known-experiments"}),
        error_messages={"required": "Say in which experiment its run stands."},
    )  # fmt: skip
    name = _text("Name", help_text="Of the training and its run; chosen for you if empty.")
    source = forms.ChoiceField(label="Code from", choices=SOURCES, initial=BUNDLED, widget=forms.RadioSelect)
    git = _text(
        "Address", longest=1000, attrs={"list": "known-repositories"}, help_text="https, ssh or git, no password"
    )  # fmt: skip
    ref = _text(
        "Branch, tag or commit", like=(_REF, "This is no name of a branch, tag or commit."),
        help_text="The default branch if empty.",
    )  # fmt: skip
    secret = _text(
        "Secret", attrs={"list": "known-secrets"}, help_text="Name of a token, or of a private key for ssh."
    )
    bundled = forms.ChoiceField(label="Example", required=False)
    snapshot = forms.ChoiceField(label="or uploaded before", required=False)
    archive = forms.FileField(
        label="Archive", required=False, help_text="tar.gz or zip of plain files.",
        widget=forms.FileInput(attrs={"accept": ".tar,.tar.gz,.tgz,.zip"}),
    )  # fmt: skip
    subdirectory = _text("Folder in the code", longest=500)
    run = forms.ChoiceField(label="Run", choices=RUNS)
    what = forms.CharField(
        label="Which", max_length=8000, initial="main", widget=forms.TextInput(attrs=_MONO),
        help_text="Such as main, python train.py --c {c}, or train.ipynb.",
        error_messages={"required": "Say which entry point, command or notebook runs."},
    )  # fmt: skip
    requirements = _lines(
        "Packages",
        help_text="One a line. If empty, those of the code: python_env.yaml, conda.yaml, requirements.txt…",
    )  # fmt: skip
    requirements_file = _text("or a file of them", longest=500)
    lock = _lines("or a complete lock", help_text="Exact versions with hashes; excludes the two above.")
    python = _text("Python", like=(r"^3\.\d{1,2}(\.\d{1,3})?$", "Such as 3.11 or 3.11.9."))
    variables = _lines("Variables", help_text="NAME=value, one a line.")
    secrets = _lines("Secrets", help_text="NAME=name of the secret, one a line.")
    seed = forms.IntegerField(min_value=0, max_value=4294967295, required=False)
    cpus = forms.IntegerField(label="Processors", min_value=1, max_value=1024, required=False)
    memory = _text(
        "Memory", like=(r"^[1-9]\d{0,6}(Mi|Gi)$", "Such as 512Mi or 4Gi."), help_text="512Mi or 4Gi"
    )
    gpus = forms.IntegerField(label="GPUs", min_value=0, max_value=64, required=False)
    timeout = _text(
        "Time limit",
        like=(r"^[1-9]\d{0,5}[smhd]$", "Such as 90s, 30m or 2h."),
        help_text="90s, 30m, 2h; 24h if empty",
    )
    retries = forms.IntegerField(min_value=0, max_value=10, required=False)
    queue = forms.ChoiceField(required=False)
    priority = forms.IntegerField(
        min_value=-100, max_value=0, required=False, help_text="-100 to 0; below 0 others go first"
    )
    executor = forms.ChoiceField(required=False)
    tags = _lines("Tags", help_text="name=value, one a line.")

    CODE: ClassVar = ("git", "ref", "secret", "bundled", "snapshot", "subdirectory")

    def __init__(
        self, *args: Any, code: Sequence[CodeSnapshot], examples: Iterable[str], queues: Iterable[str],
        executors: Iterable[str], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self._choose("bundled", [("", "–"), *((name, name) for name in examples)])
        self._choose("snapshot", [("", "–"), *((str(each.pk), _said(each)) for each in code)])
        self._choose("queue", [(name, name) for name in queues])
        self._choose("executor", [(name, name) for name in executors])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        """What may be chosen; what was given otherwise stays, so that the operation says what is wrong with it."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - as declared above
        given = str((self.data.get(name) if self.is_bound else self.initial.get(name)) or "")
        field.choices = choices if given in dict(choices) or not given else [*choices, (given, given)]

    def clean(self) -> dict[str, Any]:
        """Of the three places of code, the chosen one is filled in."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        name, problem = _WHICH[said.get("source") or BUNDLED]
        if (
            not said.get(name)
            and not (name == "archive" and said.get("snapshot"))
            and name not in self.errors
        ):
            self.add_error(name, problem)
        return said


def _said(code: CodeSnapshot) -> str:
    return f"{code.created_at:%Y-%m-%d %H:%M}, {code.file_count} files, {code.digest[:12]}"
