"""A worker that is killed at any statement while it moves a sweep on: what it left is gone on from, nothing twice."""

import pytest

from experiments.models import Run
from jobs import transitions
from jobs.models import QUEUED, JobRun
from jobs.runner import run_job
from portal.accounts.actor import Actor
from portal.kernel import sql
from tests.compliance.crashing import dies_at
from tests.compliance.test_crashes import settled as gone
from tests.training.sweeps.play import begin, complete, end, log, look, settle, sweep_spec, waiting
from training.models import Sweep, TrainingJob, Trial
from training.services.sweeps import ADVANCE_JOB, advance_ask, sweep_start

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MOST_STEPS = 400
# What the sweeper does when the lease of the dead one is over.
RELEASE = "UPDATE jobs_jobrun SET state = 'queued', lease_until = NULL WHERE state = 'running' AND kind = %s"


def left(sweep):
    """What must be all there or not at all; every training of the sweep has its trial, and the other way round."""
    trials = list(Trial.objects.filter(sweep=sweep).order_by("number").values_list("number", "state"))
    assert [number for number, _ in trials] == list(range(len(trials)))
    assert TrainingJob.objects.count() == len(trials) == JobRun.objects.filter(kind="training.run").count()
    found = Sweep.objects.get(pk=sweep.pk)
    return trials, found.state, found.revision


def killed_everywhere(sweep, job_id):
    """Kill the job at each of its statements in turn, each time going on from what was left; how often it died."""
    seen, deaths = [left(sweep)], 0
    for deadly in range(1, MOST_STEPS):
        sql.execute(RELEASE, [ADVANCE_JOB])
        JobRun.objects.filter(pk=job_id).update(max_attempts=MOST_STEPS)
        died = dies_at(deadly, lambda: run_job(job_id))
        gone()
        now = left(sweep)
        if now != seen[-1]:
            seen.append(now)
        if JobRun.objects.get(pk=job_id).is_terminal:
            return seen, deaths + died
        deaths += died
        assert died
    raise AssertionError("It never came through.")


def advance_job():
    return JobRun.objects.get(kind=ADVANCE_JOB, state=QUEUED).pk


def test_killed_at_any_statement_a_sweep_begins_each_trial_once(workspace, cora):
    sweep = sweep_start(
        actor=Actor.of_user(cora), workspace=workspace, spec=sweep_spec(parallel=2, sampler="random")
    )
    seen, deaths = killed_everywhere(sweep, advance_job())
    assert deaths > 20
    assert [trials for trials, _, _ in seen] == [[], [(0, "running"), (1, "running")]]
    params = list(Trial.objects.order_by("number").values_list("params", flat=True))
    again = sweep_start(
        actor=Actor.of_user(cora), workspace=workspace, spec=sweep_spec(parallel=2, sampler="random")
    )
    settle()
    assert (
        list(Trial.objects.filter(sweep=again).order_by("number").values_list("params", flat=True)) == params
    )


def test_killed_at_any_statement_an_ending_is_settled_once(workspace, cora):
    spec = sweep_spec(parallel=1, sampler="random", budget={"trials": 2})
    sweep = sweep_start(actor=Actor.of_user(cora), workspace=workspace, spec=spec)
    settle()
    complete(waiting(sweep)[0], 1.0)
    seen, _ = killed_everywhere(sweep, advance_job())
    assert [trials for trials, _, _ in seen][-1] == [(0, "complete"), (1, "running")]
    assert len({revision for _, _, revision in seen}) == len(seen)
    complete(waiting(sweep)[0], 2.0)
    seen, deaths = killed_everywhere(sweep, advance_job())
    assert deaths > 10
    assert seen[-1][:2] == ([(0, "complete"), (1, "complete")], "done")
    assert Run.objects.get(pk=sweep.parent_run_id).status == "FINISHED"


def test_killed_at_any_statement_a_trial_is_pruned_once(workspace, cora):
    spec = sweep_spec(parallel=1, sampler="random", pruner={"type": "median", "startup_trials": 1})
    sweep = sweep_start(actor=Actor.of_user(cora), workspace=workspace, spec=spec)
    settle()
    training = begin(waiting(sweep)[0])
    log(training, "loss", (1, 1.0))
    end(training)
    settle()
    running = begin(waiting(sweep)[0])
    log(running, "loss", (1, 9.0))
    advance_ask(Actor.system("test", actions=[]), sweep, "test")
    killed_everywhere(sweep, advance_job())
    events = JobRun.objects.get(pk=running.job_id).events.filter(name="cancel asked")
    assert events.count() == 1
    look()
    assert Trial.objects.get(sweep=sweep, number=1).pruned_step == 1


def test_a_job_that_is_delivered_twice_finds_nothing_to_do(workspace, cora):
    sweep = sweep_start(actor=Actor.of_user(cora), workspace=workspace, spec=sweep_spec(parallel=2))
    job_id = advance_job()
    assert run_job(job_id)
    assert not run_job(job_id)
    before = left(sweep)
    assert transitions.claim(job_id, "worker 2") is None
    assert left(sweep) == before
