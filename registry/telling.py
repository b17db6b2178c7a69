"""Tells webhooks of what happens in the registry, in MLflow's words and in the transaction of the change."""

from collections.abc import Callable, Mapping
from typing import Any

from compliance.services.notices import notice_write
from portal.accounts.actor import Actor
from registry.models import ModelVersion, RegisteredModel
from registry.prompts import IS_PROMPT, TEXT

# Called as `listener(actor=, model=, alias=, version=)` in the transaction that moves an alias: they enqueue.
ALIAS_LISTENERS: list[Callable[..., object]] = []
_HIDDEN = (IS_PROMPT, TEXT, "_mlflow_prompt_type")


def model_told(actor: Actor, model: RegisteredModel, tags: Mapping[str, str]) -> None:
    """A model or a prompt was made."""
    topic = "prompt.created" if model.is_prompt else "registered_model.created"
    data = {"tags": _shown(model, tags), "description": model.description or None}
    _told(actor, model, topic, f"{model.name} was registered", data)


def version_told(actor: Actor, version: ModelVersion, tags: Mapping[str, str]) -> None:
    """A version was made."""
    model = version.model
    data: dict[str, Any] = {"version": str(version.version)}
    if model.is_prompt:
        data |= {"template": tags.get(TEXT)}
    else:
        data |= {"source": version.source, "run_id": version.run_id.hex if version.run_id else None}
    data |= {"tags": _shown(model, tags), "description": version.description or None}
    topic = "prompt_version.created" if model.is_prompt else "model_version.created"
    _told(actor, model, topic, f"{version} was registered", data)


def model_tag_told(actor: Actor, model: RegisteredModel, key: str, value: str | None) -> None:
    """A tag of a prompt was set, or removed where there is no value. MLflow knows no such event of models."""
    if model.is_prompt:
        _tag(actor, model, "prompt_tag", {}, key, value)


def version_tag_told(actor: Actor, version: ModelVersion, key: str, value: str | None) -> None:
    """A tag of a version was set or removed."""
    entity = "prompt_version_tag" if version.model.is_prompt else "model_version_tag"
    _tag(actor, version.model, entity, {"version": str(version.version)}, key, value)


def alias_told(actor: Actor, model: RegisteredModel, alias: str, version: int | None) -> None:
    """An alias means another version, or none any more."""
    for listener in ALIAS_LISTENERS:
        listener(actor=actor, model=model, alias=alias, version=version)
    entity = "prompt_alias" if model.is_prompt else "model_version_alias"
    if version is None:
        _told(actor, model, f"{entity}.deleted", f"{alias} of {model.name} was removed", {"alias": alias})
        return
    data = {"alias": alias, "version": str(version)}
    _told(actor, model, f"{entity}.created", f"{alias} of {model.name} means version {version}", data)


def _tag(
    actor: Actor, model: RegisteredModel, entity: str, data: dict[str, Any], key: str, value: str | None
) -> None:
    action = "deleted" if value is None else "set"
    data = {**data, "key": key} if value is None else {**data, "key": key, "value": value}
    _told(actor, model, f"{entity}.{action}", f"Tag {key[:100]} of {model.name}: {action}", data)


def _told(actor: Actor, model: RegisteredModel, topic: str, title: str, data: Mapping[str, Any]) -> None:
    notice_write(
        actor=actor, workspace_id=model.workspace_id, topic=topic, title=title, url=f"/models/id/{model.pk}",
        data={"name": model.name, **data},
    )  # fmt: skip


def _shown(model: RegisteredModel, tags: Mapping[str, str]) -> dict[str, str]:
    """Of a prompt without the tags by which MLflow keeps it."""
    return {key: value for key, value in tags.items() if not (model.is_prompt and key in _HIDDEN)}
