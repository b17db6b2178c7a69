"""A worker that is killed at any statement while it brings a version into use: always exactly one serves."""

import pytest
from django.db import transaction

from deployments.models import Revision, Rollout, Traffic
from deployments.reconciling import reconcile
from deployments.routes import RECONCILE_JOB, reconcile_ask
from deployments.split import split_now
from jobs.models import JobRun
from jobs.runner import run_job
from portal.accounts.actor import Actor
from portal.kernel import sql
from tests.compliance.crashing import dies_at
from tests.compliance.test_crashes import settled as gone
from tests.deployments.test_rollouts import acknowledged, deployed, node, seen, served

__all__ = ["deployed", "node", "served"]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MOST_STEPS = 400
# What the sweeper does when the lease of the dead one is over.
RELEASE = "UPDATE jobs_jobrun SET state = 'queued', lease_until = NULL WHERE state = 'running' AND kind = %s"


def killed_everywhere(endpoint, looks):
    """Kill the job of an endpoint at each of its statements in turn, going on from what was left each time.

    `looks` is asked after every death; how often it died.
    """
    endpoint.refresh_from_db()
    with transaction.atomic():
        reconcile_ask(Actor.system("test", actions=[]), endpoint)
    job_id = JobRun.objects.get(kind=RECONCILE_JOB, key=endpoint.pk.hex, finished_at=None).pk
    for deadly in range(1, MOST_STEPS):
        sql.execute(RELEASE, [RECONCILE_JOB])
        JobRun.objects.filter(pk=job_id).update(max_attempts=MOST_STEPS)
        died = dies_at(deadly, lambda: run_job(job_id))
        gone()
        looks()
        if JobRun.objects.get(pk=job_id).is_terminal:
            return deadly
        assert died
    raise AssertionError("It never came through.")


def test_exactly_one_version_serves_wherever_the_worker_dies(served, deployed, monkeypatch):
    monkeypatch.setattr(
        reconcile, "LINGER_SECONDS", 0.0
    )  # each look again would be killed at each statement, too
    endpoint, first = served
    second = deployed(2, endpoint)
    seen(second, "ready")
    splits = []

    def looks():
        splits.append(split_now(endpoint))
        assert splits[-1] in ({1: 100}, {2: 100})

    assert killed_everywhere(endpoint, looks) > 20
    assert splits == sorted(splits, key=lambda split: 2 in split)
    assert splits[-1] == {2: 100}
    rollout = Rollout.objects.get(revision=second)
    assert (rollout.state, Traffic.objects.filter(endpoint=endpoint).count()) == ("completed", 2)
    acknowledged(endpoint, "gateway")
    assert killed_everywhere(endpoint, looks) > 5
    seen(first, "gone")
    killed_everywhere(endpoint, looks)
    first.refresh_from_db()
    assert (first.desired_state, first.observed_state) == ("stopped", "stopped")
    assert Revision.objects.get(pk=second.pk).observed_state == "ready"
    assert split_now(endpoint) == {2: 100}
