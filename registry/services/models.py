"""Changes of registered models. What an alias or a stage protects is asked of the gate, see `protection`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from compliance.services.holds import held_ids, hold_check
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.clock import now, now_ms
from portal.kernel.mlflow_errors import RESOURCE_ALREADY_EXISTS, ProtocolError, invalid_parameter
from portal.kernel.versions import version_check
from portal.operations import Changed, effect, operation
from registry.dependents import dependents_check
from registry.models import ModelVersion, RegisteredModel, RegisteredModelTag
from registry.prompts import IS_PROMPT, is_prompt_tagged
from registry.protection import entering_check, intervals_leave, leaving_check, subjects_invalidate
from registry.selectors.facts import model_tags
from registry.selectors.models import model_missing
from registry.telling import model_tag_told, model_told
from registry.validation.names import description_check, model_name_check, tag_check, tags_check


@dataclass(frozen=True)
class NewRegisteredModel:
    """What a caller says about a registered model to be made."""

    name: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@operation("registry.model.create", on="workspace", lock="share")
def model_create(*, actor: Actor, workspace: Workspace, new: NewRegisteredModel) -> RegisteredModel:
    """Make a registered model, or a prompt when it carries MLflow's tag for prompts.

    Raises ProtocolError RESOURCE_ALREADY_EXISTS when the workspace has one of that name.
    """
    return _model_make(actor, workspace, new)


@effect("registry.model.create", on="workspace", lock="share")
def model_begin(*, actor: Actor, workspace: Workspace, new: NewRegisteredModel) -> RegisteredModel:
    """Make a registered model or a prompt as a part of a larger operation."""
    return _model_make(actor, workspace, new)


def _model_make(actor: Actor, workspace: Workspace, new: NewRegisteredModel) -> RegisteredModel:
    model_name_check(new.name)
    description_check(new.description)
    tags_check(new.tags)
    made_at = now_ms()
    model = RegisteredModel(
        workspace=workspace, name=new.name, description=new.description, is_prompt=is_prompt_tagged(new.tags),
        created_by_id=actor.user_id, creation_timestamp=made_at, last_updated_timestamp=made_at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            model.save(force_insert=True)
    except IntegrityError as error:
        raise _taken(workspace, new) from error
    RegisteredModelTag.objects.bulk_create(
        RegisteredModelTag(model=model, key=key, value=value) for key, value in new.tags.items()
    )
    model_told(actor, model, new.tags)
    return model


@operation("registry.model.update", on="model")
def model_update(
    *, actor: Actor, model: RegisteredModel, description: str, expected_version: str | None = None
) -> RegisteredModel:
    """Describe a model anew. Raises Conflict when it is no longer the one that the caller saw."""
    live_check(model)
    version_check(model, expected_version)
    description_check(description)
    model.description, model.last_updated_timestamp = description, now_ms()
    model.save(update_fields=["description", "last_updated_timestamp"])
    return model


@operation("registry.model.rename", on="model")
def model_rename(*, actor: Actor, model: RegisteredModel, name: str) -> RegisteredModel:
    """Give a model another name.

    Policies match names: a new one may neither take an alias or a stage out of a policy nor bring one in unapproved.
    """
    live_check(model)
    model_name_check(name, "new_name")
    what = f"Renaming {model.name} to {name}"
    leaving_check(model, what, name=name, tags=model_tags(model))
    entering_check(model, name)
    changed_at = now_ms()
    model.name, model.last_updated_timestamp = name, changed_at
    try:
        with transaction.atomic():
            model.save(update_fields=["name", "last_updated_timestamp"])
    except IntegrityError as error:
        raise ProtocolError(
            f"Registered Model (name={name}) already exists.", RESOURCE_ALREADY_EXISTS
        ) from error
    ModelVersion.objects.filter(model=model, deleted_at=None).update(last_updated_timestamp=changed_at)
    return model


@operation("registry.model.delete", on="model")
def model_delete(*, actor: Actor, model: RegisteredModel, reason: str = "") -> Changed[RegisteredModel]:
    """Delete a model with its versions: what its aliases and stages meant ends now, the past stays.

    Raises PolicyViolation (`protected`) while a policy protects one of them, Conflict (`in_use`) while one is deployed.
    """
    live_check(model)
    held = ModelVersion.objects.filter(model=model, pk__in=held_ids(model.workspace_id, "modelversion"))
    hold_check(
        workspace_id=model.workspace_id,
        subjects=[
            ("registeredmodel", model.pk),
            *(("modelversion", pk) for pk in held.values_list("pk", flat=True)),
        ],
        what=f"Model {model.name} cannot be deleted",
    )
    dependents_check(model)
    current = list(model.assignments.filter(valid_to=None).select_related("version", "approval", "model"))
    left = intervals_leave(actor, model, current, f"Deleting {model.name}")
    versions = ModelVersion.objects.filter(model=model, deleted_at=None).values_list("pk", flat=True)
    subjects_invalidate(actor, [pk.hex for pk in versions], f"{model.name} was deleted.")
    deleted_at = now()
    ModelVersion.objects.filter(model=model, deleted_at=None).update(
        deleted_at=deleted_at, last_updated_timestamp=now_ms()
    )
    model.deleted_at = deleted_at
    model.save(update_fields=["deleted_at"])
    return Changed(
        model, before={"deleted_at": None, "ended": []},
        after={"deleted_at": deleted_at.isoformat(), "ended": left.facts}, subject=model,
    )  # fmt: skip


@operation("registry.model.tag", on="model")
def model_tag_set(*, actor: Actor, model: RegisteredModel, key: str, value: str) -> Changed[None]:
    """Set a tag, overwriting the old value. Whether a model is a prompt was said when it was made."""
    live_check(model)
    tag_check(key, value)
    if key == IS_PROMPT and (value.lower() == "true") != model.is_prompt:
        raise _prompt_fixed(model)
    _tags_check(model, key, value)
    old = RegisteredModelTag.objects.filter(model=model, key=key).values_list("value", flat=True).first()
    RegisteredModelTag.objects.bulk_create(
        [RegisteredModelTag(model=model, key=key, value=value)],
        update_conflicts=True, unique_fields=["model_id", "key"], update_fields=["value"],
    )  # fmt: skip
    model_tag_told(actor, model, key, value)
    return Changed(None, before={f"tags.{key}": old}, after={f"tags.{key}": value})


@operation("registry.model.tag", on="model")
def model_tag_delete(*, actor: Actor, model: RegisteredModel, key: str) -> Changed[None]:
    """Remove a tag; one that is not there is no error, as in MLflow."""
    live_check(model)
    tag_check(key, None)
    if key == IS_PROMPT and model.is_prompt:
        raise _prompt_fixed(model)
    _tags_check(model, key, None)
    tags = RegisteredModelTag.objects.filter(model=model, key=key)
    old = tags.values_list("value", flat=True).first()
    tags.delete()
    model_tag_told(actor, model, key, None)
    return Changed(None, before={f"tags.{key}": old}, after={f"tags.{key}": None})


def _tags_check(model: RegisteredModel, key: str, value: str | None) -> None:
    """Refuse to take a tag away by which a policy applies to the model."""
    tags = {name: old for name, old in model_tags(model).items() if name != key}
    if value is not None:
        tags[key] = value
    leaving_check(model, f"Changing the tag {key} of {model.name}", name=model.name, tags=tags)


def live_check(model: RegisteredModel) -> None:
    """Raise, as for a model that is not there, when it was deleted before it could be locked."""
    if model.deleted_at is not None:
        raise model_missing(model.name)


def _prompt_fixed(model: RegisteredModel) -> ProtocolError:
    what = "a prompt" if model.is_prompt else "a registered model"
    return invalid_parameter(
        f"{model.name} was made as {what} and stays one: the tag {IS_PROMPT} cannot be changed. Make another one."
    )


def _taken(workspace: Workspace, new: NewRegisteredModel) -> ProtocolError:
    """MLflow's sentence: it tells a model and a prompt of the same name apart."""
    existing = RegisteredModel.objects.filter(workspace=workspace, name=new.name, deleted_at=None).first()
    old = "Prompt" if existing is not None and existing.is_prompt else "Registered Model"
    made = "Prompt" if is_prompt_tagged(new.tags) else "Registered Model"
    if old == made:
        return ProtocolError(f"{made} (name={new.name}) already exists.", RESOURCE_ALREADY_EXISTS)
    return ProtocolError(
        f"Tried to create a {made.lower()} with name {new.name!r}, but the name is already taken by a {old.lower()}. "
        "MLflow does not allow creating a model and a prompt with the same name.",
        RESOURCE_ALREADY_EXISTS,
    )
