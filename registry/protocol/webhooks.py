"""MLflow's endpoints of webhooks, on the operations of `compliance.services.webhooks`."""

from types import MappingProxyType
from typing import Any
from uuid import UUID

from compliance.deliveries.trials import webhook_try
from compliance.models import Webhook
from compliance.selectors.webhooks import webhook_get, webhook_list
from compliance.services.webhooks import WebhookWish, webhook_create, webhook_delete, webhook_update
from experiments.protocol.reading import values_of
from experiments.protocol.schema import Field, Message
from experiments.validation.values import enum, int32, text
from portal.api.call import Answer, Call, json_answer
from portal.api.paging import page_of
from portal.api.protocol import Endpoint
from portal.kernel.errors import NotFound
from portal.kernel.mlflow_errors import RESOURCE_DOES_NOT_EXIST, ProtocolError, invalid_parameter

MAX_RESULTS = 1000
_STATUS = enum(MappingProxyType({"ACTIVE": 1, "DISABLED": 2}))
_ENTITIES = (
    "ENTITY_UNSPECIFIED", "REGISTERED_MODEL", "MODEL_VERSION", "MODEL_VERSION_TAG", "MODEL_VERSION_ALIAS", "PROMPT",
    "PROMPT_VERSION", "PROMPT_TAG", "PROMPT_VERSION_TAG", "PROMPT_ALIAS", "BUDGET_POLICY",
)  # fmt: skip
_ACTIONS = ("ACTION_UNSPECIFIED", "CREATED", "UPDATED", "DELETED", "SET", "EXCEEDED")
_EVENT = Message(
    Field("entity", enum(MappingProxyType({name: number for number, name in enumerate(_ENTITIES)}))),
    Field("action", enum(MappingProxyType({name: number for number, name in enumerate(_ACTIONS)}))),
)
_FIELDS = (Field("description", text), Field("secret", text), Field("status", _STATUS))
_CREATE = Message(
    Field("name", text, required=True),
    Field("url", text, required=True),
    Field("events", _EVENT, repeated=True, required=True, default=()),
    *_FIELDS,
)
_UPDATE = Message(
    Field("name", text), Field("url", text), Field("events", _EVENT, repeated=True, default=()), *_FIELDS
)
_LIST = Message(Field("max_results", int32, default=100), Field("page_token", text))
_TEST = Message(Field("event", _EVENT))


def create(call: Call) -> Answer:
    values = values_of(call, _CREATE)
    made = webhook_create(actor=call.actor, workspace=call.workspace, wish=_wish(values, style="mlflow"))
    return _answer(made)


def index(call: Call) -> Answer:
    values = values_of(call, _LIST)
    limit = values["max_results"] or 100
    if not 1 <= limit <= MAX_RESULTS:
        raise invalid_parameter(f"max_results must be between 1 and {MAX_RESULTS}.")
    hooks = webhook_list(call.actor, call.workspace)
    found, token = page_of(hooks, limit=limit, cursor=values["page_token"] or None)
    answer: dict[str, Any] = {"webhooks": [_shown(hook) for hook in found]} if found else {}
    return json_answer({**answer, "next_page_token": token} if token else answer)


def get(call: Call) -> Answer:
    return _answer(_webhook(call))


def update(call: Call) -> Answer:
    values = values_of(call, _UPDATE)
    return _answer(webhook_update(actor=call.actor, webhook=_webhook(call), wish=_wish(values)))


def delete(call: Call) -> Answer:
    webhook_delete(actor=call.actor, webhook=_webhook(call))
    return json_answer({})


def test(call: Call) -> Answer:
    """Post an example. How it ended is told, what the other side said is not: it may be a server of ours."""
    event = values_of(call, _TEST)["event"]
    topic = f"{_word(event['entity'])}.{_word(event['action'])}" if event else ""
    answer = webhook_try(actor=call.actor, webhook=_webhook(call), topic=topic)
    result: dict[str, Any] = {"success": answer.is_taken}
    if answer.status is not None:
        result["response_status"] = answer.status
    if answer.problem:
        result["error_message"] = answer.problem
    return json_answer({"result": result})


def _wish(values: dict[str, Any], style: str | None = None) -> WebhookWish:
    """What a message says; what it leaves empty stays as it is."""
    events = [{"entity": _word(each["entity"]), "action": _word(each["action"])} for each in values["events"]]
    return WebhookWish(
        name=values["name"] or None,
        url=values["url"] or None,
        events=events or None,
        description=values["description"],
        status=values["status"],
        secret=values["secret"],
        style=style,
    )


def _word(name: str | None) -> str:
    """An entity or an action in the words of events: `model_version`."""
    return (name or "").lower()


def _webhook(call: Call) -> Webhook:
    given = call.arguments["webhook_id"]
    try:
        return webhook_get(call.actor, UUID(given))
    except (ValueError, NotFound):
        raise ProtocolError(f"Webhook with ID {given[:100]} not found.", RESOURCE_DOES_NOT_EXIST) from None


def _answer(hook: Webhook) -> Answer:
    return json_answer({"webhook": _shown(hook)})


def _shown(hook: Webhook) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "webhook_id": str(hook.pk),
        "name": hook.name,
        "url": hook.url,
        "events": [
            {"entity": event["entity"].upper(), "action": event["action"].upper()} for event in hook.events
        ],
        "status": hook.status,
        "creation_timestamp": hook.creation_timestamp,
        "last_updated_timestamp": hook.last_updated_timestamp,
    }
    return {**shown, "description": hook.description} if hook.description else shown


_PATH = "2.0/mlflow/webhooks"
_ONE = f"{_PATH}/{{webhook_id}}"

ENDPOINTS = [
    Endpoint("POST", _PATH, create, "compliance.webhook.create"),
    Endpoint("GET", _PATH, index, "compliance.webhook.read"),
    Endpoint("GET", _ONE, get, "compliance.webhook.read"),
    Endpoint("PATCH", _ONE, update, "compliance.webhook.update"),
    Endpoint("DELETE", _ONE, delete, "compliance.webhook.delete"),
    Endpoint("POST", f"{_ONE}/test", test, "compliance.webhook.test"),
]
