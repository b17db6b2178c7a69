"""experiments.run.create."""

import pytest

from experiments.models import Experiment, Run
from tests.audit.events import detail_of, latest, recorded
from tests.experiments.tracking import READERS, denied, invalid, like_unknown

CREATE = "experiments.run.create"


def create(client, experiment_id, **fields):
    return client.post("runs/create", experiment_id=str(experiment_id), **fields)


@pytest.mark.parametrize("person", ["ann", "cora"])
def test_allowed(caller, experiment, person, request):
    reply = create(
        caller(person), experiment.pk, run_name="first", user_id="somebody", start_time=7,
        tags=[{"key": "team", "value": "risk"}],
    )  # fmt: skip
    info = reply.json["run"]["info"]
    made = Run.objects.get(pk=info["run_id"])
    assert (made.name, made.status, made.user_name, made.start_time) == ("first", "RUNNING", "somebody", 7)
    assert (made.workspace_id, made.created_by) == (experiment.workspace_id, request.getfixturevalue(person))
    assert dict(made.tags.values_list("key", "value")) == {"team": "risk", "mlflow.runName": "first"}
    assert recorded() == [(CREATE, "done")]
    assert (latest().object_type, latest().object_id) == ("run", made.pk.hex)
    changes = detail_of(latest())["changes"]
    assert (changes["name"], changes["status"]) == ([None, "first"], [None, "RUNNING"])
    assert "changes" not in changes
    assert caller("bob").get("runs/get", run_id=made.pk.hex).json["run"]["info"] == info


@pytest.mark.parametrize("person", READERS)
def test_denied(caller, experiment, person):
    denied(lambda: create(caller(person), experiment.pk), CREATE)


def test_not_visible(caller, experiment):
    client = caller("cleo")
    like_unknown(lambda key: create(client, key), str(experiment.pk), "987654321")


def test_a_deleted_experiment_takes_none(caller, experiment):
    Experiment.objects.update(lifecycle_stage="deleted")
    client = caller("ann")
    invalid(lambda: create(client, experiment.pk))


@pytest.mark.parametrize(
    "fields",
    [
        {"run_name": "a", "tags": [{"key": "mlflow.runName", "value": "b"}]},
        {"tags": [{"key": "", "value": "b"}]},
        {"tags": [{"key": "k" * 251, "value": "b"}]},
        {"start_time": "soon"},
        {"run_name": "nul\x00"},
    ],
)
def test_invalid(caller, experiment, fields):
    client = caller("ann")
    invalid(lambda: create(client, experiment.pk, **fields))


def test_repeated_makes_another(caller, experiment):
    ids = {create(caller("ann"), experiment.pk).json["run"]["info"]["run_id"] for _ in range(2)}
    assert len(ids) == Run.objects.count() == 2
    assert recorded() == [(CREATE, "done")] * 2


def test_a_name_is_found_where_none_is_given(caller, experiment):
    info = create(caller("ann"), experiment.pk).json["run"]["info"]
    assert info["run_name"]
    named = create(caller("ann"), experiment.pk, tags=[{"key": "mlflow.runName", "value": "n"}]).json["run"]
    assert named["info"]["run_name"] == "n"
