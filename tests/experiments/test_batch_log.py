"""experiments.run.log and experiments.run.tag: a whole batch, in one transaction."""

from typing import Any

import pytest

from experiments.models import Param, Run, RunTag
from tests.audit.events import detail_of, latest, recorded
from tests.experiments.tracking import READERS, UNKNOWN_RUN, denied, invalid, like_unknown

LOG, TAG = "experiments.run.log", "experiments.run.tag"
POINT = {"key": "loss", "value": 1.0, "timestamp": 1, "step": 0}
PARAM = {"key": "lr", "value": "0.1"}
SYSTEM = {"key": "mlflow.note", "value": "n"}
OWN = {"key": "team", "value": "risk"}
BATCHES: dict[str, tuple[dict[str, Any], str]] = {
    "points": ({"metrics": [POINT]}, LOG),
    "params": ({"params": [PARAM]}, LOG),
    "system tags": ({"metrics": [POINT], "params": [PARAM], "tags": [SYSTEM]}, LOG),
    "own tags": ({"metrics": [POINT], "params": [PARAM], "tags": [SYSTEM, OWN]}, TAG),
}


def log(client, run_id, **fields):
    return client.post("runs/log-batch", run_id=run_id, **fields)


@pytest.mark.parametrize("person", ["ann", "cora"])
@pytest.mark.parametrize("batch", BATCHES)
def test_allowed(caller, run, person, batch):
    fields, action = BATCHES[batch]
    client = caller(person)
    assert log(client, run.pk.hex, **fields).json == {}
    data = client.get("runs/get", run_id=run.pk.hex).json["run"]["data"]
    assert data == {name: sorted(entries, key=lambda entry: entry["key"]) for name, entries in fields.items()}
    assert Run.objects.get(pk=run.pk).changes > run.changes
    if action == TAG:
        assert recorded() == [(TAG, "done")]
        assert detail_of(latest())["changes"] == {
            "tags.mlflow.note": [None, "n"],
            "tags.team": [None, "risk"],
        }
    else:
        assert recorded() == []


@pytest.mark.parametrize(
    "key",
    [
        "mlflow.runName",
        "mlflow.note.content",
        "mlflow.user",
        "mlflow.source.git.commit",
        "mlflow.parentRunId",
    ],
)
def test_what_people_know_a_run_by_does_not_change_in_silence(caller, run, key):
    log(caller("ann"), run.pk.hex, tags=[{"key": key, "value": "x"}])
    assert recorded() == [(TAG, "done")]
    assert detail_of(latest())["changes"][f"tags.{key}"][1] == "x"


@pytest.mark.parametrize("person", READERS)
@pytest.mark.parametrize("batch", BATCHES)
def test_denied(caller, run, person, batch):
    fields, action = BATCHES[batch]
    denied(lambda: log(caller(person), run.pk.hex, **fields), action)


@pytest.mark.parametrize("batch", BATCHES)
def test_not_visible(caller, run, batch):
    client = caller("cleo")
    like_unknown(lambda key: log(client, key, **BATCHES[batch][0]), run.pk.hex, UNKNOWN_RUN)


@pytest.mark.parametrize("batch", BATCHES)
def test_a_deleted_run_takes_none(caller, run, batch):
    Run.objects.update(lifecycle_stage="deleted")
    client = caller("ann")
    invalid(lambda: log(client, run.pk.hex, **BATCHES[batch][0]))


@pytest.mark.parametrize("tags", [[SYSTEM], [OWN]])
def test_a_changed_param_undoes_the_whole_batch(caller, run, tags):
    Param.objects.create(run=run, experiment_id=run.experiment_id, key="lr", value="0.2")
    client = caller("ann")
    invalid(
        lambda: log(
            client, run.pk.hex, metrics=[POINT], params=[{"key": "a", "value": "b"}, PARAM], tags=tags
        )
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"metrics": [POINT] * 1001},
        {"params": [{"key": f"p{number}", "value": ""} for number in range(101)]},
        {"tags": [{"key": f"t{number}", "value": ""} for number in range(101)]},
        {"params": [PARAM, PARAM]},
        {"metrics": [POINT, {**POINT, "key": 'a"b'}]},
        {"metrics": [POINT, {**POINT, "timestamp": -1}], "params": [PARAM]},
        {"metrics": [{**POINT, "value": "x"}]},
        {"metrics": "text"},
        {"tags": [{"key": "a\x00", "value": ""}]},
    ],
)
def test_invalid(caller, run, fields):
    client = caller("ann")
    invalid(lambda: log(client, run.pk.hex, **fields))


def test_repeated(caller, run):
    client = caller("ann")
    for _ in range(2):
        assert log(client, run.pk.hex, metrics=[POINT, POINT], params=[PARAM], tags=[OWN]).status == 200
    points = client.get("metrics/get-history", run_id=run.pk.hex, metric_key="loss").json["metrics"]
    assert points == [POINT]
    assert recorded() == [(TAG, "done")] * 2
    assert detail_of(latest())["changes"] == {}


def test_the_last_of_equal_tags_stays_and_names_the_run(caller, run):
    names = [{"key": "mlflow.runName", "value": value} for value in ("second", "third")]
    assert log(caller("ann"), run.pk.hex, tags=names).status == 200
    run.refresh_from_db()
    assert (run.name, RunTag.objects.get().value) == ("third", "third")


def test_an_empty_batch_is_none(caller, run):
    client = caller("ann")
    assert log(client, run.pk.hex).json == {}
    assert recorded() == []
