"""The same again: with the same code and packages, and with other values where that is asked."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from portal.accounts.actor import Actor
from portal.kernel.errors import InvalidInput
from portal.operations import operation
from training.models import TrainingJob
from training.services.jobs import training_like

CLONE = "training.job.clone"
_OF_ENVIRONMENT = ("code", "environment", "entry_point", "notebook", "command")
_WHOLE = ("code",)
_DEPTH = 20


@operation(CLONE, on="training", lock="share")
def training_clone(
    *, actor: Actor, training: TrainingJob, changes: Mapping[str, Any], training_id: UUID | None = None
) -> TrainingJob:
    """Ask for a training again, in the name of the caller. `changes` are a merge patch (RFC 7396) of its specification.

    It runs the very snapshot of the code, unless that is changed, and with the very lock, unless anything is changed
    that says which packages it needs. `training_id` is for forms, as in `training_submit`. Raises InvalidInput where
    the result is no specification.
    """
    spec = {name: value for name, value in training.spec.items() if name not in _WHOLE or name not in changes}
    return training_like(
        actor, training, spec_merged(spec, changes), code=None if "code" in changes else training.code,
        environment=None if any(name in changes for name in _OF_ENVIRONMENT) else training.environment,
        training_id=training_id,
    )  # fmt: skip


def spec_merged(spec: Mapping[str, Any], changes: Any, depth: int = 0) -> dict[str, Any]:
    """A merge patch: null takes a key away, objects are merged, everything else is put in its place."""
    if not isinstance(changes, Mapping) or depth > _DEPTH:
        raise InvalidInput("Changes are an object like a specification.", code="invalid_spec")
    merged = dict(spec)
    for name, value in changes.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, Mapping):
            before = merged.get(name)
            merged[name] = spec_merged(before if isinstance(before, Mapping) else {}, value, depth + 1)
        else:
            merged[name] = value
    return merged
