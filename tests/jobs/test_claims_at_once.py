"""Many hands claim at the same time: no job twice, no limit exceeded."""

import threading
from uuid import uuid4

import pytest
from django.db import connection

from jobs.claims import claim_next
from jobs.models import JobQueue, JobRun
from jobs.queue import enqueue
from tests.jobs.live import ACTOR, Live


def ask(queue: str) -> JobRun:
    return enqueue(
        "faults.returns", key=uuid4().hex, args={"value": 1}, actor=ACTOR, workspace_id=None, queue=queue
    )


@pytest.mark.slow
def test_limits_are_exact_and_no_job_is_taken_twice_under_many_hands(live: Live) -> None:
    """Eight claim at once, first without limits, then from a queue with room for three."""
    JobQueue.objects.create(name="wide")  # no worker serves these
    JobQueue.objects.create(name="narrow", max_running=3)
    runs = {ask("wide").pk for _ in range(60)} | {ask("narrow").pk for _ in range(20)}
    found: list[JobRun] = []

    def claim_all() -> None:
        try:
            while (run := claim_next(f"host:{threading.get_ident()}", ["wide", "narrow"])) is not None:
                found.append(run)
        finally:
            connection.close()

    hands = [threading.Thread(target=claim_all) for _ in range(8)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(60)
    ours = [run for run in found if run.pk in runs]
    assert len(ours) == len({run.pk for run in ours}) == 63
    assert sum(run.queue == "narrow" for run in ours) == 3
    JobRun.objects.filter(pk__in=runs).update(
        state="cancelled", lease_until=None, finished_at="2026-01-01T00:00Z"
    )
