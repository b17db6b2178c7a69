"""Times of schedules: cron expressions in a time zone, as Debian's cron reads them where clocks change."""

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from portal.kernel.errors import InvalidInput

LONGEST_GAP = dt.timedelta(days=366 * 5)


def cron_next(cron: str, time_zone: str, after: dt.datetime) -> dt.datetime:
    """The first time after `after`, aware and in UTC.

    A time of day that the change to summer time leaves out counts right after it; one that comes twice counts once,
    unless the expression names every hour. Raises InvalidInput (`invalid_schedule`) for what is no expression or time
    zone, or never comes.
    """
    try:
        found = next(_times(cron, after.astimezone(_zone(time_zone))))
    except StopIteration as error:
        raise _refused(f"{cron} names no time that comes") from error
    return found.astimezone(dt.UTC)


def cron_words(cron: str) -> str:
    """The expression in a sentence, such as `At 09:00 on Monday through Friday`."""
    return _times(cron, dt.datetime.now(dt.UTC)).explain()


def _times(cron: str, after: dt.datetime) -> CronSim:
    if len(cron.split()) != 5:
        raise _refused("a cron expression has five parts: minute, hour, day, month and day of the week")
    try:
        return CronSim(cron, after)
    except CronSimError as error:
        raise _refused(f"{cron} is no cron expression: {error}") from error


def _zone(name: str) -> ZoneInfo:
    if name not in _zones():
        raise _refused(f"there is no time zone {name[:60]}; they are called as Europe/Berlin or UTC")
    return ZoneInfo(name)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _refused(why: str) -> InvalidInput:
    return InvalidInput(f"The schedule is not taken: {why}.", code="invalid_schedule")
