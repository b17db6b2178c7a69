"""What an experiment came to: its best runs by a metric, how the best became better, and who ran how much when.

Each is one statement over a bounded number of runs, whatever the experiment holds.
"""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from experiments.models import Experiment
from experiments.selectors.colours import colour_of
from portal.kernel import sql
from portal.kernel.clock import now

LEADERS, LOOKED_AT, DAYS, DAY_MS = 10, 5_000, 30, 86_400_000
COUNTED_RUNS = 20_000
# A walk along the index of the metric from its best end; deleted runs are passed by.
_LEADERS = """
SELECT r.id, r.name, r.status, coalesce(u.username, r.user_name), r.start_time, m.value
FROM experiments_latestmetric m JOIN experiments_run r ON r.id = m.run_id
LEFT JOIN accounts_user u ON u.id = r.created_by_id
WHERE m.experiment_id = %(experiment)s AND m.key = %(key)s AND NOT m.is_nan AND r.lifecycle_stage = 'active'
ORDER BY m.value {way}, m.run_id {way} LIMIT %(limit)s
"""
# The newest runs that have the metric, in the order of their start; each with the best until then.
_BESTS = """
WITH newest AS MATERIALIZED (
    SELECT id, name, start_time FROM experiments_run WHERE experiment_id = %(experiment)s AND lifecycle_stage = 'active'
    ORDER BY start_time DESC LIMIT %(limit)s
), valued AS (
    SELECT newest.*, m.value, {best}(m.value) OVER (ORDER BY start_time, id ROWS UNBOUNDED PRECEDING) AS best
    FROM newest JOIN experiments_latestmetric m ON m.run_id = newest.id AND m.key = %(key)s
    WHERE NOT m.is_nan AND abs(m.value) < 1e300
)
SELECT id, name, start_time, value, value = best AND best IS DISTINCT FROM lag(best) OVER (ORDER BY start_time, id)
FROM valued ORDER BY start_time, id
"""
_ACTIVITY = """
SELECT (start_time - %(first)s) / %(day)s, status, coalesce(u.username, found.user_name), count(*) FROM (
    SELECT start_time, status, created_by_id, user_name FROM experiments_run
    WHERE experiment_id = %(experiment)s AND lifecycle_stage = 'active' AND start_time >= %(first)s
    ORDER BY start_time DESC LIMIT %(limit)s
) found LEFT JOIN accounts_user u ON u.id = found.created_by_id GROUP BY 1, 2, 3
"""


@dataclass(frozen=True)
class Leader:
    """One of the best runs."""

    id: str
    name: str
    status: str
    owner: str
    start_time: int
    value: float
    colour: int


@dataclass(frozen=True)
class Point:
    """A run with its value of the metric; `is_record` where no earlier one of those looked at was better."""

    id: str
    name: str
    start_time: int
    value: float
    is_record: bool


@dataclass(frozen=True)
class Activity:
    """Runs by day and status, and by person: of the last 30 days in UTC, today last."""

    days: list[dt.date]
    by_status: dict[str, list[int]]
    by_person: list[tuple[str, int]]
    is_cut: bool


def leaders(experiment: Experiment, key: str, *, is_less: bool) -> list[Leader]:
    """The runs with the best last value of a metric; the caller has made sure that the experiment is seen."""
    text = _LEADERS.format(way="ASC" if is_less else "DESC")
    found = sql.rows(text, {"experiment": experiment.pk, "key": key, "limit": LEADERS})
    return [Leader(*[run_id.hex, *facts, colour_of(run_id)]) for run_id, *facts in found]


def bests(experiment: Experiment, key: str, *, is_less: bool) -> list[Point]:
    """The metric of the newest 5,000 runs over time, with those that were the best of them when they started."""
    text = _BESTS.format(best="min" if is_less else "max")
    found = sql.rows(text, {"experiment": experiment.pk, "key": key, "limit": LOOKED_AT})
    return [Point(run_id.hex, *facts) for run_id, *facts in found]


def activity(experiment: Experiment) -> Activity:
    """How many runs started when, by whom, and how they ended; of the newest 20,000 where there are more."""
    today = now().date()
    days = [today - dt.timedelta(days=DAYS - 1 - number) for number in range(DAYS)]
    first = int(dt.datetime.combine(days[0], dt.time(), dt.UTC).timestamp() * 1000)
    asked = {"experiment": experiment.pk, "first": first, "day": DAY_MS, "limit": COUNTED_RUNS}
    by_status: dict[str, list[int]] = {}
    people: Counter[str] = Counter()
    for day, status, person, runs in sql.rows(_ACTIVITY, asked):
        by_status.setdefault(status, [0] * DAYS)[min(day, DAYS - 1)] += runs
        people[person] += runs
    return Activity(days, by_status, people.most_common(), people.total() >= COUNTED_RUNS)
