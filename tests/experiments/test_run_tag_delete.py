"""experiments.run.tag: removing one."""

import pytest

from experiments.models import Run, RunTag
from tests.audit.events import detail_of, latest, recorded
from tests.experiments.tracking import READERS, UNKNOWN_RUN, denied, invalid, like_unknown

TAG = "experiments.run.tag"


@pytest.fixture
def tagged(run):
    RunTag.objects.create(run=run, experiment_id=run.experiment_id, key="team", value="old")
    return run


def tag_delete(client, run_id, key="team"):
    return client.post("runs/delete-tag", run_id=run_id, key=key)


@pytest.mark.parametrize("person", ["ann", "cora"])
def test_allowed(caller, tagged, person):
    assert tag_delete(caller(person), tagged.pk.hex).json == {}
    assert not RunTag.objects.exists()
    assert Run.objects.get(pk=tagged.pk).changes == tagged.changes + 1
    assert recorded() == [(TAG, "done")]
    assert detail_of(latest())["changes"] == {"tags.team": ["old", None]}


@pytest.mark.parametrize("person", READERS)
def test_denied(caller, tagged, person):
    denied(lambda: tag_delete(caller(person), tagged.pk.hex), TAG)


def test_not_visible(caller, tagged):
    client = caller("cleo")
    like_unknown(lambda key: tag_delete(client, key), tagged.pk.hex, UNKNOWN_RUN)


def test_a_deleted_run_keeps_it(caller, tagged):
    Run.objects.update(lifecycle_stage="deleted")
    client = caller("ann")
    invalid(lambda: tag_delete(client, tagged.pk.hex))


def test_repeated(caller, tagged):
    client = caller("ann")
    tag_delete(client, tagged.pk.hex)
    invalid(lambda: tag_delete(client, tagged.pk.hex), "RESOURCE_DOES_NOT_EXIST", 404)
