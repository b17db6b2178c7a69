"""The ready document of a run is always the run."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.models import Run, RunDocument
from experiments.selectors import documents
from experiments.selectors.documents import run_document, run_documents
from experiments.services.runs import run_tag_set
from portal.accounts.actor import Actor
from portal.kernel import sql

pytestmark = pytest.mark.django_db

READER = Actor.system("tests", actions=("experiments.run.tag",))


def fresh(run):
    """The document as PostgreSQL builds it now, past every stored one."""
    ((_, _, _, body),) = sql.rows(documents._BUILD, ([run.pk],), binary=True)
    return bytes(body)


def stored_changes(run):
    return RunDocument.objects.filter(run=run).values_list("changes", flat=True).first()


def writes(draw):
    """Calls of the protocol that change a run, or fail to."""
    key, value = draw.choice(["a", "b", "mlflow.x", "mlflow.runName"]), draw.choice(["1", "2", 'é"\\', ""])
    number = draw.choice([1.5, "NaN", "Infinity", -2])
    point = {"key": draw.choice("mn"), "value": number, "timestamp": draw.randrange(3)}
    pair = {"key": key, "value": value}
    return draw.choice(
        [
            ("runs/set-tag", pair),
            ("runs/delete-tag", {"key": key}),
            ("runs/log-parameter", pair),
            ("runs/log-metric", {**point, "step": draw.randrange(3)}),
            ("runs/log-batch", {"metrics": [point], "params": [pair], "tags": [pair]}),
            ("runs/log-batch", {"metrics": [point, point]}),
            ("runs/update", {"status": draw.choice(["RUNNING", "FINISHED", "FAILED"]), "end_time": draw.randrange(9)}),
            ("runs/update", {"run_name": value}),
            ("runs/delete", {}),
            ("runs/restore", {}),
            ("runs/log-inputs", {"datasets": [{"tags": [], "dataset": {
                "name": f"d{draw.randrange(2)}", "digest": "x", "source_type": "local", "source": "{}"}}]}),
        ]
    )  # fmt: skip


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(draw=st.randoms(use_true_random=False))
def test_after_any_writes_the_document_is_the_run(caller, new_run, draw):
    run, client = new_run(status="FINISHED"), caller("ann")
    for _ in range(12):
        path, fields = writes(draw)
        reply = client.post(path, run_id=run.pk.hex, **fields)
        assert reply.status in (200, 400, 404), (path, fields, reply)
        if draw.random() < 0.7:
            assert run_document(READER, run.pk.hex) == fresh(run)
            assert run_documents([run.pk]) == [fresh(run)]
    run.refresh_from_db()
    assert json.loads(fresh(run))["info"]["status"] == run.status


def test_only_runs_that_ended_are_stored(new_run):
    for status in ("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"):
        run = new_run(status=status)
        run_document(READER, run.pk.hex)
        assert (stored_changes(run) is not None) == (status in ("FINISHED", "FAILED", "KILLED"))


def test_a_stored_document_is_what_is_read(new_run):
    run = new_run(status="FINISHED")
    run_document(READER, run.pk.hex)
    RunDocument.objects.update(body=b"{}")
    assert run_document(READER, run.pk.hex) == b"{}"
    assert run_documents([run.pk]) == [b"{}"]


def test_a_write_makes_it_stale_and_the_next_reader_replaces_it(new_run):
    run = new_run(status="FINISHED")
    run_document(READER, run.pk.hex)
    RunDocument.objects.update(body=b"{}")
    run_tag_set(actor=READER, run=run, key="a", value="b")
    assert run_document(READER, run.pk.hex) == fresh(run)
    assert stored_changes(run) == run.changes + 1
    assert bytes(RunDocument.objects.get(run=run).body) == fresh(run)


def test_an_older_document_never_replaces_a_newer_one(new_run):
    run = new_run(status="FINISHED")
    slow = sql.rows(documents._BUILD, ([run.pk],), binary=True)[0]
    run_tag_set(actor=READER, run=run, key="a", value="b")
    newer = run_document(READER, run.pk.hex)
    sql.execute(documents._STORE, ([slow[0]], [slow[1]], [slow[3]]))  # the slow reader stores at last
    assert bytes(RunDocument.objects.get(run=run).body) == newer
    assert run_document(READER, run.pk.hex) == newer


def test_an_older_document_stored_first_is_not_read(new_run):
    run = new_run(status="FINISHED")
    slow = sql.rows(documents._BUILD, ([run.pk],), binary=True)[0]
    run_tag_set(actor=READER, run=run, key="a", value="b")
    sql.execute(documents._STORE, ([slow[0]], [slow[1]], [slow[3]]))
    assert run_document(READER, run.pk.hex) == fresh(run) != bytes(slow[3])


def test_several_come_in_the_order_asked_for(new_run):
    runs = [
        new_run(status=status, name=str(number)) for number, status in enumerate(["FINISHED", "RUNNING"] * 3)
    ]
    run_document(READER, runs[2].pk.hex)
    wanted = [runs[index].pk for index in (3, 2, 5, 0, 1, 4)]
    names = [json.loads(body)["info"]["run_name"] for body in run_documents(wanted)]
    assert names == ["3", "2", "5", "0", "1", "4"]
    assert Run.objects.count() == 6
