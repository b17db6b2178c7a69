"""The requests of MLflow's tracking service that the portal serves, field by field as in 3.17.2."""

from types import MappingProxyType
from typing import Any

from experiments.protocol.schema import Check, Field, Message, entry_keys_required
from experiments.validation.values import Mismatch, boolean, double, enum, int32, int64, text

RUN_STATUS = MappingProxyType({"RUNNING": 1, "SCHEDULED": 2, "FINISHED": 3, "FAILED": 4, "KILLED": 5})
VIEW_TYPE = MappingProxyType({"ACTIVE_ONLY": 1, "DELETED_ONLY": 2, "ALL": 3})
LOGGED_MODEL_STATUS = MappingProxyType(
    {
        "LOGGED_MODEL_STATUS_UNSPECIFIED": 0,
        "LOGGED_MODEL_PENDING": 1,
        "LOGGED_MODEL_READY": 2,
        "LOGGED_MODEL_UPLOAD_FAILED": 3,
    }
)
MAX_SEARCH_RESULTS = 50_000
MAX_BULK_RUNS = 100
MAX_BULK_RESULTS = 2_500

run_status = enum(RUN_STATUS)
view_type = enum(VIEW_TYPE)
logged_model_status = enum(LOGGED_MODEL_STATUS)


def _string(name: str, *, required: bool = False, checked: bool = True) -> Field:
    return Field(name, text, required=required, checked=checked)


def _strings(name: str, *, required: bool = False, check: Check | None = None) -> Field:
    return Field(name, text, repeated=True, required=required, check=check, default=())


def _messages(name: str, message: Message, *, required: bool = False, check: Check | None = None) -> Field:
    return Field(name, message, repeated=True, required=required, check=check, default=())


def _at_most(limit: int) -> Check:
    def check(value: Any) -> str | None:
        return Mismatch("max_results", value).message if _as_int(value) > limit else None

    return check


def _bulk_results(value: Any) -> str | None:
    inside = 1 <= _as_int(value) <= MAX_BULK_RESULTS
    return None if inside else f"max_results must be between 1 and {MAX_BULK_RESULTS}."


def _bulk_runs(value: Any) -> str | None:
    if len(value) <= MAX_BULK_RUNS:
        return None
    return (
        f"GetMetricHistoryBulkInterval request must specify at most {MAX_BULK_RUNS} run_ids. "
        f"Received {len(value)} run_ids."
    )


def _as_int(value: Any) -> int:
    return int32(value, "max_results")


KEY_VALUE = Message(_string("key"), _string("value"))
_RUN = (_string("run_id", required=True), _string("run_uuid", checked=False))
_EXPERIMENT = _string("experiment_id", required=True)

CREATE_EXPERIMENT = Message(
    _string("name", required=True), _string("artifact_location"), _messages("tags", KEY_VALUE)
)
GET_EXPERIMENT = DELETE_EXPERIMENT = RESTORE_EXPERIMENT = Message(_EXPERIMENT)
GET_EXPERIMENT_BY_NAME = Message(_string("experiment_name", required=True))
UPDATE_EXPERIMENT = Message(_EXPERIMENT, _string("new_name", required=True))
SEARCH_EXPERIMENTS = Message(
    Field("view_type", view_type, default="ACTIVE_ONLY"),
    Field("max_results", int64),
    _strings("order_by"),
    _string("filter"),
    _string("page_token"),
)
SET_EXPERIMENT_TAG = Message(_EXPERIMENT, _string("key", required=True), _string("value"))
DELETE_EXPERIMENT_TAG = Message(_EXPERIMENT, _string("key", required=True))

CREATE_RUN = Message(
    _string("experiment_id"),
    Field("start_time", int64),
    _string("run_name"),
    _string("user_id", checked=False),
    _messages("tags", KEY_VALUE),
)
UPDATE_RUN = Message(*_RUN, Field("end_time", int64), Field("status", run_status), _string("run_name"))
DELETE_RUN = RESTORE_RUN = Message(_string("run_id", required=True))
GET_RUN = Message(*_RUN)
SEARCH_RUNS = Message(
    _strings("experiment_ids"),
    _string("filter"),
    Field("max_results", int32, check=_at_most(MAX_SEARCH_RESULTS), default=1000),
    _strings("order_by"),
    Field("run_view_type", view_type, checked=False, default="ACTIVE_ONLY"),
    _string("page_token", checked=False),
)
SET_TAG = LOG_PARAM = Message(*_RUN, _string("key", required=True), _string("value"))
DELETE_TAG = Message(_string("run_id", required=True), _string("key", required=True))

LOG_METRIC = Message(
    *_RUN,
    _string("key", required=True),
    Field("value", double, required=True),
    Field("timestamp", int64, required=True),
    Field("step", int64, default=0),
    _string("model_id"),
    _string("dataset_name"),
    _string("dataset_digest"),
)
METRIC = Message(
    _string("key"),
    Field("value", double),
    Field("timestamp", int64),
    Field("step", int64, default=0),
    _string("dataset_name"),
    _string("dataset_digest"),
    _string("model_id"),
    _string("run_id"),
)
LOG_BATCH = Message(
    _string("run_id", required=True),
    _messages("metrics", METRIC, check=entry_keys_required("metrics", ("key", "value", "timestamp"))),
    _messages("params", KEY_VALUE, check=entry_keys_required("params", ("key",))),
    _messages("tags", KEY_VALUE, check=entry_keys_required("tags", ("key",))),
)
LOG_MODEL = Message(_string("run_id", required=True), _string("model_json", required=True))

DATASET = Message(
    _string("name"),
    _string("digest"),
    _string("source_type"),
    _string("source"),
    _string("schema"),
    _string("profile"),
)
DATASET_INPUT = Message(_messages("tags", KEY_VALUE), Field("dataset", DATASET))
MODEL_INPUT = Message(_string("model_id"))
MODEL_OUTPUT = Message(_string("model_id"), Field("step", int64))
LOG_INPUTS = Message(
    _string("run_id", required=True), _messages("datasets", DATASET_INPUT), _messages("models", MODEL_INPUT)
)
LOG_OUTPUTS = Message(_string("run_id", required=True), _messages("models", MODEL_OUTPUT, required=True))
SEARCH_DATASETS = Message(_strings("experiment_ids"))

GET_METRIC_HISTORY = Message(
    *_RUN, _string("metric_key", required=True), _string("page_token"), Field("max_results", int32)
)
GET_METRIC_HISTORY_BULK_INTERVAL = Message(
    _strings("run_ids", required=True, check=_bulk_runs),
    _string("metric_key", required=True),
    Field("start_step", int32),
    Field("end_step", int32),
    Field("max_results", int32, check=_bulk_results),
)
LIST_ARTIFACTS = Message(*_RUN, _string("path"), _string("page_token"))

CREATE_LOGGED_MODEL = Message(
    _EXPERIMENT,
    _string("name"),
    _string("model_type"),
    _string("source_run_id"),
    _messages("params", KEY_VALUE),
    _messages("tags", KEY_VALUE),
)
_MODEL = _string("model_id", required=True)
FINALIZE_LOGGED_MODEL = Message(_MODEL, Field("status", logged_model_status, required=True))
LOG_LOGGED_MODEL_PARAMS = Message(_MODEL, _messages("params", KEY_VALUE))
SET_LOGGED_MODEL_TAGS = Message(_messages("tags", KEY_VALUE))
LIST_LOGGED_MODEL_ARTIFACTS = Message(_string("artifact_directory_path"), _string("page_token"))
DATASET_FILTER = Message(_string("dataset_name"), _string("dataset_digest"))
MODEL_ORDER = Message(
    _string("field_name"),
    Field("ascending", boolean, default=True),
    _string("dataset_name"),
    _string("dataset_digest"),
)
SEARCH_LOGGED_MODELS = Message(
    _strings("experiment_ids", required=True),
    _string("filter"),
    _messages("datasets", DATASET_FILTER),
    Field("max_results", int32),
    _messages("order_by", MODEL_ORDER),
    _string("page_token"),
)
