"""A sweep from its start to its end, with real jobs and rows; only the trainings are played."""

import pytest

from experiments.models import Run, RunTag
from jobs.models import CANCELLED, FAILED, QUEUED, JobQuota, JobRun
from portal.accounts.actor import Actor
from portal.accounts.models import Membership
from portal.audit.models import AuditEvent
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from tests.training.sweeps.play import begin, complete, end, log, look, settle, sweep_spec, waiting
from training.models import Sweep, TrainingJob, Trial
from training.services.sweeps import price_per_hour, sweep_start, sweep_stop

MEDIAN = {"type": "median", "startup_trials": 2}


def fresh(sweep):
    return Sweep.objects.get(pk=sweep.pk)


def states(sweep):
    return list(Trial.objects.filter(sweep=sweep).order_by("number").values_list("state", flat=True))


def test_it_begins_as_many_trials_as_may_run_at_once(started):
    sweep = started(parallel=3)
    trials = waiting(sweep)
    assert [trial.number for trial in trials] == [0, 1, 2]
    spec = trials[1].training.spec
    assert (spec["name"], spec["parameters"]) == ("tuning 1", trials[1].params)
    assert spec["tags"] == {
        "mlflow.parentRunId": sweep.parent_run_id.hex, "portal.sweep": str(sweep.pk), "portal.sweep.trial": "1",
    }  # fmt: skip
    assert trials[1].training.requested_by.username == "cora"
    assert sweep.parent_run.status == "RUNNING"


def test_each_ending_brings_the_next_trial_until_the_budget_is_used_up(started):
    sweep = started(parallel=2, budget={"trials": 5})
    losses = iter([3.0, 1.0, 4.0, 1.5, 9.0])
    while fresh(sweep).goes_on:
        running = waiting(sweep)
        assert 1 <= len(running) <= 2
        complete(running[0], next(losses))
        settle()
    sweep = fresh(sweep)
    assert (sweep.state, sweep.ended_by, sweep.best.number, sweep.best.value) == ("done", "trials", 1, 1.0)
    assert states(sweep) == ["complete"] * 5
    assert Run.objects.get(pk=sweep.parent_run_id).status == "FINISHED"
    children = RunTag.objects.filter(key="mlflow.parentRunId", value=sweep.parent_run_id.hex)
    assert children.count() == 5
    assert sweep.importance_trials == 5
    assert set(sweep.importance[0]) == {"x", "n", "kind"}
    assert sum(sweep.importance[0].values()) == pytest.approx(1, abs=0.001)


def test_running_the_job_again_changes_nothing(started):
    sweep = started()
    before = (
        fresh(sweep).revision,
        states(sweep),
        AuditEvent.objects.filter(action="training.sweep.advance").count(),
    )
    for _ in range(3):
        look()
    assert before == (
        fresh(sweep).revision, states(sweep), AuditEvent.objects.filter(action="training.sweep.advance").count(),
    )  # fmt: skip


def test_a_training_without_the_metric_is_a_failed_trial_and_failures_end_it(started):
    sweep = started(parallel=1, stop={"failures": 2})
    training = begin(waiting(sweep)[0])
    log(training, "accuracy", (1, 0.5))
    end(training)
    settle()
    assert Trial.objects.get(sweep=sweep, number=0).reason == "It logged no number as loss."
    end(begin(waiting(sweep)[0]), FAILED)
    settle()
    sweep = fresh(sweep)
    assert (sweep.state, sweep.ended_by, sweep.reason) == (
        "failed",
        "failures",
        "The last 2 trials failed, the last one so: It broke.",
    )
    assert Run.objects.get(pk=sweep.parent_run_id).status == "FAILED"


def test_a_bad_trial_is_pruned_while_it_runs(started):
    sweep = started(parallel=1, pruner=MEDIAN)
    for loss in (1.0, 2.0):
        training = begin(waiting(sweep)[0])
        log(training, "loss", (1, loss + 2), (2, loss))
        end(training)
        settle()
    assert Trial.objects.get(sweep=sweep, number=0).points == [[1, 3.0], [2, 1.0]]
    training = begin(waiting(sweep)[0])
    log(training, "loss", (1, 3.0))
    look()
    assert JobRun.objects.get(pk=training.job_id).cancel_requested_at is None
    log(training, "loss", (2, 99.0), (3, 0.1))
    look()
    job = JobRun.objects.get(pk=training.job_id)
    assert job.cancel_requested_at is not None
    assert Trial.objects.get(sweep=sweep, number=2).state == "running"
    end(training, CANCELLED)
    settle()
    trial = Trial.objects.get(sweep=sweep, number=2)
    assert (trial.state, trial.pruned_step, trial.values) == ("pruned", 2, [99.0])
    assert Run.objects.get(training=training).status == "KILLED"
    assert RunTag.objects.get(run=training.run_id, key="portal.sweep.pruned_step").value == "2"
    assert [one.number for one in waiting(sweep)] == [3], "another one takes its place"


def test_looking_at_points_leaves_no_event(started):
    sweep = started(parallel=1, pruner=MEDIAN)
    training = begin(waiting(sweep)[0])
    before = AuditEvent.objects.filter(action="training.sweep.advance").count()
    log(training, "loss", (1, 3.0), (2, float("nan")))
    look()
    assert Trial.objects.get(sweep=sweep, number=0).points == [[1, 3.0], [2, None]]
    assert AuditEvent.objects.filter(action="training.sweep.advance").count() == before


def test_a_budget_of_time_cancels_what_runs_and_what_waits(started):
    sweep = started(parallel=2, budget={"time": "1h"})
    running = begin(waiting(sweep)[0])
    look()
    assert fresh(sweep).state == "running"
    Sweep.objects.filter(pk=sweep.pk).update(created_at=sweep.created_at.replace(year=2020))
    look()
    sweep = fresh(sweep)
    assert (sweep.state, sweep.ended_by, sweep.reason) == ("ending", "time", "The time of 1h is used up.")
    assert states(sweep) == ["running", "cancelled"]
    assert JobRun.objects.get(pk=running.job_id).cancel_requested_at is not None
    end(running, CANCELLED)
    settle()
    sweep = fresh(sweep)
    assert (sweep.state, states(sweep)) == ("failed", ["cancelled", "cancelled"])


def test_a_budget_of_cost_is_counted_by_the_price_of_its_beginning(started, settings):
    settings.TRAINING_PRICES = {"cpu": 3600.0, "gpu": 0.0, "gib": 0.0}
    sweep = started(parallel=1, budget={"cost": 2})
    assert sweep.price_per_hour == 3600
    settings.TRAINING_PRICES = {"cpu": 0.0, "gpu": 0.0, "gib": 0.0}
    complete(waiting(sweep)[0], 1.0)
    settle()
    assert fresh(sweep).state == "running"
    Trial.objects.filter(sweep=sweep, number=0).update(seconds=2.5)
    look()
    assert (fresh(sweep).state, fresh(sweep).ended_by, states(sweep)) == (
        "done",
        "cost",
        ["complete", "cancelled"],
    )


def test_the_price_is_that_of_the_resources(settings):
    settings.TRAINING_PRICES = {"cpu": 1.0, "gpu": 10.0, "gib": 0.5}
    assert price_per_hour({}) == 1
    assert price_per_hour({"cpus": 2, "gpus": 1, "memory": "512Mi"}) == 2 + 10 + 0.25


def test_stopping_cancels_the_trials_and_the_sweep_ends_when_they_did(started, acting, bob, cora, cleo):
    sweep = started(parallel=2)
    running = begin(waiting(sweep)[0])
    for stranger, refusal in ((bob, PermissionDenied), (cleo, NotFound)):
        with pytest.raises(refusal):
            sweep_stop(actor=acting(stranger), sweep=sweep)
    sweep_stop(actor=acting(cora), sweep=sweep, reason="enough")
    sweep_stop(actor=acting(cora), sweep=sweep)
    settle()
    sweep = fresh(sweep)
    assert (sweep.state, sweep.reason) == ("ending", "Stopped by cora: enough")
    assert states(sweep) == ["running", "cancelled"]
    end(running, CANCELLED)
    settle()
    sweep = fresh(sweep)
    assert (sweep.state, sweep.ended_by) == ("stopped", "stopped")
    assert Run.objects.get(pk=sweep.parent_run_id).status == "KILLED"
    with pytest.raises(Conflict, match="stopped already"):
        sweep_stop(actor=acting(cora), sweep=sweep)


def test_who_lost_the_right_to_train_gets_no_more_trials(started, cora):
    sweep = started(parallel=1)
    Membership.objects.filter(user=cora).update(role="viewer")
    trial = waiting(sweep)[0]
    job = TrainingJob.objects.get(pk=trial.training_id)
    JobRun.objects.filter(pk=job.job_id)
    look()
    sweep = fresh(sweep)
    assert (sweep.state, sweep.ended_by) == ("ending", "refused")
    assert "cora may not submit" in sweep.reason


def test_no_room_in_the_queue_is_waited_for(started, workspace):
    quota = JobQuota.objects.create(workspace=workspace, max_queued=1)
    sweep = started(parallel=3)
    assert [trial.number for trial in waiting(sweep)] == [0]
    revision = fresh(sweep).revision
    look()
    assert fresh(sweep).revision == revision
    quota.delete()
    look()
    assert [trial.number for trial in waiting(sweep)] == [0, 1, 2]


def test_a_queue_that_is_not_there_ends_it(started):
    sweep = started(training={**sweep_spec()["training"], "queue": "nowhere"})
    assert (sweep.state, sweep.ended_by) == ("failed", "refused")
    assert "There is no queue nowhere" in sweep.reason


def test_several_objectives_and_the_best_of_them(started):
    objectives = [*sweep_spec()["objectives"], {"metric": "accuracy", "direction": "maximize"}]
    sweep = started(parallel=1, budget={"trials": 2}, objectives=objectives)
    for loss, accuracy in ((2.0, 0.5), (1.0, 0.6)):
        training = begin(waiting(sweep)[0])
        log(training, "loss", (1, loss))
        log(training, "accuracy", (1, accuracy))
        end(training)
        settle()
    sweep = fresh(sweep)
    assert (sweep.state, sweep.best.number, sweep.best.values) == ("done", 1, [1.0, 0.6])


def test_starting_needs_a_contributor_and_a_spec_that_makes_sense(workspace, acting, bob, cleo, cora, olga):
    for person in (bob, olga):
        with pytest.raises(PermissionDenied):
            sweep_start(actor=acting(person), workspace=workspace, spec=sweep_spec())
    with pytest.raises(NotFound):
        sweep_start(actor=acting(cleo), workspace=workspace, spec=sweep_spec())
    with pytest.raises(InvalidInput):
        sweep_start(actor=acting(cora), workspace=workspace, spec={})
    with pytest.raises(PermissionDenied, match="no account"):
        sweep_start(
            actor=Actor.system("test", actions=["training.sweep.start"]),
            workspace=workspace,
            spec=sweep_spec(),
        )
    assert not Sweep.objects.exists()
    assert not JobRun.objects.filter(state=QUEUED).exists()
