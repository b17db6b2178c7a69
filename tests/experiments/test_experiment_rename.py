"""experiments.experiment.update: the name of an experiment."""

import pytest

from experiments.models import Experiment
from tests.audit.events import detail_of, latest, recorded
from tests.experiments.tracking import READERS, denied, invalid, like_unknown

UPDATE = "experiments.experiment.update"


def rename(client, experiment_id, name="ranking"):
    return client.post("experiments/update", experiment_id=str(experiment_id), new_name=name)


@pytest.mark.parametrize("person", ["ann", "cora"])
def test_allowed(caller, experiment, person):
    assert rename(caller(person), experiment.pk).json == {}
    experiment.refresh_from_db()
    assert experiment.name == "ranking"
    assert experiment.last_update_time > 1
    assert recorded() == [(UPDATE, "done")]
    changes = detail_of(latest())["changes"]
    assert changes.keys() == {"name", "last_update_time"}
    assert changes["name"] == ["scoring", "ranking"]


@pytest.mark.parametrize("person", READERS)
def test_denied(caller, experiment, person):
    denied(lambda: rename(caller(person), experiment.pk), UPDATE)


def test_not_visible(caller, experiment):
    client = caller("cleo")
    like_unknown(lambda key: rename(client, key), str(experiment.pk), "987654321")


def test_a_taken_name(caller, experiment, workspace):
    Experiment.objects.create(workspace=workspace, name="ranking", creation_time=1, last_update_time=1)
    client = caller("ann")
    invalid(lambda: rename(client, experiment.pk), "RESOURCE_ALREADY_EXISTS")


def test_a_deleted_one_keeps_its_name(caller, experiment):
    Experiment.objects.update(lifecycle_stage="deleted")
    client = caller("ann")
    invalid(lambda: rename(client, experiment.pk), "INVALID_STATE")


@pytest.mark.parametrize("name", ["", "x" * 501, None])
def test_invalid(caller, experiment, name):
    client = caller("ann")
    invalid(lambda: rename(client, experiment.pk, name))


def test_repeated(caller, experiment):
    assert [rename(caller("ann"), experiment.pk).status for _ in range(2)] == [200, 200]
    assert recorded() == [(UPDATE, "done")] * 2
    assert "name" not in detail_of(latest())["changes"]
