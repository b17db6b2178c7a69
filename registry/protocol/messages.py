"""The requests of MLflow's registry service, field by field as in 3.17.2."""

from typing import Any

from experiments.protocol.schema import Check, Field, Message
from experiments.validation.values import Mismatch, boolean, int64, text
from registry.selectors.search import MAX_MODELS, MAX_VERSIONS


def _string(name: str, *, required: bool = False) -> Field:
    return Field(name, text, required=required)


def _strings(name: str) -> Field:
    return Field(name, text, repeated=True, default=())


def _at_most(limit: int) -> Check:
    def check(value: Any) -> str | None:
        return Mismatch("max_results", value).message if int64(value, "max_results") > limit else None

    return check


KEY_VALUE = Message(_string("key"), _string("value"))
_TAGS = Field("tags", KEY_VALUE, repeated=True, default=())
_NAME = _string("name", required=True)
_VERSION = _string("version", required=True)
_KEY = _string("key", required=True)
_ALIAS = _string("alias", required=True)

CREATE_MODEL = Message(_NAME, _TAGS, _string("description"))
GET_MODEL = DELETE_MODEL = Message(_NAME)
RENAME_MODEL = Message(_NAME, _string("new_name", required=True))
UPDATE_MODEL = Message(_NAME, _string("description"))
SEARCH_MODELS = Message(
    _string("filter"),
    Field("max_results", int64, check=_at_most(MAX_MODELS), default=100),
    _strings("order_by"),
    _string("page_token"),
)
LATEST_VERSIONS = Message(_NAME, _strings("stages"))
SET_MODEL_TAG = Message(_NAME, _KEY, _string("value"))
DELETE_MODEL_TAG = Message(_NAME, _KEY)
SET_ALIAS = Message(_NAME, _ALIAS, _VERSION)
GET_ALIAS = DELETE_ALIAS = Message(_NAME, _ALIAS)

CREATE_VERSION = Message(
    _NAME,
    _string("source", required=True),
    _string("run_id"),
    _TAGS,
    _string("run_link"),
    _string("description"),
    _string("model_id"),
)
GET_VERSION = DELETE_VERSION = Message(_NAME, _VERSION)
DOWNLOAD_URI = Message(_string("name"), _string("version"))
UPDATE_VERSION = Message(_NAME, _VERSION, _string("description"))
TRANSITION_STAGE = Message(
    _NAME,
    _VERSION,
    _string("stage", required=True),
    Field("archive_existing_versions", boolean, default=False),
)
SEARCH_VERSIONS = Message(
    _string("filter"),
    Field("max_results", int64, check=_at_most(MAX_VERSIONS), default=MAX_VERSIONS),
    _strings("order_by"),
    _string("page_token"),
)
SET_VERSION_TAG = Message(_NAME, _VERSION, _KEY, _string("value"))
DELETE_VERSION_TAG = Message(_NAME, _VERSION, _KEY)
