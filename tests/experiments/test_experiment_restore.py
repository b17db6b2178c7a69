"""experiments.experiment.restore: it brings its runs back."""

import pytest

from experiments.models import Experiment, Run
from tests.audit.events import detail_of, latest, recorded
from tests.experiments.tracking import READERS, denied, invalid, like_unknown

RESTORE = "experiments.experiment.restore"


@pytest.fixture
def deleted(experiment, run):
    Experiment.objects.update(lifecycle_stage="deleted")
    Run.objects.update(lifecycle_stage="deleted", deleted_time=5)
    return experiment


def restore(client, experiment_id):
    return client.post("experiments/restore", experiment_id=str(experiment_id))


def test_allowed(caller, deleted, run):
    assert restore(caller("ann"), deleted.pk).json == {}
    deleted.refresh_from_db()
    run.refresh_from_db()
    assert deleted.lifecycle_stage == run.lifecycle_stage == "active"
    assert run.deleted_time is None
    assert recorded() == [(RESTORE, "done")]
    assert detail_of(latest())["changes"]["lifecycle_stage"] == ["deleted", "active"]


@pytest.mark.parametrize("person", ["cora", *READERS])
def test_denied(caller, deleted, person):
    denied(lambda: restore(caller(person), deleted.pk), RESTORE)


def test_not_visible(caller, deleted):
    client = caller("cleo")
    like_unknown(lambda key: restore(client, key), str(deleted.pk), "987654321")


def test_repeated(caller, deleted):
    client = caller("ann")
    restore(client, deleted.pk)
    invalid(lambda: restore(client, deleted.pk), "RESOURCE_DOES_NOT_EXIST", 404)
