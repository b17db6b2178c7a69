"""The card of a version: read, edited, exchanged with SageMaker."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance.web.input import cleaned
from portal.answers import PageRequest, act
from portal.kernel.errors import DomainError, InvalidInput, NotFound
from portal.routing import page
from registry.cards.sagemaker import sagemaker_export, sagemaker_import
from registry.cards.sections import differences, sections_filled
from registry.models import ModelVersion
from registry.selectors.cards import card_current, card_list, card_numbered
from registry.selectors.web_version import version_numbered
from registry.services.cards import card_edit
from registry.web.card_shape import card_form, sections_shown
from registry.web.forms import ImportForm

READ, EDIT = "registry.card.read", "registry.card.edit"
HISTORY_SHOWN = 50


def card_context(request: PageRequest, version: ModelVersion) -> dict[str, Any]:
    """The card as it stands, or one of its former states with what changed then."""
    wanted, history = request.GET.get("number", ""), list(card_list(request.actor, version)[:HISTORY_SHOWN])
    current = card_current(request.actor, version)
    number, content = current.number, current.content
    if wanted.isdecimal() and len(wanted) < 10:
        shown = card_numbered(request.actor, version, int(wanted))
        number, content = shown.number, shown.content
    before = next((each for each in history if each.number < number), None)
    sections = sections_shown(content, sections_filled(content))
    return {
        "sections": sections, "unsaid": [each.name for each in sections if not each.is_filled],
        "number": number, "history": history,
        "newest": current.number, "changed": differences(before.content, content)[:HISTORY_SHOWN] if before else [],
        "before": before,
    }  # fmt: skip


@page(EDIT)
@require_http_methods(["GET", "POST"])
def card_change(request: PageRequest, workspace: str, name: str, number: int) -> HttpResponse:
    """The form for the next state of the card."""
    version = version_numbered(request.actor, workspace, name, number)
    current = card_current(request.actor, version)
    form = card_form(current.content, request.POST or None, number=current.number)
    if form.is_valid():
        try:
            made = card_edit(
                actor=request.actor, model=version.model, version=version, content=form.content(),
                expected_number=form.cleaned_data["number"], reason=form.cleaned_data["reason"],
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as no:
            form.add_error(None, no.detail)
        else:
            messages.success(request, f"The card is saved as number {made.number}.")
            return redirect("version-tab", workspace, name, number, "card")
    context = {"form": form, "version": version, "model": version.model, "workspace": version.workspace}
    return render(request, "registry/card_edit.html", context)


@page(EDIT)
@require_POST
def card_take(request: PageRequest, workspace: str, name: str, number: int) -> HttpResponse:
    """Take a card over from SageMaker's JSON; the sections that it does not know stay."""
    version = version_numbered(request.actor, workspace, name, number)
    said = cleaned(ImportForm(request.POST))

    def change() -> None:
        current = card_current(request.actor, version)
        content = sagemaker_import(_pasted(said["card"]), current.content)
        card_edit(
            actor=request.actor, model=version.model, version=version, content=content,
            expected_number=current.number, reason=said["reason"] or "Imported.",
        )  # fmt: skip

    then = reverse("version-tab", args=[workspace, name, number, "card"])
    return act(request, change, said="The card is imported.", then=then)


@page(READ)
@require_GET
def card_file(request: PageRequest, workspace: str, name: str, number: int) -> HttpResponse:
    """The card as JSON: all of it, or what SageMaker takes."""
    version = version_numbered(request.actor, workspace, name, number)
    content = card_current(request.actor, version).content
    is_theirs = request.GET.get("form") == "sagemaker"
    answer = JsonResponse(
        sagemaker_export(content) if is_theirs else content, json_dumps_params={"indent": 2}
    )
    file = f"{name}-v{number}-card{'-sagemaker' if is_theirs else ''}.json"
    answer["Content-Disposition"] = content_disposition_header(True, file) or "attachment"
    return answer


def _pasted(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"What was pasted is no JSON: {str(error)[:200]}.") from error
