"""experiments.experiment.delete: it takes its runs along."""

import pytest

from experiments.models import Run
from tests.audit.events import detail_of, latest, recorded
from tests.experiments.tracking import READERS, denied, invalid, like_unknown

DELETE = "experiments.experiment.delete"


def delete(client, experiment_id):
    return client.post("experiments/delete", experiment_id=str(experiment_id))


def test_allowed(caller, experiment, run):
    assert delete(caller("ann"), experiment.pk).json == {}
    experiment.refresh_from_db()
    run.refresh_from_db()
    assert experiment.lifecycle_stage == run.lifecycle_stage == "deleted"
    assert run.deleted_time == experiment.last_update_time
    assert recorded() == [(DELETE, "done")]
    assert detail_of(latest())["changes"]["lifecycle_stage"] == ["active", "deleted"]


def test_a_document_of_a_run_is_not_read_from_before(caller, experiment, new_run):
    run, client = new_run(status="FINISHED"), caller("ann")
    assert client.get("runs/get", run_id=run.pk.hex).json["run"]["info"]["lifecycle_stage"] == "active"
    delete(client, experiment.pk)
    assert client.get("runs/get", run_id=run.pk.hex).json["run"]["info"]["lifecycle_stage"] == "deleted"


@pytest.mark.parametrize("person", ["cora", *READERS])
def test_denied(caller, experiment, run, person):
    denied(lambda: delete(caller(person), experiment.pk), DELETE)


def test_not_visible(caller, experiment, run):
    client = caller("cleo")
    like_unknown(lambda key: delete(client, key), str(experiment.pk), "987654321")


def test_repeated(caller, experiment, run):
    client = caller("ann")
    delete(client, experiment.pk)
    invalid(lambda: delete(client, experiment.pk), "RESOURCE_DOES_NOT_EXIST", 404)


def test_nothing_is_made_in_it_afterwards(caller, experiment):
    client = caller("ann")
    delete(client, experiment.pk)
    invalid(lambda: client.post("runs/create", experiment_id=str(experiment.pk)))
    assert Run.objects.count() == 0


@pytest.mark.parametrize("given", ["", "x", str(2**70)])
def test_invalid(caller, experiment, given):
    reply = delete(caller("ann"), given)
    assert reply.status in (400, 404)
    assert recorded() == []
