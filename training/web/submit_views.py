"""Asking for a training in the browser: as fields, as text, with uploaded code, or like one that was."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from portal import access
from portal.accounts.models import Workspace
from portal.accounts.selectors import workspace_get, workspaces_visible
from portal.answers import PageRequest
from portal.kernel.errors import DomainError, InvalidInput, NotFound, PermissionDenied
from portal.kernel.ids import uuid7
from portal.operations import permit
from portal.routing import page
from training.models import TrainingJob
from training.models.code import UPLOAD
from training.selectors.jobs import training_get
from training.selectors.web_choices import Choices, training_choices
from training.services.clones import training_clone
from training.services.code import UPLOAD_CODE, code_upload
from training.services.jobs import SUBMIT, training_submit
from training.spec.reading import spec_read
from training.web import submit_spec
from training.web.submit_fields import TrainingForm
from training.work.uploads import FIELD, upload_accept, upload_keep

FIRST: dict[str, Any] = {
    "bundled": "iris",
    "run": "entry_point",
    "what": "main",
    "source": "bundled",
    "queue": "default",
}
ROWS_MORE = {"parameter": 2, "input": 1, "output": 1}
TO_TEXT, TO_FIELDS, MORE = "text", "fields", "more"


@dataclass(frozen=True)
class Desk:
    """Where something is asked for, and like which training."""

    like: TrainingJob | None
    workspace: Workspace
    places: list[Workspace]
    choices: Choices


@dataclass
class Filled:
    """What stands on the page: the fields with their rows, or a text; and what is wrong with it."""

    form: TrainingForm
    rows: dict[str, list[dict[str, str]]]
    text: str = ""
    is_text: bool = False
    problem: str = ""


@csrf_exempt  # the check below reads the form, and it must be known before where its file goes
@page(SUBMIT)
@require_http_methods(["GET", "POST"])
def training_new(request: PageRequest) -> HttpResponse:
    """The form, and the asking."""
    upload_accept(request)
    answer: HttpResponse = csrf_protect(_training_new)(request)
    return answer


@page(SUBMIT)
@require_POST
def training_preview(request: PageRequest) -> HttpResponse:
    """The specification that the fields mean now, and whether it is one."""
    desk = _desk(request)
    form = _form(desk, request.POST)
    text, problem = "", ""
    try:
        if form.is_valid():
            spec = submit_spec.spec_of_form(form.cleaned_data, request.POST)
            text = submit_spec.text_of_spec(spec)
            spec_read(spec)
        else:
            problem = " ".join(f"{form[name].label}: {said[0]}" for name, said in form.errors.items())
    except DomainError as no:
        problem = no.detail
    return render(request, "training/_specification.html", {"text": text, "problem": problem})


def _training_new(request: PageRequest) -> HttpResponse:
    desk = _desk(request)
    if request.method == "GET":
        return _shown(request, desk, _begun(desk, request.GET))
    asked, filled = request.POST.get("go", ""), _sent(desk, request.POST)
    try:
        if asked == MORE:
            return _shown(request, desk, filled)
        data = _with_archive(request, desk, filled)
        filled = _sent(desk, data)
        spec = _spec(filled, data)
        if asked in (TO_TEXT, TO_FIELDS):
            return _shown(request, desk, _turned(desk, spec, is_text=asked == TO_TEXT))
        made = _made(request, desk, spec)
    except NotFound:
        raise
    except DomainError as no:
        _refusal_place(filled, no)
        return _shown(request, desk, filled, status=no.status)
    messages.success(request, f"{made.name} waits for a worker.")
    return redirect("training", made.pk)


def _desk(request: PageRequest) -> Desk:
    said = request.GET.get("from", "")
    like = training_get(request.actor, _uuid(said)) if said else None
    allowed = access.workspaces_allowing(request.actor, SUBMIT)
    places = [each for each in workspaces_visible(request.actor) if allowed is None or each.pk in allowed]
    if not places and like is None:
        raise PermissionDenied(
            "You may run trainings in no workspace. A maintainer can make you a contributor of one."
        )
    wanted = like.workspace.name if like else request.GET.get("workspace", "")
    workspace = workspace_get(request.actor, wanted) if wanted else places[0]
    permit(actor=request.actor, action=SUBMIT, target=workspace)
    return Desk(like, workspace, places, training_choices(request.actor, workspace))


def _form(desk: Desk, data: QueryDict | None = None, initial: dict[str, Any] | None = None) -> TrainingForm:
    choices = desk.choices
    return TrainingForm(
        data, code=choices.code, examples=choices.examples, queues=choices.queues, executors=choices.executors,
        initial=initial,
    )  # fmt: skip


def _begun(desk: Desk, asked: QueryDict) -> Filled:
    """The page as it is opened first."""
    if desk.like is not None:
        return _turned(desk, desk.like.spec, is_text=asked.get("as") == TO_TEXT)
    spec: dict[str, Any] = {"entry_point": "main", "code": {"bundled": asked.get("bundled") or "iris"}}
    if asked.get("snapshot"):
        spec["code"] = {"snapshot": asked["snapshot"]}
    return _turned(
        desk,
        {"experiment": "trainings", **spec, "limits": {"timeout": "30m"}},
        is_text=asked.get("as") == TO_TEXT,
    )


def _turned(desk: Desk, spec: dict[str, Any], *, is_text: bool) -> Filled:
    """The same specification the other way."""
    fields = {**FIRST, **submit_spec.fields_of_spec(spec)}
    rows, text = submit_spec.rows_of_spec(spec), submit_spec.text_of_spec(spec)
    return Filled(_form(desk, initial=fields), rows, text, is_text)


def _sent(desk: Desk, data: QueryDict) -> Filled:
    rows = {kind: list(submit_spec.rows_given(data, kind)) for kind in submit_spec.ROWS}
    is_text = "spec" in data
    return Filled(_form(desk, None if is_text else data), rows, data.get("spec", ""), is_text)


def _with_archive(request: PageRequest, desk: Desk, filled: Filled) -> QueryDict:
    """The data with the snapshot of the archive that came along: it is kept, also if something else is wrong."""
    file = request.FILES.get(FIELD)
    if file is None or request.POST.get("source") != UPLOAD:
        return request.POST
    permit(actor=request.actor, action=UPLOAD_CODE, target=desk.workspace)
    try:
        new = upload_keep(request, desk.workspace.pk, file)
    except DomainError as no:
        raise InvalidInput(f"code/{FIELD}: {no.detail}", code=no.code) from no
    kept = code_upload(actor=request.actor, workspace=desk.workspace, new=new)
    desk.choices.code.insert(0, kept)
    data = request.POST.copy()
    data["snapshot"] = str(kept.pk)
    return data


def _spec(filled: Filled, data: QueryDict) -> dict[str, Any]:
    """The specification that was sent. Raises InvalidInput where the fields say what is wrong."""
    if filled.is_text:
        return submit_spec.spec_of_text(filled.text)
    if not filled.form.is_valid():
        raise InvalidInput("Some fields are not right yet; each says why.")
    return submit_spec.spec_of_form(filled.form.cleaned_data, data)


def _made(request: PageRequest, desk: Desk, spec: dict[str, Any]) -> TrainingJob:
    once = _uuid(request.POST.get("once", ""))
    if desk.like is None:
        return training_submit(actor=request.actor, workspace=desk.workspace, spec=spec, training_id=once)
    changes = submit_spec.patch_of(desk.like.spec, spec_read(spec))
    return training_clone(actor=request.actor, training=desk.like, changes=changes, training_id=once)


def _refusal_place(filled: Filled, no: DomainError) -> None:
    """Say it at the field that it is about, or above the form."""
    name, said = submit_spec.placed(no)
    if not filled.is_text and name in filled.form.fields and filled.form.is_bound:
        filled.form.add_error(name, said)
        filled.problem = "Nothing was asked for yet; the field says why."
    elif not filled.is_text and name in submit_spec.ROWS:
        filled.problem = f"{name.capitalize()} {said}"
    else:
        filled.problem = no.detail


def _shown(request: PageRequest, desk: Desk, filled: Filled, status: int = 200) -> HttpResponse:
    rows = {kind: submit_spec.row_list(rows, ROWS_MORE[kind]) for kind, rows in filled.rows.items()}
    context = {
        "desk": desk, "like": desk.like, "form": filled.form, "rows": rows, "text": filled.text,
        "is_text": filled.is_text, "problem": filled.problem, "once": request.POST.get("once") or str(uuid7()),
    }  # fmt: skip
    return render(request, "training/new.html", context, status=status)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("No such training, or you may not see it.") from None
