"""Where the files of a source lie, and whose they are: looked up as the caller sees them, whatever tags say."""

from dataclasses import dataclass

from experiments.artifacts.locations import URI_PREFIX, store_path
from experiments.artifacts.paths import path_joined
from experiments.models import LoggedModel, Run
from experiments.selectors.artifacts import place_get
from experiments.selectors.logged_models import model_get as logged_model_get
from experiments.selectors.logged_models import model_missing as logged_model_missing
from experiments.selectors.runs import run_get, run_missing
from portal import access
from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.mlflow_errors import RESOURCE_DOES_NOT_EXIST, ProtocolError
from registry.models import ModelVersion
from registry.selectors.models import version_by_alias, version_get
from registry.validation.sources import ARTIFACTS, RUNS, Source, source_parse, source_refused

READ = "experiments.artifact.read"


@dataclass(frozen=True)
class Origin:
    """What a version is made from. `source` is what is stored, `location` where its files lie."""

    source: str
    location: str
    run: Run | None = None
    logged_model: LoggedModel | None = None
    copied_from: ModelVersion | None = None


def origin_find(
    actor: Actor, workspace_id: int, source: str, *, run_id: str | None, model_id: str | None
) -> Origin:
    """The origin of a new version in a workspace.

    Raises ProtocolError: RESOURCE_DOES_NOT_EXIST for what is not there, may not be read, or lies in another
    workspace; INVALID_PARAMETER_VALUE for a source of another kind, and for ids that are not those of the source.
    """
    found = _origin(actor, workspace_id, source, source_parse(source))
    _ids_check(source, found, run_id, model_id)
    return found


def _origin(actor: Actor, workspace_id: int, text: str, source: Source) -> Origin:
    if source.scheme == RUNS:
        run = _run(actor, workspace_id, source.owner)
        return Origin(text, _below(run.artifact_uri, source.path), run)
    if source.scheme == ARTIFACTS:
        return _of_path(actor, workspace_id, text, source.path)
    if source.is_logged_model:
        return _of_logged_model(actor, workspace_id, text, source.owner)
    return _of_version(actor, workspace_id, source)


def _run(actor: Actor, workspace_id: int, run_id: str) -> Run:
    run = run_get(actor, run_id)
    if run.workspace_id != workspace_id:
        raise run_missing(run_id)
    access.require(actor, READ, run)
    return run


def _of_logged_model(actor: Actor, workspace_id: int, text: str, model_id: str) -> Origin:
    model = logged_model_get(actor, model_id, allow_deleted=False)
    if model.workspace_id != workspace_id:
        raise logged_model_missing(model_id)
    access.require(actor, READ, model)
    return Origin(text, model.artifact_location, model.source_run, model)


def _of_path(actor: Actor, workspace_id: int, text: str, path: str) -> Origin:
    missing = ProtocolError(f"There are no artifacts at '{text[:300]}'.", RESOURCE_DOES_NOT_EXIST)
    try:
        place = place_get(actor, path)
    except NotFound as no:
        raise missing from no
    owner = place.owner
    if owner.workspace_id != workspace_id or not place.is_inside:
        raise missing
    access.require(actor, READ, owner)
    location = f"{URI_PREFIX}{place.path}"
    if isinstance(owner, LoggedModel):
        return Origin(text, location, owner.source_run, owner)
    return Origin(text, location, owner if isinstance(owner, Run) else None)


def _of_version(actor: Actor, workspace_id: int, source: Source) -> Origin:
    if source.alias:
        found = version_by_alias(actor, source.owner, source.alias, workspace_id=workspace_id)
    else:
        found = version_get(actor, source.owner, source.version, workspace_id=workspace_id)
    text = f"models:/{found.model.name}/{found.version}"
    if found.model.is_prompt:
        raise source_refused(text, "Prompt versions cannot be used as model version sources")
    return Origin(text, found.artifact_location, found.run, found.logged_model, found)


def _ids_check(source: str, found: Origin, run_id: str | None, model_id: str | None) -> None:
    """The ids that the caller gives must be those of the source: they are what lineage and exclusions follow."""
    own_run = found.run.pk.hex if found.run else ""
    own_model = found.logged_model.pk if found.logged_model else ""
    if run_id and run_id != own_run:
        raise source_refused(
            source, "The run_id request parameter must identify the resource that contains the source"
        )
    if model_id and model_id != own_model:
        raise source_refused(
            source, "The model_id request parameter must identify the resource that contains the source"
        )


def _below(root: str, path: str) -> str:
    return f"{URI_PREFIX}{path_joined(store_path(root), path)}"
