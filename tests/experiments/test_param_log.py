"""experiments.run.log: one param, which never changes."""

import pytest

from experiments.models import Param, Run
from tests.audit.events import recorded
from tests.experiments.tracking import READERS, UNKNOWN_RUN, denied, invalid, like_unknown

LOG = "experiments.run.log"


def log(client, run_id, key="lr", value="0.1"):
    return client.post("runs/log-parameter", run_id=run_id, key=key, value=value)


@pytest.mark.parametrize("person", ["ann", "cora"])
def test_allowed_and_repeated(caller, run, person):
    for _ in range(2):
        assert log(caller(person), run.pk.hex).json == {}
    assert list(Param.objects.values_list("run_id", "experiment_id", "key", "value")) == [
        (run.pk, run.experiment_id, "lr", "0.1")
    ]
    assert Run.objects.get(pk=run.pk).changes > run.changes
    assert recorded() == []  # data, not an act


def test_another_value_is_refused(caller, run):
    client = caller("ann")
    log(client, run.pk.hex)
    message = invalid(lambda: log(client, run.pk.hex, value="0.2"))
    assert "old value" in message or "'0.1'" in message


@pytest.mark.parametrize("person", READERS)
def test_denied(caller, run, person):
    denied(lambda: log(caller(person), run.pk.hex), LOG)


def test_not_visible(caller, run):
    client = caller("cleo")
    like_unknown(lambda key: log(client, key), run.pk.hex, UNKNOWN_RUN)


def test_a_deleted_run_takes_none(caller, run):
    Run.objects.update(lifecycle_stage="deleted")
    client = caller("ann")
    invalid(lambda: log(client, run.pk.hex))


@pytest.mark.parametrize(
    ("key", "value"), [("", "a"), ("k" * 251, "a"), (None, "a"), ("a//b", "a"), ("k", "a\x00")]
)
def test_invalid(caller, run, key, value):
    client = caller("ann")
    invalid(lambda: log(client, run.pk.hex, key, value))


def test_a_long_value_is_cut_and_may_be_repeated(caller, run):
    for _ in range(2):
        assert log(caller("ann"), run.pk.hex, value="v" * 6001).status == 200
    assert Param.objects.get().value == "v" * 6000
