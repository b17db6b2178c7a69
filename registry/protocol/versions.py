"""MLflow's endpoints of model versions."""

from experiments.protocol.reading import values_of
from portal import access
from portal.api.call import Answer, Call, json_answer
from portal.api.protocol import Endpoint
from registry import moves
from registry.digests.uses import use_check
from registry.models import ModelVersion
from registry.protocol import messages
from registry.protocol.answers import list_answer, pairs, version_answer
from registry.selectors.documents import version_documents
from registry.selectors.models import model_get, version_get
from registry.selectors.search import versions_search
from registry.services.stages import archive_check
from registry.services.versions import (
    NewVersion,
    version_create,
    version_delete,
    version_tag_delete,
    version_tag_set,
    version_update,
)
from registry.validation.names import model_name_check, tag_check, tags_check, version_number_parse

READ = "registry.version.read"


def create(call: Call) -> Answer:
    values = values_of(call, messages.CREATE_VERSION)
    model_name_check(values["name"])
    tags = pairs(values["tags"])
    tags_check(tags)
    new = NewVersion(
        source=values["source"],
        run_id=values["run_id"],
        model_id=values["model_id"],
        run_link=values["run_link"] or "",
        description=values["description"] or "",
        tags=tags,
    )
    model = model_get(call.actor, values["name"])
    return version_answer(version_create(actor=call.actor, model=model, new=new))


def get(call: Call) -> Answer:
    return version_answer(_version(call, values_of(call, messages.GET_VERSION)))


def update(call: Call) -> Answer:
    values = values_of(call, messages.UPDATE_VERSION)
    version = _version(call, values)
    description = values["description"] or ""
    return version_answer(version_update(actor=call.actor, version=version, description=description))


def delete(call: Call) -> Answer:
    version = _version(call, values_of(call, messages.DELETE_VERSION))
    version_delete(actor=call.actor, model=version.model, version=version)
    return json_answer({})


def download_uri(call: Call) -> Answer:
    """Where the files lie, for the client to read through the artifact proxy, which asks permission again."""
    values = values_of(call, messages.DOWNLOAD_URI)
    version = _version(call, {"name": values["name"] or "", "version": values["version"] or ""})
    access.require(call.actor, "experiments.artifact.read", version)
    use_check(call.actor, version)
    return json_answer({"artifact_uri": version.artifact_location or version.source})


def search(call: Call) -> Answer:
    values = values_of(call, messages.SEARCH_VERSIONS)
    found, token = versions_search(
        call.actor,
        filter_string=values["filter"],
        order_by=values["order_by"],
        max_results=values["max_results"],
        page_token=values["page_token"] or None,
    )
    return list_answer("model_versions", version_documents(found), token)


def transition(call: Call) -> Answer:
    values = values_of(call, messages.TRANSITION_STAGE)
    archive_existing = values["archive_existing_versions"]
    archive_check(values["stage"], archive_existing)
    version = _version(call, values)
    moved = moves.stage_move_or_request(
        actor=call.actor, version=version, stage=values["stage"], archive_existing=archive_existing
    )
    return version_answer(moved)


def tag_set(call: Call) -> Answer:
    values = values_of(call, messages.SET_VERSION_TAG)
    _tag_check(values, values["value"])
    version = _version(call, values)
    version_tag_set(actor=call.actor, version=version, key=values["key"], value=values["value"] or "")
    return json_answer({})


def tag_delete(call: Call) -> Answer:
    values = values_of(call, messages.DELETE_VERSION_TAG)
    _tag_check(values, None)
    version_tag_delete(actor=call.actor, version=_version(call, values), key=values["key"])
    return json_answer({})


def _tag_check(values: dict[str, str], value: str | None) -> None:
    """What is wrong with the call itself is said first, as MLflow does."""
    model_name_check(values["name"])
    version_number_parse(values["version"])
    tag_check(values["key"], value)


def _version(call: Call, values: dict[str, str]) -> ModelVersion:
    return version_get(call.actor, values["name"], values["version"])


_PATH = "2.0/mlflow/model-versions"

ENDPOINTS = [
    Endpoint("POST", f"{_PATH}/create", create, "registry.version.create"),
    Endpoint("GET", f"{_PATH}/get", get, READ),
    Endpoint("PATCH", f"{_PATH}/update", update, "registry.version.update"),
    Endpoint("DELETE", f"{_PATH}/delete", delete, "registry.version.delete"),
    Endpoint("GET", f"{_PATH}/get-download-uri", download_uri, READ),
    Endpoint("GET", f"{_PATH}/search", search, READ),
    Endpoint("POST", f"{_PATH}/transition-stage", transition, "registry.stage.move"),
    Endpoint("POST", f"{_PATH}/set-tag", tag_set, "registry.version.tag"),
    Endpoint("DELETE", f"{_PATH}/delete-tag", tag_delete, "registry.version.tag"),
]
