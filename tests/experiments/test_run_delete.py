"""experiments.run.delete."""

import pytest

from tests.audit.events import detail_of, latest, recorded
from tests.experiments.tracking import READERS, UNKNOWN_RUN, denied, invalid, like_unknown

DELETE = "experiments.run.delete"


def delete(client, run_id):
    return client.post("runs/delete", run_id=run_id)


@pytest.mark.parametrize("person", ["ann", "cora"])
def test_allowed(caller, run, person):
    assert delete(caller(person), run.pk.hex).json == {}
    run.refresh_from_db()
    assert run.lifecycle_stage == "deleted"
    assert run.deleted_time
    assert recorded() == [(DELETE, "done")]
    assert detail_of(latest())["changes"] == {
        "lifecycle_stage": ["active", "deleted"], "deleted_time": [None, run.deleted_time],
    }  # fmt: skip


@pytest.mark.parametrize("person", READERS)
def test_denied(caller, run, person):
    denied(lambda: delete(caller(person), run.pk.hex), DELETE)


def test_not_visible(caller, run):
    client = caller("cleo")
    like_unknown(lambda key: delete(client, key), run.pk.hex, UNKNOWN_RUN)


@pytest.mark.parametrize("run_id", ["not an id", "0" * 33, "A" * 32])
def test_no_id(caller, run, run_id):
    client = caller("ann")
    invalid(lambda: delete(client, run_id), "RESOURCE_DOES_NOT_EXIST", 404)


def test_repeated(caller, run):
    assert [delete(caller("ann"), run.pk.hex).status for _ in range(2)] == [200, 200]
    assert recorded() == [(DELETE, "done")] * 2
    assert "lifecycle_stage" not in detail_of(latest())["changes"]
