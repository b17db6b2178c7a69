"""MLflow's endpoints for what a run read and made."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from experiments.protocol import messages
from experiments.protocol.reading import values_of
from experiments.services.inputs import DatasetInput, inputs_log, model_history_append, outputs_log
from experiments.validation.identifiers import run_id_parse
from portal.api.call import BATCH_BODY_LIMIT, Answer, Call, json_answer
from portal.api.protocol import Endpoint
from portal.kernel.mlflow_errors import invalid_parameter

LOG = "experiments.run.log"
_MODEL_FIELDS = frozenset({"artifact_path", "flavors", "utc_time_created", "run_id"})
_HISTORY_FIELDS = ("run_id", "artifact_path", "utc_time_created", "model_uuid")


def inputs(call: Call) -> Answer:
    # Schema and profile of wide tables are long; the limits of the fields are MLflow's own.
    values = values_of(call, messages.LOG_INPUTS, limit=BATCH_BODY_LIMIT)
    datasets = [DatasetInput(each["dataset"], _tags(each["tags"])) for each in values["datasets"]]
    models = [each["model_id"] or "" for each in values["models"]]
    run_id_parse(values["run_id"])
    inputs_log(actor=call.actor, run_id=values["run_id"], datasets=datasets, models=models)
    return json_answer({})


def outputs(call: Call) -> Answer:
    values = values_of(call, messages.LOG_OUTPUTS)
    models = {each["model_id"] or "": each["step"] or 0 for each in values["models"]}
    outputs_log(actor=call.actor, run_id=values["run_id"], models=models)
    return json_answer({})


def log_model(call: Call) -> Answer:
    values = values_of(call, messages.LOG_MODEL)
    model = _model(values["model_json"])
    model_history_append(actor=call.actor, run_id=values["run_id"], model=_history_entry(model))
    return json_answer({})


def _tags(tags: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [{"key": tag["key"] or "", "value": tag["value"] or ""} for tag in tags]


def _model(text: str) -> dict[str, Any]:
    try:
        model = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise invalid_parameter(f"Malformed model info. \n {text[:500]} \n is not a valid JSON.") from error
    if not isinstance(model, dict):
        raise invalid_parameter("Malformed model info: it must be a JSON object.")
    missing = _MODEL_FIELDS - model.keys()
    if missing:
        raise invalid_parameter(f"Model json is missing mandatory fields: {missing}")
    return model


def _history_entry(model: dict[str, Any]) -> dict[str, Any]:
    """What MLflow keeps of a model in the tag: who and when, and its flavors without their configuration."""
    entry = {name: model[name] for name in _HISTORY_FIELDS if name in model}
    flavors = model["flavors"] if isinstance(model["flavors"], dict) else {}
    return {**entry, "flavors": {name: _without_config(flavor) for name, flavor in flavors.items()}}


def _without_config(flavor: Any) -> Any:
    if not isinstance(flavor, dict):
        return flavor
    return {key: value for key, value in flavor.items() if key != "config"}


ENDPOINTS = [
    Endpoint("POST", "2.0/mlflow/runs/log-inputs", inputs, LOG),
    Endpoint("POST", "2.0/mlflow/runs/outputs", outputs, LOG),
    Endpoint("POST", "2.0/mlflow/runs/log-model", log_model, LOG),
]
