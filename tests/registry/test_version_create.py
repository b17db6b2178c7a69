"""registry.version.create, and how a version becomes READY."""

import hashlib
import re
from functools import partial
from uuid import UUID

import pytest

from experiments.models import ArtifactHold
from experiments.services.digests import manifest_digest
from jobs.models import JobRun
from portal.accounts.models import Membership
from registry.models import ModelVersion, RegisteredModel
from tests.audit.events import detail_of, latest, recorded
from tests.experiments.tracking import READERS, denied, invalid, nothing_changed
from tests.registry.registering import FILES, digested, files_put, model_new, ready, version_new

CREATE = "registry.version.create"


@pytest.fixture
def source(run, store):
    return files_put(run)


@pytest.fixture
def client(caller, workspace):
    client = caller("ann")
    model_new(client)
    return client


def test_pending_then_ready(client, run, source):
    tags = [{"key": "team", "value": "risk"}]
    version = version_new(client, source, run_id=run.pk.hex, description="first", tags=tags)
    shown = client.get("model-versions/get", name="fraud", version="1").json["model_version"]
    assert shown == {
        "name": "fraud", "version": "1", "creation_timestamp": version.creation_timestamp,
        "last_updated_timestamp": version.creation_timestamp, "current_stage": "None", "description": "first",
        "source": source, "run_id": run.pk.hex, "run_link": "", "status": "PENDING_REGISTRATION", "tags": tags,
    }  # fmt: skip
    assert recorded()[-1] == (CREATE, "done")
    assert (latest().object_type, latest().object_id) == ("modelversion", version.pk.hex)
    assert detail_of(latest())["changes"]["version"] == [None, 1]
    digested(version)
    manifest = [
        {"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in sorted(FILES.items())
    ]
    assert (version.status, version.manifest, version.digest) == (
        "READY",
        manifest,
        manifest_digest(manifest),
    )
    assert (
        client.get("model-versions/get", name="fraud", version="1").json["model_version"]["status"] == "READY"
    )
    assert ("registry.version.digest", "done") in recorded()


def test_numbers_go_on_and_never_come_twice(client, run, source):
    first, second = version_new(client, source), version_new(client, source)
    client.send("DELETE", "/api/2.0/mlflow/model-versions/delete", b'{"name": "fraud", "version": "2"}')
    third = version_new(client, source)
    assert [first.version, second.version, third.version] == [1, 2, 3]
    assert RegisteredModel.objects.get().last_version == 3


@pytest.mark.parametrize("person", READERS)
def test_denied(client, caller, source, person):
    denied(lambda: caller(person).post("model-versions/create", name="fraud", source=source), CREATE)


def test_an_unknown_model(client, source):
    message = invalid(
        lambda: client.post("model-versions/create", name="nobody", source=source),
        "RESOURCE_DOES_NOT_EXIST",
        404,
    )
    assert message == "Registered Model with name=nobody not found"


def test_files_are_held(client, run, source):
    version_new(client, source)
    base = f"{run.workspace_id}/{run.experiment_id}/{run.pk.hex}/artifacts"
    assert ArtifactHold.objects.get().path == f"{base}/model"
    path = "/api/2.0/mlflow-artifacts/artifacts/" + base
    for method, below in [
        ("PUT", "model/MLmodel"),
        ("PUT", "model/new"),
        ("DELETE", "model/MLmodel"),
        ("DELETE", ""),
    ]:
        target = f"{path}/{below}".rstrip("/")
        reply = client.send(method, target, b"changed")
        assert (reply.status, reply.error_code) == (409, "RESOURCE_CONFLICT"), (method, below)
        assert "registered model version" in reply.json["message"]
    assert client.send("PUT", f"{path}/model2/MLmodel", b"free").status == 200
    assert client.send("DELETE", f"{path}/model2").status == 200


def test_a_model_with_its_digest_is_not_read_again(client, experiment, store, version_of, monkeypatch):
    logged = version_of(FILES).logged_model
    logged.manifest, logged.digest = ModelVersion.objects.get().manifest, ModelVersion.objects.get().digest
    logged.save()
    model_new(client, "again")
    version = version_new(client, f"models:/{logged.pk}", "again", model_id=logged.pk)
    monkeypatch.setattr("experiments.artifacts.store.ArtifactStore.open", None)
    digested(version)
    assert (version.status, version.digest, version.logged_model_id) == ("READY", logged.digest, logged.pk)


def test_other_sizes_than_measured_fail_the_registration(client, experiment, store, version_of):
    logged = version_of(FILES).logged_model
    logged.manifest, logged.digest = [{"path": "MLmodel", "size": 1, "sha256": "0" * 64}], "1" * 64
    logged.save()
    model_new(client, "again")
    version = digested(version_new(client, f"models:/{logged.pk}", "again"))
    assert (version.status, version.digest) == ("FAILED_REGISTRATION", "")
    shown = client.get("model-versions/get", name="again", version="1").json["model_version"]
    assert "added, removed or changed" in shown["status_message"]


def test_a_file_is_no_model(client, run, source):
    version = digested(version_new(client, f"{source}/MLmodel"))
    assert (version.status, "is a file" in version.status_message) == ("FAILED_REGISTRATION", True)


def test_a_copy_has_the_digest_of_its_source(client, run, store):
    first = ready(client, run)
    model_new(client, "prod")
    copy = digested(version_new(client, "models:/fraud/1", "prod", run_id=run.pk.hex))
    assert (copy.digest, copy.copied_from, copy.run) == (first.digest, first, run)
    assert copy.source == "models:/fraud/1"


def test_a_prompt_has_no_files_and_is_ready(client):
    prompt = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]
    model_new(client, "greet", tags=prompt)
    text = [*prompt, {"key": "mlflow.prompt.text", "value": "Hello {{name}}"}]
    version = version_new(client, "dummy-source", "greet", tags=text)
    assert (version.status, version.artifact_location, len(version.digest)) == ("READY", "", 64)
    assert not JobRun.objects.filter(kind="registry.digest_version").exists()
    for key in ("mlflow.prompt.text", "mlflow.prompt.is_prompt"):
        invalid(partial(client.post, "model-versions/set-tag", name="greet", version="1", key=key, value="x"))


def test_the_tag_for_prompts_opens_no_door(client, source):
    prompt = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]
    model_new(client, "greet", tags=prompt)
    for name, place, tags in (
        ("fraud", "file:///etc", prompt), ("fraud", "dummy-source", prompt), ("greet", "file:///etc", prompt),
        ("greet", source, prompt), ("greet", "dummy-source", []),
    ):  # fmt: skip
        invalid(lambda: client.post("model-versions/create", name=name, source=place, tags=tags))  # noqa: B023
    for call in ("set-tag", "delete-tag"):
        method = "POST" if call == "set-tag" else "DELETE"
        body = b'{"name": "greet", "key": "mlflow.prompt.is_prompt", "value": "false"}'
        assert client.send(method, f"/api/2.0/mlflow/registered-models/{call}", body).status == 400


ELSEWHERE = [
        "file:///etc/passwd", "FILE:/etc", "/etc/passwd", "etc", "..", "http://h/x", "https://h/../x", "s3://b/k",
        "dbfs:/../../etc", "dummy-source", "", "runs:/", "models:/", "mlflow-artifacts:/", "models:/fraud",
        "runs://host/{run}/model", "models://host/fraud/1", "mlflow-artifacts://host/{base}/model",
        "runs:/{run}/../other", "runs:/{run}/%2e%2e/other", "runs:/{run}/%252e%252e%252fother", "runs:/{run}/a\\b",
        "runs:/{run}/model;x",
        "runs:/{run}/model?x=1", "runs:/{run}/model#x", "runs:/{run}/model%00", "RUNS:/{run}/model",
        "mlflow-artifacts:/../x", "mlflow-artifacts:/{base}/../../x", "mlflow-artifacts:/{base}/%2e%2e/x",
        "mlflow-artifacts:/{base}//model", "models:/fraud/1/..", "models:/fraud%2f1", "models:/fraud/latest",
        "models:/fraud/Production", "models:/m-{run}/model", "runs:/{run}/c:/x", "runs:/{run}/.", "x" * 2001,
    ]  # fmt: skip


def test_sources_that_could_mean_another_place(client, run, source):
    base = f"{run.workspace_id}/{run.experiment_id}/{run.pk.hex}/artifacts"
    with nothing_changed():
        for place in ELSEWHERE:
            named = place.replace("{run}", run.pk.hex).replace("{base}", base)
            reply = client.post("model-versions/create", name="fraud", source=named)
            assert (reply.status, reply.error_code) == (400, "INVALID_PARAMETER_VALUE"), place


ABSENT = [
        "runs:/{none}/model", "models:/m-{none}", "models:/nobody/1", "models:/fraud/7",
        "mlflow-artifacts:/{ws}/1/{none}/artifacts/model", "mlflow-artifacts:/{base}", "mlflow-artifacts:/{ws}/{exp}",
        "mlflow-artifacts:/{ws}/{exp}/{run}/elsewhere", "runs:/not-a-run/x",
    ]  # fmt: skip


def test_sources_that_are_not_there(client, run, source):
    base = f"{run.workspace_id}/{run.experiment_id + 1}/{run.pk.hex}/artifacts/model"
    known = {
        "run": run.pk.hex,
        "base": base,
        "none": "0" * 32,
        "ws": run.workspace_id,
        "exp": run.experiment_id,
    }
    with nothing_changed():
        for place in ABSENT:
            named = re.sub(r"\{(\w+)\}", lambda match: str(known[match[1]]), place)
            reply = client.post("model-versions/create", name="fraud", source=named)
            assert (reply.status, reply.error_code) == (404, "RESOURCE_DOES_NOT_EXIST"), place


def test_another_workspace_is_like_none(caller, client, run, source, version_of):
    version_of(FILES, name="secret")
    stranger = caller("cleo")
    model_new(stranger, "mine")
    base = f"{run.workspace_id}/{run.experiment_id}/{run.pk.hex}/artifacts/model"
    for place in (source, f"mlflow-artifacts:/{base}", "models:/secret/1", "models:/m-" + "0" * 31 + "1"):
        invalid(
            partial(stranger.post, "model-versions/create", name="mine", source=place),
            "RESOURCE_DOES_NOT_EXIST", 404,
        )  # fmt: skip


def test_a_run_of_another_workspace_of_the_callers(caller, other, cora, client, run, source):
    """Who is in both workspaces must not carry files from one to the other."""
    Membership.objects.create(user=cora, workspace=other, role="contributor")
    both = caller("cora")
    both.headers["HTTP_X_MLFLOW_WORKSPACE"] = "other"
    model_new(both, "mine")
    both.headers.clear()
    invalid(
        lambda: both.post("model-versions/create", name="mine", source=source), "RESOURCE_DOES_NOT_EXIST", 404
    )


@pytest.mark.parametrize("given", [{"run_id": "0" * 32}, {"model_id": "m-" + "0" * 32}])
def test_ids_must_be_those_of_the_source(client, source, given):
    invalid(lambda: client.post("model-versions/create", name="fraud", source=source, **given))


def test_the_run_is_known_without_being_named(client, run, source):
    assert version_new(client, source).run_id == UUID(run.pk.hex)
