"""MLflow's endpoints of registered models."""

from experiments.protocol.reading import values_of
from portal.api.call import Answer, Call, json_answer
from portal.api.protocol import Endpoint
from registry.models.registered_model import STAGES
from registry.protocol import messages
from registry.protocol.answers import list_answer, model_answer, pairs
from registry.selectors.documents import latest_ids, model_documents, version_documents
from registry.selectors.models import model_get
from registry.selectors.search import models_search
from registry.services.models import (
    NewRegisteredModel,
    model_create,
    model_delete,
    model_rename,
    model_tag_delete,
    model_tag_set,
    model_update,
)
from registry.validation.names import model_name_check, stage_parse, tag_check, tags_check

READ = "registry.model.read"


def create(call: Call) -> Answer:
    values = values_of(call, messages.CREATE_MODEL)
    model_name_check(values["name"])
    tags = pairs(values["tags"])
    tags_check(tags)
    new = NewRegisteredModel(name=values["name"], description=values["description"] or "", tags=tags)
    return model_answer(model_create(actor=call.actor, workspace=call.workspace, new=new))


def get(call: Call) -> Answer:
    return model_answer(model_get(call.actor, values_of(call, messages.GET_MODEL)["name"]))


def update(call: Call) -> Answer:
    values = values_of(call, messages.UPDATE_MODEL)
    model = model_get(call.actor, values["name"])
    return model_answer(model_update(actor=call.actor, model=model, description=values["description"] or ""))


def rename(call: Call) -> Answer:
    values = values_of(call, messages.RENAME_MODEL)
    model_name_check(values["new_name"], "new_name")
    model = model_get(call.actor, values["name"])
    return model_answer(model_rename(actor=call.actor, model=model, name=values["new_name"]))


def delete(call: Call) -> Answer:
    model = model_get(call.actor, values_of(call, messages.DELETE_MODEL)["name"])
    model_delete(actor=call.actor, model=model)
    return json_answer({})


def search(call: Call) -> Answer:
    values = values_of(call, messages.SEARCH_MODELS)
    found, token = models_search(
        call.actor,
        filter_string=values["filter"],
        order_by=values["order_by"],
        max_results=values["max_results"],
        page_token=values["page_token"] or None,
    )
    return list_answer("registered_models", model_documents(found), token)


def latest_versions(call: Call) -> Answer:
    values = values_of(call, messages.LATEST_VERSIONS)
    model = model_get(call.actor, values["name"])
    stages = [stage_parse(stage) for stage in values["stages"]] or list(STAGES)
    return list_answer("model_versions", version_documents(latest_ids(model, stages), aliases=True))


def tag_set(call: Call) -> Answer:
    values = values_of(call, messages.SET_MODEL_TAG)
    model_name_check(values["name"])
    tag_check(values["key"], values["value"])
    model = model_get(call.actor, values["name"])
    model_tag_set(actor=call.actor, model=model, key=values["key"], value=values["value"] or "")
    return json_answer({})


def tag_delete(call: Call) -> Answer:
    values = values_of(call, messages.DELETE_MODEL_TAG)
    model_name_check(values["name"])
    tag_check(values["key"], None)
    model_tag_delete(actor=call.actor, model=model_get(call.actor, values["name"]), key=values["key"])
    return json_answer({})


_PATH = "2.0/mlflow/registered-models"

ENDPOINTS = [
    Endpoint("POST", f"{_PATH}/create", create, "registry.model.create"),
    Endpoint("GET", f"{_PATH}/get", get, READ),
    Endpoint("PATCH", f"{_PATH}/update", update, "registry.model.update"),
    Endpoint("POST", f"{_PATH}/rename", rename, "registry.model.rename"),
    Endpoint("DELETE", f"{_PATH}/delete", delete, "registry.model.delete"),
    Endpoint("GET", f"{_PATH}/search", search, READ),
    Endpoint("GET", f"{_PATH}/get-latest-versions", latest_versions, READ),
    Endpoint("POST", f"{_PATH}/get-latest-versions", latest_versions, READ),
    Endpoint("POST", f"{_PATH}/set-tag", tag_set, "registry.model.tag"),
    Endpoint("DELETE", f"{_PATH}/delete-tag", tag_delete, "registry.model.tag"),
]
