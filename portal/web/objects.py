"""The pages of objects that other records know by type and id only."""

from django.urls import NoReverseMatch, reverse

# The type as the audit log names it, and the route whose one argument is the id.
_ROUTES = {
    "run": "run", "experiment": "experiment", "registeredmodel": "model-by-id", "modelversion": "version-by-id",
    "approvalrequest": "request", "policy": "policy", "finding": "finding", "aisystem": "system",
    "waiver": "waiver", "jobrun": "job",
    "accessreview": "access-review", "trainingjob": "training",
}  # fmt: skip


def page_address(kind: str, key: str) -> str:
    """The address of the page of an object; empty where it has none, or where no object can have this id."""
    route = _ROUTES.get(kind.replace("_", ""))
    try:
        return reverse(route, args=[key]) if route else ""
    except NoReverseMatch:
        return ""
