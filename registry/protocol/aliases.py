"""MLflow's endpoints of aliases."""

from experiments.protocol.reading import values_of
from portal.api.call import Answer, Call, json_answer
from portal.api.protocol import Endpoint
from registry import moves
from registry.protocol import messages
from registry.protocol.answers import version_answer
from registry.selectors.models import model_get, version_by_alias, version_get
from registry.services.aliases import alias_remove
from registry.validation.names import alias_check, model_name_check, version_number_parse


def put(call: Call) -> Answer:
    values = values_of(call, messages.SET_ALIAS)
    model_name_check(values["name"])
    alias_check(values["alias"])
    version_number_parse(values["version"])
    version = version_get(call.actor, values["name"], values["version"])
    moves.alias_set_or_request(actor=call.actor, version=version, alias=values["alias"])
    return json_answer({})


def get(call: Call) -> Answer:
    values = values_of(call, messages.GET_ALIAS)
    return version_answer(version_by_alias(call.actor, values["name"], values["alias"]))


def delete(call: Call) -> Answer:
    values = values_of(call, messages.DELETE_ALIAS)
    model_name_check(values["name"])
    alias_check(values["alias"], reserved=False)
    alias_remove(actor=call.actor, model=model_get(call.actor, values["name"]), alias=values["alias"])
    return json_answer({})


_PATH = "2.0/mlflow/registered-models/alias"

ENDPOINTS = [
    Endpoint("POST", _PATH, put, "registry.alias.move"),
    Endpoint("GET", _PATH, get, "registry.version.read"),
    Endpoint("DELETE", _PATH, delete, "registry.alias.remove"),
]
