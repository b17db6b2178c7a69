"""Moving aliases from the pages of models and versions."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.answers import PageRequest, act
from portal.kernel.errors import DomainError, InvalidInput, NotFound
from portal.routing import page
from registry.moves import alias_set_or_request
from registry.selectors.web_model import model_named
from registry.selectors.web_version import version_numbered
from registry.services.aliases import alias_remove
from registry.web.forms import AliasForm


@page("registry.alias.move")
@require_POST
def alias_set(request: PageRequest, workspace: str, name: str, number: int) -> HttpResponse:
    """Point an alias to a version, or ask for the approvals that it needs."""
    found, form = version_numbered(request.actor, workspace, name, number), AliasForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Name the alias in 1 to 255 characters; a reason has at most 2,000.")
    said = form.cleaned_data
    try:
        alias_set_or_request(actor=request.actor, version=found, **said)
    except NotFound:
        raise
    except DomainError as no:
        return _refused(request, no, then=reverse("version", args=[workspace, name, number]))
    messages.success(request, f"{said['alias']} points to {found} now.")
    return redirect("version", workspace, name, number)


def _refused(request: PageRequest, no: DomainError, *, then: str) -> HttpResponse:
    """To the request that was made for the move, or back to the version with what stands against it."""
    asked = no.extra.get("request_id")
    if not asked:
        messages.error(request, no.detail)
        return redirect(then)
    is_draft = no.extra.get("state") == "draft"
    messages.success(
        request, "The request is drafted. Submit it when its rules hold." if is_draft else "Asked."
    )
    return redirect("request", asked)


@page("registry.alias.remove")
@require_POST
def alias_drop(request: PageRequest, workspace: str, name: str) -> HttpResponse:
    """Let an alias mean nothing any more."""
    found, form = model_named(request.actor, workspace, name), AliasForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Name the alias in 1 to 255 characters; a reason has at most 2,000.")
    said = form.cleaned_data
    then = reverse("model", args=[workspace, name])
    change = lambda: alias_remove(actor=request.actor, model=found, **said)  # noqa: E731
    return act(request, change, said=f"{said['alias']} means nothing any more.", then=then)
