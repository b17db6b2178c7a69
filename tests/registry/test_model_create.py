"""registry.model.create, for models and for prompts."""

from typing import Any

import pytest

from portal.accounts.models import User
from registry.models import RegisteredModel
from tests.audit.events import detail_of, latest, recorded
from tests.experiments.tracking import READERS, denied, invalid, nothing_changed

CREATE = "registry.model.create"
PROMPT = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]


@pytest.mark.parametrize("person", ["ann", "cora"])
def test_allowed(caller, workspace, person):
    tags = [{"key": "team", "value": "old"}, {"key": "team", "value": "risk"}]
    reply = caller(person).post(
        "registered-models/create", name="fraud", tags=tags, description="finds fraud"
    )
    model = RegisteredModel.objects.get(name="fraud")
    assert reply.json["registered_model"] == {
        "name": "fraud", "description": "finds fraud", "tags": [{"key": "team", "value": "risk"}],
        "creation_timestamp": model.creation_timestamp, "last_updated_timestamp": model.creation_timestamp,
    }  # fmt: skip
    made_by = User.objects.get(username=person)
    assert (model.workspace, model.is_prompt, model.created_by) == (workspace, False, made_by)
    assert recorded() == [(CREATE, "done")]
    assert (latest().object_type, latest().object_id) == ("registeredmodel", model.pk.hex)
    assert detail_of(latest())["changes"]["name"] == [None, "fraud"]


@pytest.mark.parametrize("person", READERS)
def test_denied(caller, workspace, person):
    denied(lambda: caller(person).post("registered-models/create", name="fraud"), CREATE)


def test_a_name_is_taken_once_in_a_workspace(caller, workspace, other):
    assert caller("ann").post("registered-models/create", name="fraud").status == 200
    reply = caller("ann").post("registered-models/create", name="fraud")
    assert (reply.status, reply.error_code) == (400, "RESOURCE_ALREADY_EXISTS")
    assert reply.json["message"] == "Registered Model (name=fraud) already exists."
    reply = caller("ann").post("registered-models/create", name="fraud", tags=PROMPT)
    assert "but the name is already taken by a registered model" in reply.json["message"]
    assert caller("cleo").post("registered-models/create", name="fraud").status == 200


def test_the_name_of_a_deleted_model_is_free(caller, workspace):
    client = caller("ann")
    client.post("registered-models/create", name="fraud")
    assert (
        client.send("DELETE", "/api/2.0/mlflow/registered-models/delete", b'{"name": "fraud"}').status == 200
    )
    assert client.post("registered-models/create", name="fraud").status == 200
    assert RegisteredModel.objects.filter(name="fraud").count() == 2


def test_a_prompt_is_told_by_its_tag(caller, workspace):
    caller("ann").post("registered-models/create", name="greet", tags=PROMPT)
    assert RegisteredModel.objects.get().is_prompt


NAMES: list[Any] = [
        "",
        "  ",
        5,
        None,
        "a/b",
        "a:b",
        ".",
        "..",
        "../x",
        "x" * 257,
        "a%2fb",
        "a%252fb",
        "a\\b",
        "a\nb",
        " a",
        "e\u0301",
    ]  # fmt: skip


def test_bad_names(caller, workspace):
    client = caller("ann")
    with nothing_changed():
        for name in NAMES:
            reply = client.post("registered-models/create", name=name)
            assert (reply.status, reply.error_code) == (400, "INVALID_PARAMETER_VALUE"), name


@pytest.mark.parametrize(
    "fields",
    [
        {"tags": [{"key": "k" * 251, "value": ""}]},
        {"tags": [{"key": "k", "value": "v" * 100_001}]},
        {"tags": [{"key": "../k", "value": ""}]},
        {"tags": "x"},
        {"description": 5},
        {"description": "x" * 100_001},
    ],
)
def test_bad_fields(caller, workspace, fields):
    client = caller("ann")
    invalid(lambda: client.post("registered-models/create", name="fraud", **fields))
