"""MLflow's experiment endpoints."""

from typing import Any

from experiments.models import Experiment
from experiments.protocol import messages
from experiments.protocol.reading import values_of
from experiments.protocol.schema import Values
from experiments.selectors.experiment_search import experiments_search
from experiments.selectors.experiments import DEFAULT_ID, experiment_by_name, experiment_get
from experiments.services.experiments import (
    experiment_create,
    experiment_create_default,
    experiment_delete,
    experiment_rename,
    experiment_restore,
    experiment_tag_delete,
    experiment_tag_set,
)
from experiments.validation.identifiers import experiment_id_parse
from experiments.validation.names import experiment_name_check, experiment_tag_check
from portal import access
from portal.api.call import Answer, Call, json_answer
from portal.api.protocol import Endpoint
from portal.kernel.mlflow_errors import RESOURCE_ALREADY_EXISTS, ProtocolError, invalid_parameter

DEFAULT_MAX_RESULTS = 1000


def create(call: Call) -> Answer:
    values = values_of(call, messages.CREATE_EXPERIMENT)
    experiment_name_check(values["name"])
    _location_refuse(values["artifact_location"])
    tags = [(tag["key"] or "", tag["value"] or "") for tag in values["tags"]]
    for key, value in tags:
        experiment_tag_check(key, value)
    made = experiment_create(actor=call.actor, workspace=call.workspace, name=values["name"], tags=tags)
    return json_answer({"experiment_id": str(made.pk)})


def get(call: Call) -> Answer:
    values = values_of(call, messages.GET_EXPERIMENT)
    return json_answer({"experiment": experiment_json(experiment_of(call, values["experiment_id"]))})


def get_by_name(call: Call) -> Answer:
    values = values_of(call, messages.GET_EXPERIMENT_BY_NAME)
    return json_answer(
        {"experiment": experiment_json(experiment_by_name(call.actor, values["experiment_name"]))}
    )


def search(call: Call) -> Answer:
    values = values_of(call, messages.SEARCH_EXPERIMENTS)
    _default_ensure(call)
    found, token = _found(call, values)
    by_id = Experiment.objects.select_related("workspace").prefetch_related("tags").in_bulk(found)
    answer: Values = (
        {"experiments": [experiment_json(by_id[key]) for key in found if key in by_id]} if found else {}
    )
    return json_answer({**answer, "next_page_token": token} if token else answer)


def _default_ensure(call: Call) -> None:
    """Give the workspace of the call its default experiment at the first look, as every MLflow server has one."""
    ids = call.actor.workspace_ids
    if ids is None or len(ids) != 1 or Experiment.objects.filter(workspace__in=ids, is_default=True).exists():
        return
    if access.allows(call.actor, "experiments.experiment.create", call.workspace):
        _default_make(call)


def _found(call: Call, values: Values) -> tuple[list[int], str | None]:
    return experiments_search(
        call.actor,
        filter_string=values["filter"] or "",
        order_by=values["order_by"],
        view_type=values["view_type"],
        max_results=DEFAULT_MAX_RESULTS if values["max_results"] is None else values["max_results"],
        page_token=values["page_token"] or None,
    )


def rename(call: Call) -> Answer:
    values = values_of(call, messages.UPDATE_EXPERIMENT)
    experiment_name_check(values["new_name"])
    experiment = experiment_of(call, values["experiment_id"])
    experiment_rename(actor=call.actor, experiment=experiment, name=values["new_name"])
    return json_answer({})


def delete(call: Call) -> Answer:
    values = values_of(call, messages.DELETE_EXPERIMENT)
    experiment_delete(actor=call.actor, experiment=experiment_of(call, values["experiment_id"]))
    return json_answer({})


def restore(call: Call) -> Answer:
    values = values_of(call, messages.RESTORE_EXPERIMENT)
    experiment_restore(actor=call.actor, experiment=experiment_of(call, values["experiment_id"]))
    return json_answer({})


def tag_set(call: Call) -> Answer:
    values = values_of(call, messages.SET_EXPERIMENT_TAG)
    key, value = values["key"], values["value"] or ""
    experiment_tag_check(key, value)
    experiment = experiment_of(call, values["experiment_id"])
    experiment_tag_set(actor=call.actor, experiment=experiment, key=key, value=value)
    return json_answer({})


def tag_delete(call: Call) -> Answer:
    values = values_of(call, messages.DELETE_EXPERIMENT_TAG)
    experiment = experiment_of(call, values["experiment_id"])
    experiment_tag_delete(actor=call.actor, experiment=experiment, key=values["key"])
    return json_answer({})


def experiment_of(call: Call, experiment_id: str) -> Experiment:
    """The experiment of a call; id 0 is the default one of the one workspace that the call is about."""
    if experiment_id_parse(experiment_id) != DEFAULT_ID:
        return experiment_get(call.actor, experiment_id)
    found = Experiment.objects.filter(workspace=call.workspace, is_default=True).first()
    return found or _default_make(call)


def _default_make(call: Call) -> Experiment:
    """Make the default experiment when its first writer names it; of several at once, one makes it for all."""
    if not access.allows(call.actor, "experiments.experiment.create", call.workspace):
        return experiment_get(call.actor, str(DEFAULT_ID))
    try:
        return experiment_create_default(actor=call.actor, workspace=call.workspace)
    except ProtocolError as no:
        found = Experiment.objects.filter(workspace=call.workspace, is_default=True).first()
        if no.error_code != RESOURCE_ALREADY_EXISTS or found is None:
            raise
        return found


def experiment_json(experiment: Experiment) -> dict[str, Any]:
    """An experiment as MLflow's protocol answers it."""
    found: dict[str, Any] = {
        "experiment_id": str(experiment.pk),
        "name": experiment.name,
        "artifact_location": experiment.artifact_location,
        "lifecycle_stage": experiment.lifecycle_stage,
        "last_update_time": experiment.last_update_time,
        "creation_time": experiment.creation_time,
        "workspace": experiment.workspace.name,
    }
    tags = [{"key": tag.key, "value": tag.value} for tag in experiment.tags.all()]
    return {**found, "tags": tags} if tags else found


def _location_refuse(location: str | None) -> None:
    if location:
        raise invalid_parameter(
            f"Invalid artifact location {location[:200]!r}: the portal keeps the artifacts of every experiment "
            "in its own store. Leave artifact_location empty."
        )


ENDPOINTS = [
    Endpoint("POST", "2.0/mlflow/experiments/create", create, "experiments.experiment.create"),
    Endpoint("GET", "2.0/mlflow/experiments/get", get, "experiments.experiment.read"),
    Endpoint("GET", "2.0/mlflow/experiments/get-by-name", get_by_name, "experiments.experiment.read"),
    Endpoint("GET", "2.0/mlflow/experiments/search", search, "experiments.experiment.read"),
    Endpoint("POST", "2.0/mlflow/experiments/search", search, "experiments.experiment.read"),
    Endpoint("POST", "2.0/mlflow/experiments/update", rename, "experiments.experiment.update"),
    Endpoint("POST", "2.0/mlflow/experiments/delete", delete, "experiments.experiment.delete"),
    Endpoint("POST", "2.0/mlflow/experiments/restore", restore, "experiments.experiment.restore"),
    Endpoint("POST", "2.0/mlflow/experiments/set-experiment-tag", tag_set, "experiments.experiment.tag"),
    Endpoint(
        "POST", "2.0/mlflow/experiments/delete-experiment-tag", tag_delete, "experiments.experiment.tag"
    ),
]
