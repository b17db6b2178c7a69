"""Imports of a workspace: asking for one, how far it is, and its report."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from jobs.models import JobSecret
from portal import access
from portal.accounts.models import Workspace
from portal.accounts.selectors import workspace_get
from portal.answers import PageRequest, act_and_go, whole_or_fragment
from portal.kernel.errors import InvalidInput
from portal.operations import permit
from portal.routing import page
from transfer.selectors import import_get, imports_of
from transfer.services.requests import REQUEST, SERVER, Wish, import_request
from transfer.uploads import archive_accept, archive_drop, archive_keep
from transfer.web.forms import FIELD, ArchiveForm, ServerForm

SHOWN = 50


@page("transfer.import.list")
@require_GET
def imports(request: PageRequest, name: str) -> HttpResponse:
    """The imports of a workspace, and the forms that ask for one."""
    workspace = workspace_get(request.actor, name)
    may_ask = access.allows(request.actor, REQUEST, workspace)
    context = {
        "workspace": workspace, "rows": imports_of(request.actor, workspace)[:SHOWN], "may_ask": may_ask,
        "server": _server_form(workspace) if may_ask else None, "archive": ArchiveForm(),
    }  # fmt: skip
    return render(request, "transfer/imports.html", context)


@page(REQUEST)
@csrf_exempt
@require_POST
def import_new(request: PageRequest, name: str) -> HttpResponseBase:
    """Ask for an import. The file is let in first, then the token of the form is checked."""
    archive_accept(request)
    return _import_new(request, name)


@csrf_protect
def _import_new(request: HttpRequest, name: str) -> HttpResponseBase:
    asking = cast(PageRequest, request)
    workspace = workspace_get(asking.actor, name)
    permit(actor=asking.actor, action=REQUEST, target=workspace)

    def change() -> str:
        ask = _from_server if "server-uri" in request.POST else _from_archive
        return reverse("import", args=[ask(asking, workspace)])

    back = reverse("imports", args=[workspace.name])
    return act_and_go(request, change, said="The import is on its way.", otherwise=back)


@page("transfer.import.read")
@require_GET
def import_one(request: PageRequest, import_id: UUID) -> HttpResponse:
    """One import: its state while it runs, its report when it has ended."""
    found = import_get(request.actor, import_id)
    return whole_or_fragment(request, "transfer/import.html", "transfer/_import.html", {"job": found})


def _from_server(request: PageRequest, workspace: Workspace) -> UUID:
    form = _server_form(workspace, request)
    wish = Wish(kind=SERVER, **_cleaned(form))
    return import_request(actor=request.actor, workspace=workspace, wish=wish).pk


def _from_archive(request: PageRequest, workspace: Workspace) -> UUID:
    file = request.FILES.get(f"archive-{FIELD}")
    path, name = archive_keep(request, workspace.pk, file)
    try:
        given = _cleaned(ArchiveForm(request.POST, request.FILES))
        given.pop(FIELD)
        wish = Wish(archive=path, **{**given, "origin": given["origin"] or name})
        return import_request(actor=request.actor, workspace=workspace, wish=wish).pk
    except Exception:
        archive_drop(path)
        raise


def _server_form(workspace: Workspace, request: PageRequest | None = None) -> ServerForm:
    names = JobSecret.objects.filter(workspace=workspace).order_by("name").values_list("name", flat=True)
    return ServerForm(request.POST if request else None, secrets=list(names))


def _cleaned(form: forms.Form) -> dict[str, Any]:
    if not form.is_valid():
        raise InvalidInput(" ".join(f"{form[name].label}: {said[0]}" for name, said in form.errors.items()))
    return form.cleaned_data
