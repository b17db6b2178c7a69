"""Changes of models and versions from their pages: each view calls one operation and goes back."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.answers import PageRequest, act
from portal.kernel.errors import InvalidInput
from portal.routing import page
from registry.models import ModelVersion, RegisteredModel
from registry.selectors.web_model import model_named
from registry.selectors.web_version import version_numbered
from registry.services.models import (
    model_delete,
    model_rename,
    model_tag_delete,
    model_tag_set,
    model_update,
)
from registry.services.versions import version_delete, version_tag_delete, version_tag_set, version_update
from registry.web.forms import DescriptionForm, NameForm, TagForm


@page("registry.model.update")
@require_POST
def model_describe(request: PageRequest, workspace: str, name: str) -> HttpResponse:
    """Write what a model is for."""
    found, said = model_named(request.actor, workspace, name), _description(request)
    change = lambda: model_update(actor=request.actor, model=found, **said)  # noqa: E731
    return _model_act(request, found, change, "The description is saved.")


@page("registry.model.rename")
@require_POST
def model_name(request: PageRequest, workspace: str, name: str) -> HttpResponse:
    """Give a model another name."""
    found, form = model_named(request.actor, workspace, name), NameForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("A model's name has 1 to 256 characters.")
    wanted = form.cleaned_data["name"]
    change = lambda: model_rename(actor=request.actor, model=found, name=wanted)  # noqa: E731
    return act(
        request,
        change,
        said=f"The model is now called {wanted}.",
        then=reverse("model-by-id", args=[found.pk]),
    )


@page("registry.model.delete")
@require_POST
def model_remove(request: PageRequest, workspace: str, name: str) -> HttpResponse:
    """Delete a model with its versions; their past stays."""
    found = model_named(request.actor, workspace, name)
    change = lambda: model_delete(actor=request.actor, model=found)  # noqa: E731
    return act(request, change, said=f"{found.name} is deleted.", then="models")


@page("registry.model.tag")
@require_POST
def model_tag(request: PageRequest, workspace: str, name: str) -> HttpResponse:
    """Set or remove a tag of a model."""
    found, tag = model_named(request.actor, workspace, name), _tag(request)
    if tag.pop("remove"):
        del tag["value"]
        return _model_act(
            request,
            found,
            lambda: model_tag_delete(actor=request.actor, model=found, **tag),
            "The tag is removed.",
        )
    return _model_act(
        request, found, lambda: model_tag_set(actor=request.actor, model=found, **tag), "The tag is set."
    )


@page("registry.version.update")
@require_POST
def version_describe(request: PageRequest, workspace: str, name: str, number: int) -> HttpResponse:
    """Write what is new in a version."""
    found, said = version_numbered(request.actor, workspace, name, number), _description(request)
    change = lambda: version_update(actor=request.actor, version=found, **said)  # noqa: E731
    return _version_act(request, found, change, "The description is saved.")


@page("registry.version.tag")
@require_POST
def version_tag(request: PageRequest, workspace: str, name: str, number: int) -> HttpResponse:
    """Set or remove a tag of a version."""
    found, tag = version_numbered(request.actor, workspace, name, number), _tag(request)
    if tag.pop("remove"):
        del tag["value"]
        return _version_act(
            request, found, lambda: version_tag_delete(actor=request.actor, version=found, **tag),
            "The tag is removed.",
        )  # fmt: skip
    return _version_act(
        request, found, lambda: version_tag_set(actor=request.actor, version=found, **tag), "The tag is set."
    )


@page("registry.version.delete")
@require_POST
def version_remove(request: PageRequest, workspace: str, name: str, number: int) -> HttpResponse:
    """Delete a version; its files and its past stay."""
    found = version_numbered(request.actor, workspace, name, number)
    change = lambda: version_delete(actor=request.actor, model=found.model, version=found)  # noqa: E731
    then = reverse("model", args=[workspace, name])
    return act(request, change, said=f"{found} is deleted.", then=then)


def _model_act(
    request: PageRequest, found: RegisteredModel, change: Callable[[], Any], said: str
) -> HttpResponse:
    return act(request, change, said=said, then=reverse("model", args=[found.workspace.name, found.name]))


def _version_act(
    request: PageRequest, found: ModelVersion, change: Callable[[], Any], said: str
) -> HttpResponse:
    address = [found.workspace.name, found.model.name, found.version]
    return act(request, change, said=said, then=reverse("version", args=address))


def _description(request: PageRequest) -> dict[str, str]:
    form = DescriptionForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("A description has at most 100,000 characters.")
    text = form.cleaned_data["description"].replace("\r\n", "\n")
    return {"description": text, "expected_version": form.cleaned_data["row_version"]}


def _tag(request: PageRequest) -> dict[str, Any]:
    form = TagForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("A tag has a key of 1 to 250 characters and a value of at most 100,000.")
    return dict(form.cleaned_data)
