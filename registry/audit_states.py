"""What aliases mean and which versions are in an active stage: a bundle of the audit log must explain it by events."""

from collections.abc import Iterator
from typing import Any

from compliance.exports.states import State, state_declare
from registry.models import Assignment
from registry.models.assignments import ALIAS, STAGE

_ACTIVE = ("Staging", "Production")


def _aliases() -> Iterator[dict[str, Any]]:
    current = Assignment.objects.filter(kind=ALIAS, valid_to=None).select_related("version").order_by("pk")
    for each in current.iterator():
        model = f"registeredmodel:{each.model_id.hex}"
        yield {"object": model, "alias": each.name, "version": str(each.version.version)}


def _stages() -> Iterator[dict[str, Any]]:
    current = Assignment.objects.filter(kind=STAGE, valid_to=None, name__in=_ACTIVE).order_by("pk")
    for each in current.iterator():
        yield {"object": f"modelversion:{each.version_id.hex}", "stage": each.name}


state_declare(State("aliases", _aliases))
state_declare(State("stages", _stages))
