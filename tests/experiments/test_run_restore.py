"""experiments.run.restore."""

import pytest

from tests.audit.events import detail_of, latest, recorded
from tests.experiments.tracking import READERS, UNKNOWN_RUN, denied, like_unknown

RESTORE = "experiments.run.restore"


@pytest.fixture
def deleted(new_run):
    return new_run(lifecycle_stage="deleted", deleted_time=5)


def restore(client, run_id):
    return client.post("runs/restore", run_id=run_id)


@pytest.mark.parametrize("person", ["ann", "cora"])
def test_allowed(caller, deleted, person):
    assert restore(caller(person), deleted.pk.hex).json == {}
    deleted.refresh_from_db()
    assert (deleted.lifecycle_stage, deleted.deleted_time) == ("active", None)
    assert recorded() == [(RESTORE, "done")]
    assert detail_of(latest())["changes"] == {
        "lifecycle_stage": ["deleted", "active"],
        "deleted_time": [5, None],
    }


@pytest.mark.parametrize("person", READERS)
def test_denied(caller, deleted, person):
    denied(lambda: restore(caller(person), deleted.pk.hex), RESTORE)


def test_not_visible(caller, deleted):
    client = caller("cleo")
    like_unknown(lambda key: restore(client, key), deleted.pk.hex, UNKNOWN_RUN)


def test_repeated(caller, deleted):
    assert [restore(caller("ann"), deleted.pk.hex).status for _ in range(2)] == [200, 200]
    assert detail_of(latest())["changes"] == {}
