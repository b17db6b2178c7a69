"""Targets other than the local one: what they ask of the other side, and what they make of its answers."""

import copy
import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from deployments.deploying import deploy_or_request
from deployments.models import Endpoint, Revision
from deployments.services.endpoints import endpoint_create
from deployments.serving_key import serving_key
from deployments.targets.catalogue import target_of, targets_offered
from deployments.targets.protocol import Wanted
from jobs.errors import Permanent
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.clock import now
from portal.kernel.errors import InvalidInput, Unavailable
from portal.kernel.json_schema import library
from tests.deployments import kserve_types
from tests.training.kube_server import SCHEMA
from training.models import RuntimeEnvironment

PLUGIN = """
import json, os
from mlflow.deployments import BaseDeploymentClient
STATE = os.environ["FAKE_STATE"]

class FakeClient(BaseDeploymentClient):
    def _all(self): return json.load(open(STATE)) if os.path.exists(STATE) else {}
    def _put(self, all): json.dump(all, open(STATE, "w"))
    def create_deployment(self, name, model_uri, flavor=None, config=None, endpoint=None):
        print("plugins print what they like")
        if config.get("refuse"): raise ValueError("no such instance type")
        self._put({**self._all(), name: {"name": name, "model": model_uri, "status": "Creating",
                   "target": self.target_uri, "env": sorted(os.environ)}})
        return {"name": name}
    def update_deployment(self, *a, **k): raise AssertionError
    def delete_deployment(self, name, config=None, endpoint=None):
        self._put({key: value for key, value in self._all().items() if key != name})
    def list_deployments(self, endpoint=None): return [{"name": name} for name in self._all()]
    def get_deployment(self, name, endpoint=None): return self._all()[name]
    def predict(self, *a, **k): raise AssertionError

def run_local(*a, **k): raise AssertionError
def target_help(): return ""
"""


@pytest.fixture
def revision(endpoint_of, versions, cora) -> Revision:
    made = deploy_or_request(
        actor=Actor.of_user(cora), endpoint=endpoint_of(), version=versions[0], rollout={}
    )
    return Revision.objects.select_related("endpoint", "version__model").get(pk=made.pk)


@pytest.fixture
def plugin(settings: Any, tmp_path: Path) -> Path:
    """An installed plugin `fake`, as far as Python is concerned; the file of its variables."""
    (tmp_path / "fake_plugin.py").write_text(PLUGIN)
    facts = tmp_path / "fake_plugin-1.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: fake-plugin\nVersion: 1\n")
    (facts / "entry_points.txt").write_text("[mlflow.deployments]\nfake=fake_plugin\n")
    variables = tmp_path / "variables"
    variables.write_text(
        f"# of the operator\nPYTHONPATH={tmp_path}\nFAKE_STATE={tmp_path}/state\nTARGET_URI=fake:/west\n"
    )
    settings.DEPLOYMENT_PLUGINS = {"fake": str(variables)}
    return variables


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_plugin_of_mlflow_is_asked_apart_from_the_portal(plugin, revision, monkeypatch, workspace, cora):
    monkeypatch.setenv("DATABASE_URL", os.environ.get("DATABASE_URL", "secret"))
    sql.execute(
        "SET LOCAL idle_in_transaction_session_timeout = 0"
    )  # MLflow takes its time on a busy machine
    assert targets_offered() == ["local", "plugin:fake"]
    target, wanted = target_of("plugin:fake"), Wanted(revision, {"model": "/models/x"})
    target.apply(wanted)
    state = plugin.parent / "state"
    (kept,) = json.loads(state.read_text()).values()
    assert (kept["name"], kept["model"], kept["target"]) == ("scores-r1", "/models/x", "fake:/west")
    assert not {"DATABASE_URL", "SECRET_KEY", "REDIS_URL"} & set(kept["env"])
    kept |= {"status": "InService", "endpoint_url": "https://m.example/"}
    state.write_text(json.dumps({"scores-r1": kept}))
    target.apply(wanted)  # once more, and what is there stays
    seen = target.observe(revision)
    assert (seen.state, seen.addresses) == ("ready", ("https://m.example",))
    target.remove(revision)
    assert json.loads(state.read_text()) == {}
    plugin.write_text(plugin.read_text() + 'DEPLOYMENT_CONFIG={"refuse": true}\n')
    with pytest.raises(Permanent, match="no such instance type"):
        target.apply(wanted)
    with pytest.raises(InvalidInput, match="an operator sets up others"):
        endpoint_create(
            actor=Actor.of_user(cora), workspace=workspace, name="x", environment="dev", target="plugin:other"
        )
    made = endpoint_create(
        actor=Actor.of_user(cora), workspace=workspace, name="x", environment="dev", target="plugin:fake"
    )
    assert Endpoint.objects.get(pk=made.pk).target == "plugin:fake"


class Kube(BaseHTTPRequestHandler):
    """Keeps what it is given when the schema has nothing against it. It is no cluster."""

    objects: dict[str, dict[str, Any]]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        place = f"{urlsplit(self.path).path}/{body['metadata']['name']}"
        wrong = problems(body)
        if wrong or place in self.objects:
            self.answer(422 if wrong else 409, {"message": "; ".join(wrong) or "AlreadyExists"})
        else:
            self.objects[place] = body
            self.answer(201, body)

    def do_GET(self) -> None:
        found = self.objects.get(urlsplit(self.path).path)
        self.answer(200 if found else 404, found or {"message": "not found"})

    def do_DELETE(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        found = self.objects.pop(urlsplit(self.path).path, None)
        self.answer(200 if found else 404, found or {"message": "not found"})

    def answer(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def problems(body: dict[str, Any]) -> list[str]:
    """What the published schema has against an object: that of Kubernetes, or the types of KServe."""
    return kserve_types.problems(body) if body["kind"] == "InferenceService" else against(body["kind"], body)


def against(kind: str, body: Any) -> list[str]:
    validator = library().Draft202012Validator({**SCHEMA, "$ref": f"#/$defs/{kind}"})
    return [error.message for error in validator.iter_errors(body)]


@pytest.fixture
def kube(settings: Any, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a server that checks manifests as the API of Kubernetes does."""
    objects: dict[str, Any] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Kube,), {"objects": objects}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    named = {"name": "tests"}
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "tests",
        "clusters": [{**named, "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
        "users": [{**named, "user": {"token": "only-for-tests"}}],
        "contexts": [{**named, "context": {"cluster": "tests", "user": "tests"}}],
    }))  # fmt: skip
    settings.KUBERNETES_CONFIG, settings.KSERVE_IMAGE = str(path), "python:3.11"
    settings.KSERVE_STORAGE_URI, settings.KSERVE_SERVICE_ACCOUNT = "s3://artifacts/portal", "reader"
    yield objects
    server.shutdown()
    server.server_close()


def test_kserve_gets_one_inference_service_that_runs_what_was_approved(kube, revision, settings):
    environment = RuntimeEnvironment.objects.create(
        digest="e" * 64, lock="pandas==3.0.0 --hash=sha256:00\n", python_version="3.11.4", platform="linux",
        created_at=now(),
    )  # fmt: skip
    target = target_of("kserve")
    wanted = Wanted(revision, {"environment": environment.digest})
    assert target.observe(revision).is_gone
    target.apply(wanted)
    target.apply(wanted)
    kinds = {each["kind"]: each for each in kube.values()}
    assert set(kinds) == {"ConfigMap", "Secret", "InferenceService"}
    order = json.loads(kinds["Secret"]["stringData"]["order.json"])
    assert (order["digest"], order["manifest"]) == (revision.digest, revision.version.manifest)
    assert order["key"] == serving_key(revision.pk)
    service = kinds["InferenceService"]
    assert serving_key(revision.pk) not in json.dumps([service, kinds["ConfigMap"]])
    (container,) = service["spec"]["predictor"]["containers"]
    assert container["env"][0]["value"].startswith("s3://artifacts/portal/")
    assert kinds["ConfigMap"]["data"]["requirements.lock"] == environment.lock
    for status, state in (
        ({}, "starting"),
        ({"conditions": [{"type": "Ready", "status": "False", "reason": "MinimumReplicasUnavailable"}]}, "starting"),
        ({"modelStatus": {"transitionStatus": "BlockedByFailedLoad"}}, "failed"),
        ({"conditions": [{"type": "Ready", "status": "True"}], "address": {"url": "http://r.ns.svc"}}, "ready"),
    ):  # fmt: skip
        service["status"] = status
        seen = target.observe(revision)
        assert seen.state == state
    assert seen.addresses == ("http://r.ns.svc",)
    published_types_know_all_of(service)
    target.remove(revision)
    target.remove(revision)
    assert {each["kind"] for each in kube.values()} == {"ConfigMap"}


def published_types_know_all_of(service):
    """The types of KServe would tell of a name that is misspelt, wherever it is, and of a value of another type."""
    service = {key: value for key, value in service.items() if key != "status"}
    assert kserve_types.problems(service) == []
    for place, name in (
        ((), "specs"), (("spec",), "predictors"), (("spec", "predictor"), "minReplica"),
        (("spec", "predictor", "containers", 0), "comand"), (("metadata",), "lables"),
        (("spec", "predictor", "containers", 0, "readinessProbe", "tcpSocket"), "ports"),
    ):  # fmt: skip
        wrong = copy.deepcopy(service)
        at = wrong
        for step in place:
            at = at[step]
        at[name] = {}
        assert [said.rpartition(" has no ")[2] for said in kserve_types.problems(wrong)] == [name]
    wrong = copy.deepcopy(service)
    wrong["spec"]["predictor"]["timeout"] = "soon"
    assert "timeout must be int" in kserve_types.problems(wrong)[0]


def test_what_kubernetes_refuses_is_final_and_silence_is_not(kube, revision, settings, tmp_path):
    environment = RuntimeEnvironment.objects.create(
        digest="e" * 64, lock="", python_version="3.11.4", platform="linux", created_at=now()
    )
    revision.settings["resources"]["replicas"] = "two"
    with pytest.raises(Permanent, match="422"):
        target_of("kserve").apply(Wanted(revision, {"environment": environment.digest}))
    config = json.loads(Path(settings.KUBERNETES_CONFIG).read_text())
    config["clusters"][0]["cluster"]["server"] = "http://127.0.0.1:9"
    (tmp_path / "away").write_text(json.dumps(config))
    settings.KUBERNETES_CONFIG = str(tmp_path / "away")
    with pytest.raises(Unavailable):
        target_of("kserve").observe(revision)
