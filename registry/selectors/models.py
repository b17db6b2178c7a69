"""Reads of registered models, versions and aliases. What the actor may not see is answered like what does not exist."""

from django.db.models import QuerySet

from portal.accounts.actor import Actor
from portal.kernel.errors import InvalidInput
from portal.kernel.instances import instances
from portal.kernel.mlflow_errors import RESOURCE_DOES_NOT_EXIST, ProtocolError
from registry.models import Assignment, ModelVersion, RegisteredModel
from registry.models.assignments import ALIAS
from registry.validation.names import alias_check, model_name_check, version_number_parse

LATEST = "latest"
_SEEN = "(%s::bigint[] IS NULL OR workspace_id = ANY(%s::bigint[]))"


def models_visible(actor: Actor) -> QuerySet[RegisteredModel]:
    """The registered models of the actor's workspaces, without the deleted ones."""
    models = RegisteredModel.objects.filter(deleted_at=None)
    return models if actor.workspace_ids is None else models.filter(workspace_id__in=actor.workspace_ids)


def versions_visible(actor: Actor) -> QuerySet[ModelVersion]:
    """The versions of the actor's workspaces, without the deleted ones."""
    versions = ModelVersion.objects.filter(deleted_at=None, model__deleted_at=None)
    return versions if actor.workspace_ids is None else versions.filter(workspace_id__in=actor.workspace_ids)


def model_get(actor: Actor, name: str, *, workspace_id: int | None = None) -> RegisteredModel:
    """One registered model by its name, in one workspace or in those that the actor sees.

    Raises ProtocolError RESOURCE_DOES_NOT_EXIST when there is none, InvalidInput when several workspaces have one.
    """
    model_name_check(name)
    seen = actor.workspace_ids
    if workspace_id is not None:
        seen = [workspace_id] if seen is None or workspace_id in seen else []
    found = instances(
        RegisteredModel, f"name = %s AND deleted_at IS NULL AND {_SEEN} LIMIT 2", [name, seen, seen]
    )
    if len(found) > 1:
        raise InvalidInput(
            f"Several of your workspaces have a registered model '{name}'. Name the workspace: set MLFLOW_WORKSPACE, "
            "call mlflow.set_workspace(), or use a token that is bound to one workspace."
        )
    if not found:
        raise model_missing(name)
    return found[0]


def version_get(
    actor: Actor, name: str, version: str | int, *, workspace_id: int | None = None
) -> ModelVersion:
    """One version by the name of its model and its number, with the model at hand."""
    model_name_check(name)
    number = version_number_parse(version)
    model = _model_of_version(actor, name, version, workspace_id)
    found = instances(
        ModelVersion, "model_id = %s AND version = %s AND deleted_at IS NULL", [model.pk, number]
    )
    if not found:
        raise version_missing(name, version)
    found[0].model = model
    return found[0]


def _model_of_version(
    actor: Actor, name: str, version: str | int, workspace_id: int | None
) -> RegisteredModel:
    try:
        return model_get(actor, name, workspace_id=workspace_id)
    except ProtocolError as no:
        if no.error_code != RESOURCE_DOES_NOT_EXIST:
            raise
        raise version_missing(name, version) from no


def version_by_alias(actor: Actor, name: str, alias: str, *, workspace_id: int | None = None) -> ModelVersion:
    """The version that an alias means now; `latest` is the highest one, and is nobody's to set."""
    model_name_check(name)
    alias_check(alias, reserved=False)
    model = model_get(actor, name, workspace_id=workspace_id)
    if alias.lower() == LATEST:
        found = ModelVersion.objects.filter(model=model, deleted_at=None).order_by("-version").first()
        missing = ProtocolError(f"Latest version not found for model {name}.", RESOURCE_DOES_NOT_EXIST)
    else:
        current = Assignment.objects.filter(model=model, kind=ALIAS, name=alias, valid_to=None)
        found = ModelVersion.objects.filter(pk__in=current.values("version_id")).first()
        missing = ProtocolError(f"Registered model alias {alias} not found.")
    if found is None:
        raise missing
    found.model = model
    return found


def model_missing(name: str) -> ProtocolError:
    """The one answer for a model that does not exist and for one that may not be seen."""
    return ProtocolError(f"Registered Model with name={name[:300]} not found", RESOURCE_DOES_NOT_EXIST)


def version_missing(name: str, version: str | int) -> ProtocolError:
    """The one answer for a version that does not exist and for one that may not be seen."""
    return ProtocolError(
        f"Model Version (name={name[:300]}, version={str(version)[:100]}) not found", RESOURCE_DOES_NOT_EXIST
    )
