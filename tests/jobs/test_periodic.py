"""Jobs that come again: asked for by the sweeper, once in their interval, and only where there is work."""

from datetime import timedelta

import pytest

from jobs import periodic as periodic_jobs
from jobs.models import JobRun
from jobs.periodic import periodic
from jobs.sweeper import sweep
from portal.kernel.clock import now

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periodic_jobs, "PERIODIC", {})


def asked_for() -> list[str]:
    return list(JobRun.objects.filter(key="periodic").order_by("id").values_list("kind", flat=True))


def test_a_kind_is_asked_for_once_in_its_interval() -> None:
    periodic("faults.deaf", every=HOUR)
    sweep(patience=HOUR)
    sweep(patience=HOUR)
    assert asked_for() == ["faults.deaf"]


def test_it_comes_again_after_the_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    periodic("faults.deaf", every=HOUR)
    sweep(patience=HOUR)
    JobRun.objects.update(state="done", finished_at="2026-01-01T00:00Z")
    later = now() + HOUR + timedelta(seconds=1)
    monkeypatch.setattr(periodic_jobs, "now", lambda: later)
    sweep(patience=HOUR)
    assert asked_for() == ["faults.deaf", "faults.deaf"]


def test_nothing_is_asked_for_where_nothing_is_wanted() -> None:
    periodic("faults.deaf", every=HOUR, wanted=lambda: False)
    sweep(patience=HOUR)
    assert asked_for() == []


def test_a_question_that_fails_does_not_stop_the_others() -> None:
    periodic("faults.dies", every=HOUR, wanted=lambda: JobRun.objects.filter(kind__nonsense="x").exists())
    periodic("faults.deaf", every=HOUR)
    sweep(patience=HOUR)
    assert asked_for() == ["faults.deaf"]


def test_an_interval_below_a_second_is_refused() -> None:
    with pytest.raises(LookupError):
        periodic("faults.deaf", every=timedelta(milliseconds=10))
