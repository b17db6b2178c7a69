"""experiments.experiment.create, by name and as the default one."""

from functools import partial

import pytest

from experiments.artifacts.locations import experiment_location
from experiments.models import Experiment
from tests.audit.events import detail_of, latest, recorded
from tests.experiments.tracking import READERS, denied, invalid

CREATE = "experiments.experiment.create"


@pytest.mark.parametrize("person", ["ann", "cora"])
def test_allowed(caller, workspace, person):
    reply = caller(person).post("experiments/create", name="churn", tags=[{"key": "team", "value": "risk"}])
    made = Experiment.objects.get(pk=reply.json["experiment_id"])
    assert (made.name, made.workspace, made.lifecycle_stage) == ("churn", workspace, "active")
    assert made.artifact_location == experiment_location(workspace.pk, made.pk)
    assert list(made.tags.values_list("key", "value")) == [("team", "risk")]
    assert recorded() == [(CREATE, "done")]
    assert (latest().object_type, latest().object_id) == ("experiment", str(made.pk))
    changes = detail_of(latest())["changes"]
    assert changes["name"] == [None, "churn"]
    assert changes["artifact_location"] == [None, made.artifact_location]


@pytest.mark.parametrize("person", READERS)
def test_denied(caller, workspace, person):
    denied(lambda: caller(person).post("experiments/create", name="churn"), CREATE)


def test_a_foreign_workspace_is_like_none(caller, workspace, other):
    client = caller("cleo")
    for name in ("credit", "nowhere"):
        client.headers["HTTP_X_MLFLOW_WORKSPACE"] = name
        message = invalid(
            lambda: client.post("experiments/create", name="churn"), "RESOURCE_DOES_NOT_EXIST", 404
        )
        assert message == f"Workspace '{name}' does not exist, or you may not see it."


@pytest.mark.parametrize("stage", ["active", "deleted"])
def test_a_name_is_taken_once_deleted_or_not(caller, experiment, stage):
    Experiment.objects.update(lifecycle_stage=stage)
    client = caller("ann")
    invalid(lambda: client.post("experiments/create", name="scoring"), "RESOURCE_ALREADY_EXISTS")


def test_two_workspaces_may_use_the_same_name(caller, experiment):
    assert caller("cleo").post("experiments/create", name="scoring").status == 200
    assert caller("ann").get("experiments/get-by-name", experiment_name="scoring").json["experiment"][
        "experiment_id"
    ] == str(experiment.pk)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"name": ""},
        {"name": 5},
        {"name": "x" * 501},
        {"name": "churn", "artifact_location": "s3://elsewhere"},
        {"name": "churn", "tags": [{"key": "k" * 251, "value": ""}]},
    ],
)
def test_invalid(caller, workspace, fields):
    client = caller("ann")
    invalid(lambda: client.post("experiments/create", **fields))


def test_the_default_one_is_made_when_a_writer_names_it(caller, workspace):
    client = caller("cora")
    assert client.post("runs/create", experiment_id="0").status == 200
    assert client.post("runs/create", experiment_id="0").status == 200
    (made,) = Experiment.objects.all()
    assert (made.name, made.is_default) == ("Default", True)
    assert recorded(object_type="experiment") == [(CREATE, "done")]


def test_a_reader_does_not_make_the_default_one(caller, workspace):
    for person in READERS:
        get = partial(caller(person).get, "experiments/get", experiment_id="0")
        invalid(get, "RESOURCE_DOES_NOT_EXIST", 404)


def test_who_makes_an_experiment_called_default_makes_the_default_one(caller, workspace):
    client = caller("ann")
    made = client.post("experiments/create", name="Default").json["experiment_id"]
    assert client.get("experiments/get", experiment_id="0").json["experiment"]["experiment_id"] == made


def test_a_name_taken_from_the_default_one_is_an_error_that_says_so(caller, experiment):
    Experiment.objects.update(name="Default")
    client = caller("ann")
    message = invalid(lambda: client.post("runs/create", experiment_id="0"), "RESOURCE_ALREADY_EXISTS")
    assert "Default" in message
