"""experiments.run.tag: setting one."""

import pytest

from experiments.models import Run, RunTag
from tests.audit.events import detail_of, latest, recorded
from tests.experiments.tracking import READERS, UNKNOWN_RUN, denied, invalid, like_unknown

TAG = "experiments.run.tag"


def tag(client, run_id, key="team", value="risk"):
    return client.post("runs/set-tag", run_id=run_id, key=key, value=value)


def tags_of(run):
    return dict(RunTag.objects.filter(run=run).values_list("key", "value"))


@pytest.mark.parametrize("person", ["ann", "cora"])
def test_allowed(caller, run, person):
    assert tag(caller(person), run.pk.hex).json == {}
    assert tags_of(run) == {"team": "risk"}
    assert Run.objects.get(pk=run.pk).changes == run.changes + 1
    assert recorded() == [(TAG, "done")]
    assert (latest().object_type, latest().object_id) == ("run", run.pk.hex)
    assert detail_of(latest())["changes"] == {"tags.team": [None, "risk"]}


def test_over_another_and_repeated(caller, run):
    RunTag.objects.create(run=run, experiment_id=run.experiment_id, key="team", value="old")
    for changes in ({"tags.team": ["old", "risk"]}, {}):
        assert tag(caller("ann"), run.pk.hex).status == 200
        assert detail_of(latest())["changes"] == changes
    assert tags_of(run) == {"team": "risk"}


def test_the_name_of_the_run_is_a_tag(caller, run):
    tag(caller("ann"), run.pk.hex, "mlflow.runName", "second")
    run.refresh_from_db()
    assert (run.name, tags_of(run)) == ("second", {"mlflow.runName": "second"})


def test_an_empty_name_is_no_name(caller, run):
    assert tag(caller("ann"), run.pk.hex, "mlflow.runName", "").status == 200
    run.refresh_from_db()
    assert (run.name, tags_of(run)) == ("first", {})


@pytest.mark.parametrize("person", READERS)
def test_denied(caller, run, person):
    denied(lambda: tag(caller(person), run.pk.hex), TAG)


def test_not_visible(caller, run):
    client = caller("cleo")
    like_unknown(lambda key: tag(client, key), run.pk.hex, UNKNOWN_RUN)


def test_a_deleted_run_takes_none(caller, run):
    Run.objects.update(lifecycle_stage="deleted")
    client = caller("ann")
    invalid(lambda: tag(client, run.pk.hex))


@pytest.mark.parametrize(
    ("key", "value"), [("", "a"), ("k" * 251, "a"), (None, "a"), ("k\x00", "a"), ("k", 5)]
)
def test_invalid(caller, run, key, value):
    client = caller("ann")
    invalid(lambda: tag(client, run.pk.hex, key, value))
