"""Searches see what the caller sees, page without a gap, and cost the same for one row and for many."""

import pytest

from registry.models import ModelVersion, ModelVersionTag, RegisteredModel
from tests.experiments.statements import statements

pytestmark = pytest.mark.slow  # each builds versions with files and requests about them
PROMPT = "tags.`mlflow.prompt.is_prompt` = 'true'"


@pytest.fixture
def many(workspace, other):
    """25 models in `credit` with two versions each, and a prompt; one model of the same name in `other`."""
    for place, names in ((workspace, [f"m{number:02}" for number in range(25)]), (other, ["m00"])):
        for stamp, name in enumerate(names):
            model = RegisteredModel.objects.create(
                workspace=place, name=name, creation_timestamp=1, last_updated_timestamp=1 + stamp // 2
            )
            for number in (1, 2):
                version = ModelVersion.objects.create(
                    workspace=place,
                    model=model,
                    version=number,
                    creation_timestamp=5,
                    last_updated_timestamp=5,
                )
                ModelVersionTag.objects.create(version=version, key="n", value=str(number))
    RegisteredModel.objects.create(
        workspace=workspace, name="p", is_prompt=True, creation_timestamp=1, last_updated_timestamp=1
    ).tags.create(key="mlflow.prompt.is_prompt", value="true")


def pages(client, path, key, **query):
    found, token = [], None
    while True:
        reply = client.get(path, **query, **({"page_token": token} if token else {})).json
        found += reply.get(key, [])
        token = reply.get("next_page_token")
        if not token:
            return found


@pytest.mark.parametrize("order", ["name", "name DESC", "last_updated_timestamp DESC", "timestamp ASC"])
def test_pages_of_models_leave_out_none(caller, bob, many, order):
    found = pages(
        caller("bob"), "registered-models/search", "registered_models", max_results=7, order_by=order
    )
    assert len(found) == len({model["name"] for model in found}) == 25


def test_pages_of_versions_of_all_workspaces(caller, aude, many):
    found = pages(caller("aude"), "model-versions/search", "model_versions", max_results=6)
    assert len(found) == 52


def test_nobody_sees_more_than_their_workspaces(caller, bob, cleo, many):
    assert len(caller("cleo").get("registered-models/search").json["registered_models"]) == 1
    assert caller("cleo").get("model-versions/search", filter="name = 'm01'").json == {}


def test_prompts_are_hidden_until_asked_for(caller, bob, many):
    client = caller("bob")
    assert client.get("registered-models/search", filter="name = 'p'").json == {}
    found = client.get("registered-models/search", filter=PROMPT).json["registered_models"]
    assert [prompt["name"] for prompt in found] == ["p"]


def test_a_token_works_for_its_search_only(caller, bob, many):
    client = caller("bob")
    token = client.get("registered-models/search", max_results=2).json["next_page_token"]
    for query in ({"filter": "name = 'm01'"}, {"order_by": "name DESC"}):
        assert client.get("registered-models/search", page_token=token, **query).status == 400


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("registered-models/search", {"max_results": 20}),
        ("model-versions/search", {"max_results": 20, "filter": "tags.n = '2'"}),
        ("registered-models/get", {"name": "m01"}),
        ("model-versions/get", {"name": "m01", "version": "1"}),
    ],
)
def test_statements(caller, bob, many, path, query):
    """The token, the rows, the documents: however many rows there are."""
    client = caller("bob")
    client.get(path, **query)
    with statements() as count:
        assert client.get(path, **query).status == 200
    assert count[0] <= 4
