"""experiments.experiment.tag: setting and removing a tag."""

import pytest

from experiments.models import Experiment, ExperimentTag
from tests.audit.events import detail_of, latest, recorded
from tests.experiments.tracking import READERS, denied, invalid, like_unknown

TAG = "experiments.experiment.tag"


def tag_set(client, experiment_id, key="team", value="risk"):
    return client.post(
        "experiments/set-experiment-tag", experiment_id=str(experiment_id), key=key, value=value
    )


def tag_delete(client, experiment_id, key="team"):
    return client.post("experiments/delete-experiment-tag", experiment_id=str(experiment_id), key=key)


@pytest.fixture
def tagged(experiment):
    ExperimentTag.objects.create(experiment=experiment, key="team", value="old")
    return experiment


def tags_of(experiment):
    return dict(ExperimentTag.objects.filter(experiment=experiment).values_list("key", "value"))


@pytest.mark.parametrize("person", ["ann", "cora"])
def test_set(caller, experiment, person):
    assert tag_set(caller(person), experiment.pk).json == {}
    assert tags_of(experiment) == {"team": "risk"}
    assert recorded() == [(TAG, "done")]
    assert detail_of(latest())["changes"] == {"tags.team": [None, "risk"]}


def test_set_over_another_and_repeated(caller, tagged):
    for before in ("old", "risk"):
        assert tag_set(caller("ann"), tagged.pk).status == 200
        expected = {} if before == "risk" else {"tags.team": [before, "risk"]}
        assert detail_of(latest())["changes"] == expected
    assert tags_of(tagged) == {"team": "risk"}


def test_delete(caller, tagged):
    client = caller("cora")
    assert tag_delete(client, tagged.pk).json == {}
    assert tags_of(tagged) == {}
    assert detail_of(latest())["changes"] == {"tags.team": ["old", None]}
    invalid(lambda: tag_delete(client, tagged.pk), "RESOURCE_DOES_NOT_EXIST", 404)


@pytest.mark.parametrize("send", [tag_set, tag_delete])
@pytest.mark.parametrize("person", READERS)
def test_denied(caller, tagged, person, send):
    denied(lambda: send(caller(person), tagged.pk), TAG)


@pytest.mark.parametrize("send", [tag_set, tag_delete])
def test_not_visible(caller, tagged, send):
    client = caller("cleo")
    like_unknown(lambda key: send(client, key), str(tagged.pk), "987654321")


@pytest.mark.parametrize("send", [tag_set, tag_delete])
def test_a_deleted_one_takes_none(caller, tagged, send):
    Experiment.objects.update(lifecycle_stage="deleted")
    client = caller("ann")
    invalid(lambda: send(client, tagged.pk))


@pytest.mark.parametrize(("key", "value"), [("", "a"), ("k" * 251, "a"), (None, "a"), ("k\x00", "a")])
def test_invalid(caller, experiment, key, value):
    client = caller("ann")
    invalid(lambda: tag_set(client, experiment.pk, key, value))
