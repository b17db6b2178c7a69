"""MLflow's endpoints of logged models."""

from collections.abc import Iterable, Mapping
from typing import Any

from experiments.models import LoggedModel
from experiments.protocol import messages
from experiments.protocol.reading import values_of
from experiments.selectors.experiments import experiment_get
from experiments.selectors.logged_models import model_document, model_documents, model_get
from experiments.selectors.model_search import DEFAULT_RESULTS, logged_models_search
from experiments.selectors.runs import run_get
from experiments.services.logged_models import (
    NewModel,
    model_create,
    model_delete,
    model_finalize,
    model_params_log,
    model_tag_delete,
    model_tags_set,
)
from experiments.validation.names import logged_model_name_check
from portal.api.call import Answer, Call, json_answer
from portal.api.protocol import Endpoint
from portal.kernel.mlflow_errors import invalid_parameter

_UNSPECIFIED = {"LOGGED_MODEL_STATUS_UNSPECIFIED": "LOGGED_MODEL_UNSPECIFIED"}


def create(call: Call) -> Answer:
    values = values_of(call, messages.CREATE_LOGGED_MODEL)
    name = values["name"] or None
    logged_model_name_check(name)
    experiment = experiment_get(call.actor, values["experiment_id"])
    source_run_id = values["source_run_id"]
    new = NewModel(
        name=name,
        model_type=values["model_type"] or "",
        source_run=run_get(call.actor, source_run_id) if source_run_id else None,
        params=_new_pairs(values["params"]),
        tags=_pairs(values["tags"]),
    )
    return _model_answer(model_create(actor=call.actor, experiment=experiment, new=new))


def get(call: Call) -> Answer:
    allow_deleted = call.query.get("allow_deleted", ["false"])[0].lower() == "true"
    return _model_answer(model_get(call.actor, call.arguments["model_id"], allow_deleted=allow_deleted))


def finalize(call: Call) -> Answer:
    values = values_of(call, messages.FINALIZE_LOGGED_MODEL)
    model = _model(call, values["model_id"])
    status = _UNSPECIFIED.get(values["status"]) or values["status"]
    return _model_answer(model_finalize(actor=call.actor, model=model, status=status))


def delete(call: Call) -> Answer:
    model_delete(actor=call.actor, model=_model(call))
    return json_answer({})


def search(call: Call) -> Answer:
    values = values_of(call, messages.SEARCH_LOGGED_MODELS)
    found, token = logged_models_search(
        call.actor,
        experiment_ids=values["experiment_ids"],
        filter_string=values["filter"] or "",
        datasets=values["datasets"],
        max_results=values["max_results"] or DEFAULT_RESULTS,
        order_by=values["order_by"],
        page_token=values["page_token"] or None,
    )
    parts = [b'"models":[' + b",".join(model_documents(found)) + b"]"] if found else []
    if token:
        parts.append(b'"next_page_token":"' + token.encode() + b'"')
    return Answer(b"{" + b",".join(parts) + b"}")


def tags_set(call: Call) -> Answer:
    values = values_of(call, messages.SET_LOGGED_MODEL_TAGS)
    model_tags_set(actor=call.actor, model=_model(call), tags=_pairs(values["tags"]))
    return json_answer({})


def tag_delete(call: Call) -> Answer:
    try:
        key = call.arguments["key"].encode("latin-1").decode("utf-8")
    except UnicodeError as error:
        raise invalid_parameter("The key of the tag is not valid UTF-8.") from error
    if "\x00" in key:
        raise invalid_parameter("NUL characters cannot be stored.")
    model_tag_delete(actor=call.actor, model=_model(call), key=key)
    return json_answer({})


def params_log(call: Call) -> Answer:
    values = values_of(call, messages.LOG_LOGGED_MODEL_PARAMS)
    model = _model(call, values["model_id"])
    model_params_log(actor=call.actor, model=model, params=_new_pairs(values["params"]))
    return json_answer({})


def _model(call: Call, named: str | None = None) -> LoggedModel:
    """The model of the address. A body that names another is refused, so no check sees the wrong one."""
    model_id = call.arguments["model_id"]
    if named is not None and named != model_id:
        raise invalid_parameter("The model_id of the body is not that of the address.")
    return model_get(call.actor, model_id)


def _model_answer(model: LoggedModel) -> Answer:
    return Answer(b'{"model":' + model_document(model) + b"}")


def _pairs(entries: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {entry["key"] or "": entry["value"] or "" for entry in entries}


def _new_pairs(entries: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The same for what is written once: a key that comes twice is refused."""
    listed = list(entries)
    pairs = _pairs(listed)
    if len(pairs) != len(listed):
        raise invalid_parameter("The request contains more than one value for a param key.")
    return pairs


_PATH = "2.0/mlflow/logged-models"

ENDPOINTS = [
    Endpoint("POST", _PATH, create, "experiments.model.create"),
    Endpoint("POST", f"{_PATH}/search", search, "experiments.model.read"),
    Endpoint("GET", f"{_PATH}/{{model_id}}", get, "experiments.model.read"),
    Endpoint("PATCH", f"{_PATH}/{{model_id}}", finalize, "experiments.model.update"),
    Endpoint("DELETE", f"{_PATH}/{{model_id}}", delete, "experiments.model.delete"),
    Endpoint("PATCH", f"{_PATH}/{{model_id}}/tags", tags_set, "experiments.model.tag"),
    Endpoint("DELETE", f"{_PATH}/{{model_id}}/tags/{{key:path}}", tag_delete, "experiments.model.tag"),
    Endpoint("POST", f"{_PATH}/{{model_id}}/params", params_log, "experiments.model.log"),
]
