"""What pages of apps below show of the registry."""

from collections.abc import Iterable
from typing import Any

from django import template

from experiments.models import LoggedModel, Run
from registry.lineage.drawing import drawing_of
from registry.lineage.graph import NodeKey, lineage_of
from registry.models import ModelVersion
from registry.selectors.web_version import versions_of_models
from registry.web.lineage_views import node_address

register = template.Library()


@register.simple_tag(takes_context=True)
def registered_versions(context: Any, models: Iterable[LoggedModel]) -> dict[str, list[ModelVersion]]:
    """The versions that were made from logged models, by the id of the logged model."""
    found: dict[str, list[ModelVersion]] = {}
    for version in versions_of_models(context["request"].actor, [each.pk for each in models]):
        found.setdefault(str(version.logged_model_id), []).append(version)
    return found


@register.simple_tag(takes_context=True)
def lineage_drawn(context: Any, run: Run) -> dict[str, Any]:
    """What `registry/_lineage.html` needs to draw the lineage of a run."""
    graph = lineage_of(context["request"].actor, NodeKey("run", run.pk))
    return {"graph": graph, "drawing": drawing_of(graph, node_address)}
