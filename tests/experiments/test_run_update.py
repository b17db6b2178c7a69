"""experiments.run.update: status, end time and name."""

import pytest

from experiments.models import LoggedModel, Run, RunTag
from jobs.models import JobRun
from tests.audit.events import detail_of, latest, recorded
from tests.experiments.tracking import READERS, UNKNOWN_RUN, denied, invalid, like_unknown

UPDATE = "experiments.run.update"


def update(client, run_id, **fields):
    return client.post("runs/update", run_id=run_id, **({"status": "FINISHED", "end_time": 9} | fields))


@pytest.mark.parametrize("person", ["ann", "cora"])
def test_allowed(caller, run, person):
    info = update(caller(person), run.pk.hex, run_name="second").json["run_info"]
    before = run.changes
    run.refresh_from_db()
    assert (run.status, run.end_time, run.name) == ("FINISHED", 9, "second") == (
        info["status"], info["end_time"], info["run_name"],
    )  # fmt: skip
    assert run.changes > before
    assert RunTag.objects.get(run=run, key="mlflow.runName").value == "second"
    assert recorded() == [(UPDATE, "done")]
    assert detail_of(latest())["changes"] == {
        "status": ["RUNNING", "FINISHED"], "end_time": [None, 9], "name": ["first", "second"],
    }  # fmt: skip


def test_what_is_not_named_stays(caller, run):
    caller("ann").post("runs/update", run_id=run.pk.hex)
    run.refresh_from_db()
    assert (run.status, run.end_time, run.name) == ("RUNNING", None, "first")


def test_the_models_of_a_run_that_ends_are_digested_once(caller, run):
    LoggedModel.objects.create(
        id="m-" + "1" * 32, workspace_id=run.workspace_id, experiment=run.experiment, source_run=run, name="m",
        artifact_location="", status="LOGGED_MODEL_READY", creation_timestamp=1, last_updated_timestamp=1,
    )  # fmt: skip
    for status in ("RUNNING", "FINISHED", "FINISHED"):
        update(caller("ann"), run.pk.hex, status=status)
        jobs = list(JobRun.objects.values_list("kind", "key"))
        assert jobs == ([] if status == "RUNNING" else [("experiments.digest_model", "m-" + "1" * 32)])


@pytest.mark.parametrize("person", READERS)
def test_denied(caller, run, person):
    denied(lambda: update(caller(person), run.pk.hex), UPDATE)


def test_not_visible(caller, run):
    client = caller("cleo")
    like_unknown(lambda key: update(client, key), run.pk.hex, UNKNOWN_RUN)


def test_a_deleted_run_stays_as_it_is(caller, run):
    Run.objects.update(lifecycle_stage="deleted")
    client = caller("ann")
    invalid(lambda: update(client, run.pk.hex))


@pytest.mark.parametrize(
    "fields", [{"status": "DONE"}, {"status": 99}, {"end_time": "x"}, {"end_time": 2**63}]
)
def test_invalid(caller, run, fields):
    client = caller("ann")
    invalid(lambda: update(client, run.pk.hex, **fields))


def test_repeated(caller, run):
    assert [update(caller("ann"), run.pk.hex).status for _ in range(2)] == [200, 200]
    assert recorded() == [(UPDATE, "done")] * 2
    assert detail_of(latest())["changes"] == {}
