"""Reports: the list, one with its live parts, writing it, its PDF."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experiments.models.reports import BODY_LENGTH, TITLE_LENGTH
from experiments.selectors.compared import beside, value_groups
from experiments.selectors.reports import (
    Part,
    report_get,
    report_parts,
    report_version,
    reports_recent,
)
from experiments.services.reports import report_create, report_delete, report_restore, report_write
from experiments.web.comparing import Compared, board
from experiments.web.markdown import note_html
from experiments.web.picked import picked_runs
from experiments.web.report_pdf import report_pdf
from portal import access
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.answers import PageRequest, act
from portal.kernel.errors import DomainError, InvalidInput
from portal.routing import page

CREATE, READ, WRITE = "experiments.report.create", "experiments.report.read", "experiments.report.write"
_START = "Write in Markdown. A block like this one is drawn anew whenever somebody looks:\n\n```runs\n{address}\n```\n"


class ReportForm(forms.Form):
    """Title and text; `number` is the version that the person saw."""

    title = forms.CharField(max_length=TITLE_LENGTH)
    body = forms.CharField(max_length=BODY_LENGTH, required=False, strip=False, widget=forms.Textarea)
    number = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_body(self) -> str:
        return str(self.cleaned_data["body"]).replace("\r\n", "\n")


class NewReportForm(ReportForm):
    """The same, with the workspace whose members read it."""

    workspace = forms.ModelChoiceField(Workspace.objects.none(), empty_label=None)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = access.workspaces_allowing(actor, CREATE)
        found = Workspace.objects.all() if allowed is None else Workspace.objects.filter(pk__in=allowed)
        self.fields["workspace"].queryset = found  # type: ignore[attr-defined]


@page("experiments.report.list")
@require_GET
def reports(request: PageRequest) -> HttpResponse:
    """The reports that the reader sees, the last written first."""
    may_create = access.workspaces_allowing(request.actor, CREATE) != []
    return render(
        request, "reports/list.html", {"reports": reports_recent(request.actor), "may_create": may_create}
    )


@page(CREATE)
@require_http_methods(["GET", "POST"])
def report_new(request: PageRequest) -> HttpResponse:
    """The form for a report, and its beginning; `?about=` is the query of a comparison to start from."""
    about = request.GET.get("about", "")
    initial = {"body": _START.format(address=f"/runs/compare?{about}")} if about else {}
    form = NewReportForm(request.POST or None, actor=request.actor, initial=initial)
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("workspace", "title", "body")}
        try:
            return redirect("report", report_create(actor=request.actor, **given).pk)
        except DomainError as no:
            form.add_error(None, no.detail)
    return render(request, "reports/edit.html", {"form": form})


@page(READ)
@require_GET
def report(request: PageRequest, report_id: UUID) -> HttpResponse:
    """A report, the newest version or that of `?version=`."""
    found = report_get(request.actor, report_id)
    version = report_version(found, _number(request))
    context = {
        "report": found, "version": version, "numbers": range(found.number, 0, -1),
        "parts": [_shown(request.actor, part, n) for n, part in enumerate(report_parts(version.body))],
        "may_write": found.is_active and access.allows(request.actor, WRITE, found),
        "restores": {"number": version.number, "seen": found.number},
    }  # fmt: skip
    return render(request, "reports/report.html", context)


@page(WRITE)
@require_http_methods(["GET", "POST"])
def report_edit(request: PageRequest, report_id: UUID) -> HttpResponse:
    """The form of a report, and its next version."""
    found = report_get(request.actor, report_id)
    version = report_version(found)
    initial = {"title": version.title, "body": version.body, "number": version.number}
    form = ReportForm(request.POST or None, initial=initial)
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("title", "body")}
        try:
            report_write(
                actor=request.actor, report=found, expected_number=form.cleaned_data["number"], **given
            )
            return redirect("report", found.pk)
        except DomainError as no:
            form.add_error(None, no.detail)
    return render(request, "reports/edit.html", {"form": form, "report": found})


@page("experiments.report.restore")
@require_POST
def report_bring_back(request: PageRequest, report_id: UUID) -> HttpResponse:
    """Save what an older version said as the next one."""
    found = report_get(request.actor, report_id)
    number, seen = _count(request.POST.get("number", "")), _count(request.POST.get("seen", ""))
    if number is None:
        raise InvalidInput("Say which version comes back.")
    change = lambda: report_restore(actor=request.actor, report=found, number=number, expected_number=seen)  # noqa: E731
    return act(
        request,
        change,
        said=f"Version {number} is back as the newest one.",
        then=reverse("report", args=[found.pk]),
    )


@page("experiments.report.delete")
@require_POST
def report_remove(request: PageRequest, report_id: UUID) -> HttpResponse:
    """Delete a report; its versions stay."""
    found = report_get(request.actor, report_id)
    change = lambda: report_delete(actor=request.actor, report=found)  # noqa: E731
    return act(request, change, said=f"{found} is deleted.", then=reverse("reports"))


@page(READ)
@require_GET
def report_as_pdf(request: PageRequest, report_id: UUID) -> HttpResponse:
    """A version as a PDF, with the charts as they are now."""
    found = report_get(request.actor, report_id)
    version = report_version(found, _number(request))
    parts = [(part, _compared(request.actor, QueryDict(part.query))) for part in report_parts(version.body)]
    answer = HttpResponse(report_pdf(version, parts), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="report-v{version.number}.pdf"'
    return answer


def _shown(actor: Actor, part: Part, number: int) -> dict[str, Any]:
    if not part.query:
        return {"prose": note_html(part.prose, longest=BODY_LENGTH, above=1), "problem": part.problem}
    query = QueryDict(part.query)
    compared = _compared(actor, query)
    if compared is None:
        return {"problem": "The runs of this part do not exist, or you may not see them."}
    shown: dict[str, Any] = {"compared": compared, "address": part.query, "part": query.get("show", "values")}
    if shown["part"] == "charts":
        return shown | {"board": board(compared.runs, query.getlist("key"), name=f"part-{number}")}
    return shown | {"groups": value_groups(compared.runs, compared.base)[:2]}


def _compared(actor: Actor, query: QueryDict) -> Compared | None:
    runs = beside(actor, picked_runs(actor, query)) if query else []
    return (
        Compared(runs, next((each for each in runs if each.id == query.get("base")), runs[0]))
        if runs
        else None
    )


def _number(request: PageRequest) -> int | None:
    return _count(request.GET.get("version", ""))


def _count(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text[:10]) < 2**31 or len(text) > 10:
        raise InvalidInput("A version of a report is a number from 1.")
    return int(text)
