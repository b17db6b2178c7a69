"""Schedules while clocks change and jump: the clock of the portal is put into the hands of the test."""

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from portal.accounts.actor import Actor
from tests.training.pipelines.play import step
from training.models import PipelineRun, PipelineSchedule
from training.services import pipeline_starts
from training.services.pipeline_starts import FIRE_SCHEDULE, schedule_create, schedule_fire, schedule_pause

TICKER = Actor.system("test", actions=[FIRE_SCHEDULE])
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
Moment = dt.datetime


class Clock:
    """What the portal takes for the time."""

    def __init__(self) -> None:
        self.at = Moment(2026, 1, 1, tzinfo=dt.UTC)

    def __call__(self) -> Moment:
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pipeline_starts, "now", clock)
    return clock


@pytest.fixture
def scheduled(saved, cora, clock) -> Callable[..., PipelineSchedule]:
    """`scheduled(start, cron, zone)` makes a schedule at a time; its runs may overlap, so that each is seen."""
    pipeline = saved({"a": step("python train.py")}).pipeline

    def make(start: Moment, cron: str, zone: str, **given) -> PipelineSchedule:
        clock.at = start
        return schedule_create(
            actor=Actor.of_user(cora), pipeline=pipeline, version=pipeline.versions.get(), cron=cron, time_zone=zone,
            overlaps=True, **given,
        )  # fmt: skip

    return make


def fire(schedule: PipelineSchedule) -> None:
    requester = Actor.of_user(schedule.created_by)
    schedule_fire(actor=TICKER, schedule=PipelineSchedule.objects.get(pk=schedule.pk), requester=requester)


def times(schedule: PipelineSchedule) -> list[Moment]:
    """The times that the schedule started the pipeline for, as they were written down."""
    keys = PipelineRun.objects.order_by("id").values_list("cause_key", flat=True)
    return [Moment.fromisoformat(key.rpartition(" ")[2]) for key in keys if str(schedule.pk) in key]


def local(moments: list[Moment], zone: str) -> list[str]:
    return [each.astimezone(ZoneInfo(zone)).strftime("%d %H:%M%z") for each in moments]


@pytest.mark.parametrize(
    ("cron", "zone", "start", "found"),
    [
        # 02:00 becomes 03:00: the time that is left out counts right after the change, and the next day as ever.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", ["29 03:00+0200", "30 02:30+0200"]),
        # 03:00 becomes 02:00: what comes twice counts at the first time only.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", ["25 02:30+0200", "26 02:30+0100"]),
        ("30 1 * * *", "America/New_York", "2026-10-31T12:00Z", ["01 01:30-0400", "02 01:30-0500"]),
        ("30 2 * * *", "America/New_York", "2026-03-07T12:00Z", ["08 03:00-0400", "09 02:30-0400"]),
        # A change of half an hour.
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00Z", ["04 02:30+1100", "05 02:15+1100"]),
    ],
    ids=["berlin-spring", "berlin-autumn", "new-york-autumn", "new-york-spring", "half-an-hour"],
)  # fmt: skip
def test_a_daily_time_counts_once_on_the_days_of_the_change(clock, scheduled, cron, zone, start, found):
    schedule = scheduled(Moment.fromisoformat(start), cron, zone)
    end = clock.at + 44 * HOUR
    while clock.at < end:
        fire(schedule)
        fire(schedule)
        soon = PipelineSchedule.objects.get(pk=schedule.pk).next_at - 7 * MINUTE
        clock.at = max(clock.at + 4 * MINUTE, soon)
    assert local(times(schedule), zone) == found


@pytest.mark.parametrize(("start", "count"), [("2026-03-28T22:00Z", 48), ("2026-10-24T22:00Z", 48)])
def test_every_half_hour_is_every_half_hour_of_real_time(clock, scheduled, start, count):
    """Where a day has 23 hours or 25, no time is lost or doubled."""
    schedule = scheduled(Moment.fromisoformat(start), "*/30 * * * *", "Europe/Berlin")
    end = clock.at + 24 * HOUR
    while clock.at < end:
        clock.at += 15 * MINUTE
        fire(schedule)
    found = times(schedule)
    assert len(found) == count
    assert Counter(later - sooner for sooner, later in itertools.pairwise(found)) == {30 * MINUTE: count - 1}


def test_a_clock_that_is_put_back_starts_nothing_twice(clock, scheduled):
    schedule = scheduled(Moment(2026, 5, 1, 8, 50, tzinfo=dt.UTC), "0 * * * *", "UTC")
    clock.at += 11 * MINUTE
    fire(schedule)
    assert [each.hour for each in times(schedule)] == [9]
    for back in (2 * HOUR, MINUTE, 30 * MINUTE):
        clock.at -= back
        fire(schedule)
    assert [each.hour for each in times(schedule)] == [9]
    clock.at = Moment(2026, 5, 1, 10, 0, tzinfo=dt.UTC)
    fire(schedule)
    assert [each.hour for each in times(schedule)] == [9, 10]


def test_a_time_that_was_counted_before_the_clock_was_put_back_stops_no_schedule(clock, scheduled, cora):
    """Letting it go on asks for the next time again, which has been counted."""
    schedule = scheduled(Moment(2026, 5, 1, 8, 50, tzinfo=dt.UTC), "0 * * * *", "UTC")
    clock.at += 11 * MINUTE
    fire(schedule)
    clock.at -= 11 * MINUTE
    found = PipelineSchedule.objects.get(pk=schedule.pk)
    for is_paused in (True, False):
        schedule_pause(actor=Actor.of_user(cora), schedule=found, is_paused=is_paused)
    for _ in range(8):
        clock.at += 15 * MINUTE
        fire(schedule)
    assert [each.hour for each in times(schedule)] == [9, 10]


@pytest.mark.parametrize(("missed", "found"), [("once", [9, 13]), ("skip", [9])])
def test_a_clock_that_jumps_ahead_makes_up_for_once_or_not_at_all(clock, scheduled, missed, found):
    schedule = scheduled(Moment(2026, 5, 1, 8, 50, tzinfo=dt.UTC), "0 * * * *", "UTC", missed=missed)
    clock.at += 11 * MINUTE
    fire(schedule)
    clock.at += 4 * HOUR + 20 * MINUTE
    fire(schedule)
    fire(schedule)
    assert len(times(schedule)) == len(found)
    assert PipelineSchedule.objects.get(pk=schedule.pk).next_at.hour == 14
