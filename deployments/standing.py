"""Versions that serve, or still have something running for them, are not deleted."""

from deployments.facts import RUNNING
from deployments.models import Endpoint
from registry.dependents import dependents_declare
from registry.models import ModelVersion


def served_by(versions: list[ModelVersion]) -> str:
    """At which endpoints any of these is deployed, in a sentence; empty for none."""
    found = Endpoint.objects.filter(
        deleted_at=None, revisions__version__in=versions, revisions__desired_state=RUNNING
    ).distinct()  # fmt: skip
    names = list(found.order_by("name").values_list("name", flat=True)[:5])
    if not names:
        return ""
    return (
        f"it is deployed at {', '.join(names)}. Deploy another version there, or delete the endpoint, first."
    )


dependents_declare(served_by)
