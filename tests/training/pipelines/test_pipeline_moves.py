"""Runs of pipelines from start to end, with real jobs and rows; only the trainings are played."""

import pytest
from django.db import DatabaseError, transaction

from jobs.models import JobRun
from portal.accounts.actor import Actor
from portal.accounts.models import Membership
from portal.audit.models import AuditEvent
from portal.kernel.errors import Conflict, InvalidInput, PermissionDenied
from tests.training.pipelines.play import finish, fresh, row, states, step
from tests.training.sweeps.play import begin, end, settle
from training.models import TrainingJob
from training.services.pipelines import (
    advance_ask,
    pipeline_begin,
    pipeline_cancel,
    pipeline_resume,
    pipeline_save,
)


def test_steps_wait_for_what_they_read_and_the_run_ends_with_the_last(begun):
    run = begun(
        {
            "prepare": step(job={"outputs": {"rows": {}}}),
            "train": step(inputs={"rows": {"step": "prepare", "output": "rows"}}),
            "report": step(
                "python report.py {auc}", needs=["train"],
                job={"parameters": {"auc": "${{ steps.train.values.auc }}"}},
            ),
        }
    )  # fmt: skip
    assert states(run) == {"prepare": "running", "report": "waiting", "train": "waiting"}
    first = finish(run, "prepare", outputs={"rows": {"path": "outputs/rows", "digest": "0" * 64, "files": 1}})
    train = row(run, "train")
    assert train.state == "running"
    assert train.training.spec["inputs"]["rows"] == {"trainings": [str(first.pk)], "output": "rows"}
    assert train.training.name == "nightly train"
    assert train.training.requested_by.username == "cora"
    finish(run, "train", metrics={"auc": 0.75})
    assert row(run, "report").training.spec["parameters"] == {"auc": 0.75}
    finish(run, "report")
    run = fresh(run)
    assert (run.state, run.reason) == ("done", "")
    assert run.ended_at is not None


def test_conditions_leave_steps_out_and_what_waits_for_them(begun):
    run = begun(
        {
            "train": step(),
            "good": step("python a.py", when="facts.steps.train.values.auc >= facts.parameters.least"),
            "after_good": step("python b.py", needs=["good"]),
            "bad": step("python c.py", when="facts.steps.train.values.auc < facts.parameters.least"),
            "always": step("python d.py", needs=["good", "bad"], after="end"),
        },
        {"least": 0.9},
        parameters={"least": 0.5},
    )
    finish(run, "train", metrics={"auc": 0.7})
    assert states(run) == {
        "after_good": "skipped", "always": "waiting", "bad": "running", "good": "skipped", "train": "done",
    }  # fmt: skip
    finish(run, "bad")
    finish(run, "always")
    assert fresh(run).state == "done"


def test_a_condition_that_cannot_be_told_fails_the_run(begun):
    run = begun({"train": step(), "next": step("python b.py", when="facts.steps.train.values.auc > 0.5")})
    finish(run, "train")
    assert states(run) == {"next": "failed", "train": "done"}
    assert "facts.steps.train.values.auc is missing" in row(run, "next").reason
    assert fresh(run).state == "failed"


def test_a_step_fans_out_over_values_and_another_reads_all_its_folders(begun):
    run = begun(
        {
            "split": step(),
            "fit": step(
                "python fit.py {part}", foreach="${{ steps.split.values.parts }}",
                job={"parameters": {"part": "${{ item }}"}, "outputs": {"model": {}}},
            ),
            "join": step("python join.py", inputs={"models": {"step": "fit", "output": "model"}}),
        }
    )  # fmt: skip
    finish(run, "split", values={"parts": ["north", "south"]})
    assert states(run) == {"fit[0]": "running", "fit[1]": "running", "join": "waiting", "split": "done"}
    assert [row(run, "fit", n).training.spec["parameters"]["part"] for n in (0, 1)] == ["north", "south"]
    left = {"model": {"path": "outputs/model", "digest": "1" * 64, "files": 1}}
    made = [finish(run, "fit", n, outputs=left) for n in (1, 0)]
    assert row(run, "join").training.spec["inputs"]["models"] == {
        "trainings": [str(made[1].pk), str(made[0].pk)], "output": "model",
    }  # fmt: skip


def test_an_empty_list_is_no_work_and_what_is_no_list_fails(begun):
    job = {"parameters": {"p": "${{ item }}"}}
    steps = {
        "split": step(),
        "fit": step("python a.py {p}", foreach="${{ steps.split.values.parts }}", job=job),
    }
    run = begun(steps)
    finish(run, "split", values={"parts": []})
    assert (states(run)["fit"], fresh(run).state) == ("done", "done")
    run = begun(steps, is_cached=False)
    finish(run, "split", values={"parts": "north"})
    assert (states(run)["fit"], fresh(run).state) == ("failed", "failed")


def test_a_failed_run_goes_on_from_the_failed_step(begun, cora):
    run = begun({"a": step(), "b": step("python b.py", needs=["a"]), "c": step("python c.py", needs=["b"])})
    finish(run, "a")
    failed = finish(run, "b", state="failed")
    assert states(run) == {"a": "done", "b": "failed", "c": "blocked"}
    assert (fresh(run).state, fresh(run).reason) == ("failed", "Failed: b.")
    with pytest.raises(Conflict):
        pipeline_cancel(actor=Actor.of_user(cora), run=fresh(run))
    pipeline_resume(actor=Actor.of_user(cora), run=fresh(run))
    settle()
    assert states(run) == {"a": "done", "b": "running", "c": "waiting"}
    again = row(run, "b")
    assert (again.tries, again.training.cloned_from_id) == (2, failed.pk)
    finish(run, "b")
    finish(run, "c")
    assert fresh(run).state == "done"
    with pytest.raises(Conflict):
        pipeline_resume(actor=Actor.of_user(cora), run=fresh(run))


def test_what_did_the_same_before_stands_for_a_step(begun):
    steps = {"a": step(), "b": step("python b.py", needs=["a"], cache=False)}
    first = begun(steps)
    finish(first, "a", metrics={"auc": 0.5})
    finish(first, "b")
    second = begun(steps)
    assert states(second) == {"a": "reused", "b": "running"}
    assert row(second, "a").training_id == row(first, "a").training_id
    assert states(begun({"a": step("python other.py")})) == {"a": "running"}
    assert states(begun(steps, is_cached=False))["a"] == "running"


def test_cancelling_ends_what_runs_and_begins_nothing(begun, cora):
    run = begun({"a": step(), "b": step("python b.py", needs=["a"])})
    pipeline_cancel(actor=Actor.of_user(cora), run=run, reason="wrong data")
    settle()
    assert states(run) == {"a": "cancelled", "b": "cancelled"}
    assert (fresh(run).state, fresh(run).reason) == ("cancelled", "Cancelled by cora: wrong data")
    assert TrainingJob.objects.get(pk=row(run, "a").training_id).job.state == "cancelled"


def test_looking_again_changes_nothing(begun):
    run = begun({"a": step()})
    before = AuditEvent.objects.filter(action="training.pipeline.advance").count()
    for number in range(3):
        advance_ask(Actor.system("test", actions=[]), run, str(number))
    settle()
    assert AuditEvent.objects.filter(action="training.pipeline.advance").count() == before
    assert JobRun.objects.filter(kind="training.run").count() == 1


def test_what_the_requester_may_not_do_any_more_fails_the_step(begun, cora):
    run = begun({"a": step(), "b": step("python b.py", needs=["a"])})
    training = begin(row(run, "a"))
    Membership.objects.filter(user=cora).update(role="viewer")
    end(training)
    settle()
    assert states(run)["b"] == "failed"
    assert "needs the role contributor" in row(run, "b").reason
    assert fresh(run).state == "failed"


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ({"a": step(needs=["b"]), "b": step(needs=["a"])}, "circle"),
        ({"a": step(needs=["x"])}, "no step x"),
        ({"a": step(when="facts.nothing(")}, "rule"),
        (
            {"a": step("python x {y}", job={"parameters": {"y": "${{ parameters.none }}"}})},
            "no parameter none",
        ),
        ({"a": step(job={"parameters": {"y": "${{ item }}"}})}, "foreach"),
        ({"a": step(job={"code": {}})}, "job"),
        ({"a": step(job={"parameters": {"y": "${{ steps.a.b }}"}})}, "no address"),
        ({"a": step(foreach="${{ event.version }}")}, "event"),
        ({"a": step(), "b": step(inputs={"x": {"step": "a", "output": "none"}})}, "no output none"),
        ({"a": step(job={"experiment": "other"})}, "experiment"),
        ({}, "steps"),
    ],
    ids=str,
)
def test_a_document_that_is_not_whole_is_refused(saved, steps, said):
    with pytest.raises(InvalidInput) as no:
        saved(steps)
    assert said in no.value.detail
    assert not TrainingJob.objects.exists()


def test_parameters_are_those_of_the_document(begun):
    with pytest.raises(InvalidInput):
        begun({"a": step()}, {"unknown": 1})
    with pytest.raises(InvalidInput):
        begun({"a": step()}, {"n": "1"}, parameters={"n": 1})


def test_who_only_looks_saves_and_runs_nothing(saved, workspace, bob):
    version = saved({"a": step()})
    with pytest.raises(PermissionDenied):
        pipeline_begin(actor=Actor.of_user(bob), pipeline=version.pipeline, version=version)
    with pytest.raises(PermissionDenied):
        pipeline_save(actor=Actor.of_user(bob), workspace=workspace, name="x", document=version.document)
    same = saved({"a": step()})
    assert same.pk == version.pk
    with pytest.raises(DatabaseError), transaction.atomic():
        type(same).objects.filter(pk=same.pk).update(document={})
    assert saved({"a": step("python b.py")}).number == 2
