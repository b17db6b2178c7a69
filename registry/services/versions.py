"""Changes of versions: made pending, READY when a job has read every byte, deleted without a trace being lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from compliance.services.holds import hold_check
from experiments.services.digests import manifest_digest
from experiments.services.holds import location_hold, not_collected_check
from jobs.errors import NothingToDo
from jobs.queue import enqueue
from portal.accounts.actor import Actor
from portal.kernel.clock import now, now_ms
from portal.kernel.errors import Conflict
from portal.kernel.mlflow_errors import invalid_parameter
from portal.kernel.versions import version_check
from portal.operations import Changed, effect, locked, operation
from registry.dependents import dependents_check
from registry.gate.queue import gate_jobs_enqueue
from registry.models import ModelVersion, ModelVersionTag, RegisteredModel
from registry.models.registered_model import FAILED, PENDING, READY
from registry.prompts import CONTENT_TAGS, IS_PROMPT, is_prompt_tagged, prompt_digest
from registry.protection import intervals_leave, subjects_invalidate
from registry.selectors.models import version_missing
from registry.selectors.sources import Origin, origin_find
from registry.services.models import live_check
from registry.telling import version_tag_told, version_told
from registry.validation.names import description_check, tag_check, tags_check
from registry.validation.sources import PROMPT_SOURCES, source_refused

DIGEST_JOB = "registry.digest_version"
MAX_LOCATION_LENGTH = 600
MAX_LINK_LENGTH = 500


@dataclass(frozen=True)
class NewVersion:
    """What a caller says about a version to be made."""

    source: str
    run_id: str | None = None
    model_id: str | None = None
    run_link: str = ""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Past:
    """What a version was elsewhere. Times are milliseconds since the epoch."""

    number: int
    user_name: str
    created_at: int
    updated_at: int


@operation("registry.version.create", on="model")
def version_create(*, actor: Actor, model: RegisteredModel, new: NewVersion) -> ModelVersion:
    """Make the next version of a model from files that the caller may read, in the same workspace.

    It is pending until a job has read its files, which are held as they are from now on. A version of a prompt has no
    files and is READY at once. Raises ProtocolError for a source that is refused or not there.
    """
    return _version_make(actor, model, new)


@effect("registry.version.create", on="model")
def version_import(*, actor: Actor, model: RegisteredModel, new: NewVersion, past: Past) -> ModelVersion:
    """Make a version with the number and the times that it had elsewhere, as a part of a larger operation.

    Raises Conflict when the model has a version of that number, or had one.
    """
    if ModelVersion.objects.filter(model=model, version=past.number).exists():
        raise Conflict(f"{model} has a version {past.number} of its own.", code="version_taken")
    return _version_make(actor, model, new, past)


def _version_make(
    actor: Actor, model: RegisteredModel, new: NewVersion, past: Past | None = None
) -> ModelVersion:
    live_check(model)
    description_check(new.description)
    tags_check(new.tags)
    if len(new.run_link) > MAX_LINK_LENGTH:
        raise invalid_parameter(f"'run_link' exceeds the maximum length of {MAX_LINK_LENGTH} characters")
    origin = _origin(actor, model, new)
    version = _version_save(actor, model, new, origin, past)
    not_collected_check([version.run_id] if version.run_id else [])
    ModelVersionTag.objects.bulk_create(
        ModelVersionTag(version=version, key=key, value=value) for key, value in new.tags.items()
    )
    if not model.is_prompt:
        location_hold(workspace_id=model.workspace_id, location=version.artifact_location)
        enqueue(
            DIGEST_JOB, key=version.pk.hex, args={"version_id": version.pk.hex}, actor=actor,
            workspace_id=model.workspace_id,
        )  # fmt: skip
    version_told(actor, version, new.tags)
    return version


@operation("registry.version.update", on="version")
def version_update(
    *, actor: Actor, version: ModelVersion, description: str, expected_version: str | None = None
) -> ModelVersion:
    """Describe a version anew. Raises Conflict when it is no longer the one that the caller saw."""
    there_check(version)
    version_check(version, expected_version)
    description_check(description)
    version.description, version.last_updated_timestamp = description, now_ms()
    version.save(update_fields=["description", "last_updated_timestamp"])
    return version


@operation("registry.version.tag", on="version")
def version_tag_set(*, actor: Actor, version: ModelVersion, key: str, value: str) -> Changed[None]:
    """Set a tag, overwriting the old value. What a prompt says is no tag to be changed."""
    there_check(version)
    tag_check(key, value)
    old = ModelVersionTag.objects.filter(version=version, key=key).values_list("value", flat=True).first()
    _content_check(version, key, old, value)
    ModelVersionTag.objects.bulk_create(
        [ModelVersionTag(version=version, key=key, value=value)],
        update_conflicts=True, unique_fields=["version_id", "key"], update_fields=["value"],
    )  # fmt: skip
    version_tag_told(actor, version, key, value)
    return Changed(None, before={f"tags.{key}": old}, after={f"tags.{key}": value})


@operation("registry.version.tag", on="version")
def version_tag_delete(*, actor: Actor, version: ModelVersion, key: str) -> Changed[None]:
    """Remove a tag; one that is not there is no error, as in MLflow."""
    there_check(version)
    tag_check(key, None)
    tags = ModelVersionTag.objects.filter(version=version, key=key)
    old = tags.values_list("value", flat=True).first()
    _content_check(version, key, old, None)
    tags.delete()
    version_tag_told(actor, version, key, None)
    return Changed(None, before={f"tags.{key}": old}, after={f"tags.{key}": None})


@operation("registry.version.delete", on="model")
def version_delete(
    *, actor: Actor, model: RegisteredModel, version: ModelVersion, reason: str = ""
) -> Changed[None]:
    """Delete a version: what aliases and stages meant by it ends now. Its row, its past and its files stay.

    Requests and unused approvals about it end in the same commit. Raises PolicyViolation (`protected`) while an alias
    or a stage means it that a policy protects, Conflict (`in_use`) while it is deployed.
    """
    row = version_held(model, version)
    hold_check(
        workspace_id=model.workspace_id, subjects=[("modelversion", row.pk), ("registeredmodel", model.pk)],
        what=f"{row} cannot be deleted",
    )  # fmt: skip
    dependents_check(model, row)
    what = f"Deleting {row}"
    current = list(row.assignments.filter(valid_to=None).select_related("version", "approval", "model"))
    left = intervals_leave(actor, model, current, what)
    subjects_invalidate(actor, [row.pk.hex], f"{row} was deleted.")
    row.deleted_at, row.last_updated_timestamp = now(), now_ms()
    row.save(update_fields=["deleted_at", "last_updated_timestamp"])
    model.last_updated_timestamp = row.last_updated_timestamp
    model.save(update_fields=["last_updated_timestamp"])
    return Changed(
        None, before={"deleted": False, "held": left.names, "ended": []},
        after={"deleted": True, "held": [], "ended": left.facts}, subject=row,
    )  # fmt: skip


@effect("registry.version.digest", on="version")
def version_digest_set(
    *, actor: Actor, version: ModelVersion, manifest: Sequence[Mapping[str, Any]]
) -> Changed[dict[str, Any]]:
    """Store the manifest of a version and its digest, once: it is READY, and the gate looks at it."""
    if version.status != PENDING or version.deleted_at is not None:
        raise NothingToDo(f"The version {version.pk.hex} is not pending any more.")
    ordered = sorted(map(dict, manifest), key=lambda entry: entry["path"])
    version.manifest, version.digest = ordered, manifest_digest(ordered)
    version.status, version.ready_at = READY, now()
    version.save(update_fields=["manifest", "digest", "status", "ready_at"])
    gate_jobs_enqueue(actor, version)
    facts = {
        "digest": version.digest, "files": len(ordered), "bytes": sum(entry["size"] for entry in ordered),
    }  # fmt: skip
    return Changed(facts, before={"status": PENDING}, after={"status": READY, **facts})


@effect("registry.version.digest", on="version")
def version_fail(*, actor: Actor, version: ModelVersion, why: str) -> Changed[dict[str, Any]]:
    """End a registration whose files cannot be taken; `why` is what the waiting client prints."""
    if version.status != PENDING:
        raise NothingToDo(f"The version {version.pk.hex} is not pending any more.")
    version.status, version.status_message = FAILED, why[:1000]
    version.save(update_fields=["status", "status_message"])
    return Changed(
        {"failed": why}, before={"status": PENDING}, after={"status": FAILED, "status_message": why}
    )


def version_held(model: RegisteredModel, version: ModelVersion) -> ModelVersion:
    """A version of a model that the caller holds, held as well. Raises ProtocolError when it is not there any more."""
    row: ModelVersion = locked(version)
    if row.model_id != model.pk or row.deleted_at is not None:
        raise version_missing(model.name, version.version)
    row.model = model
    return row


def there_check(version: ModelVersion) -> None:
    """Raise, as for a version that is not there, when it was deleted before it could be locked."""
    if version.deleted_at is not None:
        raise version_missing(version.model.name, version.version)


def _version_save(
    actor: Actor, model: RegisteredModel, new: NewVersion, origin: Origin, past: Past | None
) -> ModelVersion:
    """The row, with the next number; the model's own row is held, so no number comes twice."""
    made_at = now_ms()
    past = past or Past(model.last_version + 1, actor.name, made_at, made_at)
    model.last_version, model.last_updated_timestamp = max(model.last_version, past.number), made_at
    model.save(update_fields=["last_version", "last_updated_timestamp"])
    ready: dict[str, Any] = {}
    if model.is_prompt:
        ready = {"status": READY, "digest": prompt_digest(new.tags), "manifest": [], "ready_at": now()}
    return ModelVersion.objects.create(
        workspace_id=model.workspace_id, model=model, version=past.number, description=new.description,
        user_name=past.user_name[:256], created_by_id=actor.user_id, source=origin.source,
        artifact_location=origin.location, run=origin.run, logged_model=origin.logged_model,
        copied_from=origin.copied_from, run_link=new.run_link, creation_timestamp=past.created_at,
        last_updated_timestamp=past.updated_at, **ready,
    )  # fmt: skip


def _origin(actor: Actor, model: RegisteredModel, new: NewVersion) -> Origin:
    """Where the files come from. Whether the model is a prompt decides, never a tag of the request."""
    if model.is_prompt:
        return _prompt_origin(model, new)
    if is_prompt_tagged(new.tags):
        raise invalid_parameter(
            f"{model.name} is a registered model: a version of it cannot be tagged as a prompt."
        )
    origin = origin_find(actor, model.workspace_id, new.source, run_id=new.run_id, model_id=new.model_id)
    if len(origin.location) > MAX_LOCATION_LENGTH:
        raise source_refused(new.source, f"Its path is longer than {MAX_LOCATION_LENGTH} characters")
    return origin


def _prompt_origin(model: RegisteredModel, new: NewVersion) -> Origin:
    if not is_prompt_tagged(new.tags):
        raise invalid_parameter(f"{model.name} is a prompt: a version of it carries the tag {IS_PROMPT}.")
    if new.source not in PROMPT_SOURCES:
        raise invalid_parameter(
            f"Invalid prompt source: '{new.source[:300]}'. Prompt sources must use an MLflow placeholder."
        )
    return Origin(source=new.source, location="")


def _content_check(version: ModelVersion, key: str, old: str | None, value: str | None) -> None:
    """Refuse to change what a prompt says after it was made, and to turn another version into one."""
    is_fixed = key == IS_PROMPT or (version.model.is_prompt and key in CONTENT_TAGS)
    if is_fixed and old != value:
        raise invalid_parameter(
            f"The tag {key} of {version} cannot be changed: it is a part of what the version is. Make a new version."
        )
