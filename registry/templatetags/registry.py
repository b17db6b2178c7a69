"""What pages of apps below show of the registry."""

from collections.abc import Iterable
from typing import Any

from django import template

from experiments.models import LoggedModel
from registry.models import ModelVersion
from registry.selectors.web_version import versions_of_models

register = template.Library()


@register.simple_tag(takes_context=True)
def registered_versions(context: Any, models: Iterable[LoggedModel]) -> dict[str, list[ModelVersion]]:
    """The versions that were made from logged models, by the id of the logged model."""
    found: dict[str, list[ModelVersion]] = {}
    for version in versions_of_models(context["request"].actor, [each.pk for each in models]):
        found.setdefault(str(version.logged_model_id), []).append(version)
    return found
