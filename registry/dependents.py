"""What else stands on a version: apps above say so here, and it is not deleted under them."""

from collections.abc import Callable

from portal.kernel.errors import Conflict
from registry.models import ModelVersion, RegisteredModel

# Each answers what stands on any of these versions, in words, or nothing.
Dependents = Callable[[list[ModelVersion]], str]
DEPENDENTS: list[Dependents] = []


def dependents_declare(find: Dependents) -> None:
    """Add a way in which versions are in use."""
    if find not in DEPENDENTS:
        DEPENDENTS.append(find)


def dependents_check(model: RegisteredModel, version: ModelVersion | None = None) -> None:
    """Raises Conflict (`in_use`) where something stands on the version, or on any of the model's."""
    held = (
        [version] if version else list(ModelVersion.objects.filter(model=model, deleted_at=None).only("id"))
    )
    for find in DEPENDENTS:
        said = find(held)
        if said:
            raise Conflict(f"{version or model.name} cannot be deleted: {said}", code="in_use")
