"""The dispatcher of MLflow's protocol: both twins of an endpoint, who gets in, for which workspace, with how much."""

import base64
import json
import logging
from datetime import timedelta
from itertools import product

import pytest

from experiments.models import Experiment, Run
from portal.accounts.models import ApiToken, Membership
from portal.api.call import Answer
from portal.api.protocol import Endpoint
from portal.kernel.clock import now
from portal.mlflow import PROTOCOL
from portal.wsgi import application
from tests.experiments.tracking import Client, invalid

pytestmark = pytest.mark.django_db

ENDPOINTS = [*PROTOCOL.fixed.values(), *(endpoint for _, _, endpoint in PROTOCOL.patterns)]
CREATE = "/api/2.0/mlflow/experiments/create"
SEARCH = "/api/2.0/mlflow/experiments/search"


def address(endpoint, twin="api"):
    path = endpoint.path
    for name in ("{path:path}", "{rest:path}", "{key:path}", "{model_id}", "{name}", "{webhook_id}"):
        path = path.replace(name, "x")
    return f"/{twin}/{path}"


def said(reply):
    return (
        reply.status,
        reply.body,
        {name: text for name, text in reply.headers.items() if name != "X-Request-Id"},
    )


@pytest.mark.parametrize("who", ["nobody", "a stranger", "bob"])
def test_twins_answer_alike(caller, workspace, who):
    client = {"nobody": Client(), "a stranger": Client("mlp_nothing")}.get(who) or caller(who)
    for endpoint in ENDPOINTS:
        assert "{" not in address(endpoint)
        body = b"" if endpoint.method in ("GET", "HEAD") else b"{}"
        replies = [
            client.send(endpoint.method, address(endpoint, twin), body) for twin in ("api", "ajax-api")
        ]
        if endpoint.method != "HEAD":
            first, second = (
                json.dumps(json.loads(reply.body)).replace("/api/", "/ajax-api/") for reply in replies
            )
            assert first == second, endpoint
        assert said(replies[0])[::2] == said(replies[1])[::2], endpoint


@pytest.mark.parametrize("secret", [None, "", "mlp_nothing", "é"])
def test_nobody_gets_in_without_a_valid_token(secret):
    for endpoint in (each for each in ENDPOINTS if not each.is_public):
        reply = Client(secret).send(endpoint.method, address(endpoint), b"{}")
        assert (reply.status, reply.error_code) == (401, "UNAUTHENTICATED"), endpoint
        assert reply.headers["WWW-Authenticate"] == 'Basic realm="mlflow"'
        assert reply.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("public", [each for each in ENDPOINTS if each.is_public])
def test_what_is_public_tells_nothing_about_anybody(public):
    assert public.path in ("3.0/mlflow/server-info",)
    assert Client().send(public.method, address(public)).status == 200


@pytest.mark.parametrize(
    "path", ["2.0/mlflow/nothing", "", "2.0/mlflow/runs/create/", "4.0/mlflow/runs/get", "é\n"]
)
def test_unknown_paths(path):
    for twin, method in product(("api", "ajax-api"), ("GET", "POST", "DELETE", "OPTIONS")):
        reply = Client().send(method, f"/{twin}/{path}")
        assert (reply.status, reply.error_code) == (404, "ENDPOINT_NOT_FOUND"), (twin, method)
        assert reply.headers["Content-Type"] == "application/json"


def test_a_known_path_with_another_method_is_unknown(caller, workspace):
    assert caller("ann").send("DELETE", CREATE).error_code == "ENDPOINT_NOT_FOUND"
    assert caller("ann").send("POST", "/ajax-api/2.0/mlflow/runs/get").status == 404


def test_our_own_api_is_not_of_the_protocol():
    assert [PROTOCOL.serves(path) for path in ("/api/v1/workspaces", "/api/2.0/x", "/ajax-api/v1/", "/runs/api/")] == [
        False, True, True, False,
    ]  # fmt: skip


def test_the_application_sends_each_path_to_its_part():
    seen = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/ajax-api/2.0/nothing", "wsgi.input": None}
    body = b"".join(application(environ, lambda status, headers: seen.append(status)))
    assert json.loads(body)["error_code"] == "ENDPOINT_NOT_FOUND"
    assert seen[0].startswith("404")


@pytest.mark.parametrize("spoilt", [{"revoked_at": now()}, {"expires_at": now() - timedelta(seconds=1)}])
def test_tokens_that_are_over(caller, workspace, spoilt):
    client = caller("ann")
    assert client.send("GET", SEARCH).status == 200
    ApiToken.objects.update(**spoilt)
    reply = client.send("GET", SEARCH)
    assert (reply.status, reply.headers["WWW-Authenticate"]) == (401, 'Basic realm="mlflow"')


def test_a_user_who_left(caller, ann):
    client = caller("ann")
    type(ann).objects.filter(pk=ann.pk).update(is_active=False)
    assert client.send("GET", SEARCH).status == 401


@pytest.mark.parametrize("scheme", ["Basic", "basic"])
def test_the_token_as_a_basic_password(caller, experiment, scheme):
    secret = caller("ann").secret
    header = f"{scheme} {base64.b64encode(f'anybody:{secret}'.encode()).decode()}"
    assert Client().send("GET", SEARCH, HTTP_AUTHORIZATION=header).json["experiments"]


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic YW5u", "Basic /zr/", "Digest x", "Bearer"])
def test_other_headers(workspace, header):
    assert Client().send("GET", SEARCH, HTTP_AUTHORIZATION=header).status == 401


@pytest.fixture
def both(ann, other):
    """ann maintains two workspaces."""
    Membership.objects.create(user=ann, workspace=other, role="maintainer")
    return other


def experiment_in(workspace, name):
    return Experiment.objects.create(workspace=workspace, name=name, creation_time=1, last_update_time=1)


def names(reply):
    return sorted(each["name"] for each in reply.json.get("experiments", []))


def test_the_header_narrows_to_one_workspace(caller, experiment, both, run):
    foreign = experiment_in(both, "theirs")
    client = caller("ann")
    assert names(client.send("GET", SEARCH)) == ["scoring", "theirs"]
    client.headers["HTTP_X_MLFLOW_WORKSPACE"] = "credit"
    # One workspace is looked into for the first time: its default experiment is there, as on every MLflow server.
    assert names(client.send("GET", SEARCH)) == ["Default", "scoring"]
    invalid(
        lambda: client.get("experiments/get", experiment_id=str(foreign.pk)), "RESOURCE_DOES_NOT_EXIST", 404
    )
    client.headers["HTTP_X_MLFLOW_WORKSPACE"] = "other"
    invalid(lambda: client.get("runs/get", run_id=run.pk.hex), "RESOURCE_DOES_NOT_EXIST", 404)
    invalid(lambda: client.post("runs/delete", run_id=run.pk.hex), "RESOURCE_DOES_NOT_EXIST", 404)
    point = {"key": "loss", "value": 1.0, "timestamp": 1, "step": 0}
    invalid(
        lambda: client.post("runs/log-batch", run_id=run.pk.hex, metrics=[point]),
        "RESOURCE_DOES_NOT_EXIST",
        404,
    )


@pytest.mark.parametrize("person", ["ann", "cleo", "aude", "olga"])
def test_an_unknown_workspace(caller, workspace, person):
    client = caller(person)
    client.headers["HTTP_X_MLFLOW_WORKSPACE"] = "nowhere"
    reply = client.send("GET", SEARCH)
    assert (reply.status, reply.error_code) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_a_member_of_two_is_asked_for_one(caller, workspace, both):
    client = caller("ann")
    assert "MLFLOW_WORKSPACE" in invalid(lambda: client.post("experiments/create", name="churn"))
    client.headers["HTTP_X_MLFLOW_WORKSPACE"] = "other"
    made = client.post("experiments/create", name="churn").json["experiment_id"]
    assert Experiment.objects.get(pk=made).workspace == both


def test_the_default_experiment_of_another_workspace_is_not_taken_by_chance(caller, workspace, both):
    Experiment.objects.create(
        workspace=workspace, name="Default", is_default=True, creation_time=1, last_update_time=1
    )
    client = caller("ann")
    assert "MLFLOW_WORKSPACE" in invalid(lambda: client.post("runs/create", experiment_id="0"))
    client.headers["HTTP_X_MLFLOW_WORKSPACE"] = "other"
    assert client.post("runs/create", experiment_id="0").status == 200
    assert Run.objects.get().workspace == both


def test_a_token_bound_to_one_workspace_needs_no_header(token_for, ann, both):
    client = Client(token_for(ann, workspaces=(both,)))
    made = client.post("experiments/create", name="churn").json["experiment_id"]
    assert Experiment.objects.get(pk=made).workspace == both


@pytest.mark.parametrize("narrow", [False, True])
def test_an_auditor_reads_everything_and_writes_nothing(caller, experiment, run, both, narrow):
    experiment_in(both, "theirs")
    client = caller("aude")
    if narrow:
        client.headers["HTTP_X_MLFLOW_WORKSPACE"] = "credit"
    assert names(client.send("GET", SEARCH)) == (["scoring"] if narrow else ["scoring", "theirs"])
    assert client.get("runs/get", run_id=run.pk.hex).status == 200
    assert client.post("runs/set-tag", run_id=run.pk.hex, key="a", value="b").status == 403
    assert client.post("runs/create", experiment_id=str(experiment.pk)).status == 403


@pytest.mark.parametrize(("path", "limit"), [("experiments/create", 2**20), ("runs/log-batch", 2**22)])
def test_large_bodies(caller, workspace, path, limit):
    client, path = caller("ann"), f"/api/2.0/mlflow/{path}"
    filled = b'{"name": "' + b"x" * (limit - 12) + b'"}'
    assert client.send("POST", path, filled).status == 400
    for length in (str(limit + 1), "", None):
        extra = {} if length is None else {"CONTENT_LENGTH": length}
        reply = client.send("POST", path, filled + b" ", **extra)
        assert (reply.status, "WWW-Authenticate" in reply.headers) == (413, False)
    assert Experiment.objects.count() == 0


def test_the_rest_of_a_body_that_says_too_much_is_not_read(caller, workspace):
    class Trap:
        def read(self, *_):
            raise AssertionError("read")

    reply = caller("ann").send("POST", CREATE, **{"CONTENT_LENGTH": str(10**12), "wsgi.input": Trap()})
    assert reply.status == 413


@pytest.mark.parametrize("query", ["a=%ff", "&".join(["a=1"] * 1001)])
def test_bad_query_strings(caller, workspace, query):
    assert caller("ann").send("GET", SEARCH, query=query).status == 400


@pytest.mark.parametrize(
    ("given", "is_taken"), [("a-1", True), ("b\r\nc", False), ("", False), ("x" * 65, False)]
)
def test_the_request_id_is_taken_over_or_made(given, is_taken):
    found = Client().send("GET", "/api/x", HTTP_X_REQUEST_ID=given).headers["X-Request-Id"]
    assert (found == given) == is_taken
    assert found.replace("-", "").isalnum()


def test_a_failure_of_ours_tells_no_secrets(caller, workspace, monkeypatch):
    def broken(call):
        raise RuntimeError("secret detail")

    endpoint = Endpoint("GET", "2.0/mlflow/broken", broken, "experiments.run.read")
    monkeypatch.setitem(PROTOCOL.fixed, ("GET", endpoint.path), endpoint)
    logging.disable(logging.CRITICAL)
    reply = caller("ann").send("GET", "/api/2.0/mlflow/broken", HTTP_X_REQUEST_ID="req-1")
    logging.disable(logging.NOTSET)
    assert (reply.status, reply.error_code) == (500, "INTERNAL_ERROR")
    assert b"secret" not in reply.body
    assert b"req-1" in reply.body


def test_an_endpoint_without_an_action_stops_the_start():
    for action in (None, "no.such.action"):
        with pytest.raises(LookupError):
            Endpoint("GET", "x", lambda call: Answer(b""), action)
