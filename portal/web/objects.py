"""The pages of objects that other records know by type and id only."""

from contextlib import suppress
from uuid import UUID

from django.urls import NoReverseMatch, reverse

# The type as the audit log names it, and the route whose one argument is the id.
_ROUTES = {
    "run": "run", "report": "report",
    "experiment": "experiment", "registeredmodel": "model-by-id", "modelversion": "version-by-id",
    "approvalrequest": "request", "policy": "policy", "finding": "finding", "aisystem": "system",
    "waiver": "waiver", "jobrun": "job",
    "accessreview": "access-review", "trainingjob": "training",
    "monitor": "monitor", "alert": "alert",
    "datasetversion": "dataset-version-by-id", "datacheck": "data-check", "evaluation": "model-evaluation",
}  # fmt: skip


def page_address(kind: str, key: str) -> str:
    """The address of the page of an object; empty where it has none, or where no object can have this id."""
    route = _ROUTES.get(kind.replace("_", ""))
    for named in (key, _dashed(key)) if route else ():
        with suppress(NoReverseMatch):
            return reverse(route, args=[named])
    return ""


def _dashed(key: str) -> str:
    """Ids stand in records without dashes, and in some addresses with them."""
    try:
        return str(UUID(hex=key))
    except ValueError:
        return key
