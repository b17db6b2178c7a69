"""MLflow's run endpoints."""

from typing import Any

from experiments.models import Run
from experiments.protocol import messages
from experiments.protocol.columns import batch_parse, metrics_of
from experiments.protocol.experiments import experiment_of
from experiments.protocol.reading import values_of
from experiments.protocol.schema import API_DOCS_HINT, content_type_check
from experiments.selectors.documents import run_document, run_documents
from experiments.selectors.run_search import run_ids_search
from experiments.selectors.runs import run_get
from experiments.services.batches import batch_log, metrics_log, param_log, tagged_batch_log
from experiments.services.runs import (
    NewRun,
    run_create,
    run_delete,
    run_restore,
    run_tag_delete,
    run_tag_set,
    run_update,
)
from experiments.validation.batches import batch_checked, logged_metric_check, param_checked, tag_checked
from experiments.validation.identifiers import run_id_parse
from experiments.validation.values import missing
from portal.api.call import BATCH_BODY_LIMIT, Answer, Call, json_answer
from portal.api.protocol import Endpoint
from portal.kernel.mlflow_errors import invalid_parameter

SYSTEM_TAGS = "mlflow."
# Tags of MLflow's own by which people know a run: its name, its notes, who made it, of what code, below which run.
TELLING_TAGS = (
    "mlflow.runName",
    "mlflow.note.content",
    "mlflow.user",
    "mlflow.source.",
    "mlflow.parentRunId",
)


def create(call: Call) -> Answer:
    values = values_of(call, messages.CREATE_RUN)
    if values["experiment_id"] is None:
        raise invalid_parameter(missing("experiment_id") + API_DOCS_HINT)
    tags = {tag["key"] or "": tag["value"] or "" for tag in values["tags"]}
    checked = [(key, tag_checked(key, value)) for key, value in tags.items()]
    new = NewRun(values["run_name"] or "", values["user_id"] or "", values["start_time"] or 0, checked)
    run = run_create(actor=call.actor, experiment=experiment_of(call, values["experiment_id"]), new=new)
    named = {**tags, "mlflow.runName": run.name}
    data = {"tags": [{"key": key, "value": value} for key, value in named.items()]}
    return json_answer({"run": {"info": info_json(run), "data": data, "inputs": {}}})


def get(call: Call) -> Answer:
    values = values_of(call, messages.GET_RUN)
    return Answer(b'{"run":' + run_document(call.actor, values["run_id"]) + b"}")


def update(call: Call) -> Answer:
    values = values_of(call, messages.UPDATE_RUN)
    run = run_get(call.actor, values["run_id"])
    updated = run_update(
        actor=call.actor,
        run=run,
        status=values["status"],
        end_time=values["end_time"],
        name=values["run_name"],
    )
    return json_answer({"run_info": info_json(updated)})


def delete(call: Call) -> Answer:
    run_delete(actor=call.actor, run=run_get(call.actor, values_of(call, messages.DELETE_RUN)["run_id"]))
    return json_answer({})


def restore(call: Call) -> Answer:
    run_restore(actor=call.actor, run=run_get(call.actor, values_of(call, messages.RESTORE_RUN)["run_id"]))
    return json_answer({})


def search(call: Call) -> Answer:
    values = values_of(call, messages.SEARCH_RUNS)
    found, token = run_ids_search(
        call.actor,
        experiment_ids=values["experiment_ids"],
        filter_string=values["filter"] or "",
        order_by=values["order_by"],
        view_type=values["run_view_type"],
        max_results=values["max_results"],
        page_token=values["page_token"] or None,
    )
    parts = [b'"runs":[' + b",".join(run_documents(found)) + b"]"] if found else []
    if token:
        parts.append(b'"next_page_token":"' + token.encode() + b'"')
    return Answer(b"{" + b",".join(parts) + b"}")


def log_metric(call: Call) -> Answer:
    values = values_of(call, messages.LOG_METRIC)
    logged_metric_check(values["key"], values["value"], values["timestamp"])
    metrics_log(actor=call.actor, run_id=values["run_id"], metrics=metrics_of([values]))
    return json_answer({})


def log_batch(call: Call) -> Answer:
    content_type_check("POST", call.environ.get("CONTENT_TYPE"))
    batch = batch_parse(call.body(BATCH_BODY_LIMIT))
    run_id_parse(batch.run_id)
    batch = batch_checked(batch)
    # Tags that a person sets or goes by are an act on the run and audited; the client's bookkeeping is not.
    if all(_is_bookkeeping(key) for key in batch.tags.keys):
        batch_log(actor=call.actor, run_id=batch.run_id, batch=batch)
    else:
        tagged_batch_log(actor=call.actor, run=run_get(call.actor, batch.run_id), batch=batch)
    return json_answer({})


def _is_bookkeeping(key: str) -> bool:
    return key.startswith(SYSTEM_TAGS) and not key.startswith(TELLING_TAGS)


def log_param(call: Call) -> Answer:
    values = values_of(call, messages.LOG_PARAM)
    value = param_checked(values["key"], values["value"] or "")
    param_log(actor=call.actor, run_id=values["run_id"], key=values["key"], value=value)
    return json_answer({})


def tag_set(call: Call) -> Answer:
    values = values_of(call, messages.SET_TAG)
    value = tag_checked(values["key"], values["value"] or "")
    run_tag_set(actor=call.actor, run=run_get(call.actor, values["run_id"]), key=values["key"], value=value)
    return json_answer({})


def tag_delete(call: Call) -> Answer:
    values = values_of(call, messages.DELETE_TAG)
    run_tag_delete(actor=call.actor, run=run_get(call.actor, values["run_id"]), key=values["key"])
    return json_answer({})


def info_json(run: Run) -> dict[str, Any]:
    """MLflow's RunInfo."""
    found: dict[str, Any] = {
        "run_uuid": run.pk.hex,
        "experiment_id": str(run.experiment_id),
        "run_name": run.name,
        "user_id": run.user_name,
        "status": run.status,
        "start_time": run.start_time,
        "end_time": run.end_time,
        "artifact_uri": run.artifact_uri,
        "lifecycle_stage": run.lifecycle_stage,
        "run_id": run.pk.hex,
    }
    return {key: value for key, value in found.items() if value is not None}


ENDPOINTS = [
    Endpoint("POST", "2.0/mlflow/runs/create", create, "experiments.run.create"),
    Endpoint("GET", "2.0/mlflow/runs/get", get, "experiments.run.read"),
    Endpoint("POST", "2.0/mlflow/runs/update", update, "experiments.run.update"),
    Endpoint("POST", "2.0/mlflow/runs/delete", delete, "experiments.run.delete"),
    Endpoint("POST", "2.0/mlflow/runs/restore", restore, "experiments.run.restore"),
    Endpoint("POST", "2.0/mlflow/runs/search", search, "experiments.run.read"),
    Endpoint("POST", "2.0/mlflow/runs/log-metric", log_metric, "experiments.run.log"),
    Endpoint("POST", "2.0/mlflow/runs/log-batch", log_batch, "experiments.run.log"),
    Endpoint("POST", "2.0/mlflow/runs/log-parameter", log_param, "experiments.run.log"),
    Endpoint("POST", "2.0/mlflow/runs/set-tag", tag_set, "experiments.run.tag"),
    Endpoint("POST", "2.0/mlflow/runs/delete-tag", tag_delete, "experiments.run.tag"),
]
