"""Monitors as pages show them."""

from dataclasses import dataclass

from django.db.models import QuerySet

from monitoring.facts import RESOLVED
from monitoring.models import Alert, Monitor, MonitorRun
from monitoring.selectors.monitors import newest_runs

SHOWN_MONITORS, SHOWN_RUNS, SHOWN_ALERTS = 300, 200, 200


@dataclass(frozen=True)
class Row:
    """A monitor, its newest measurement, and its open alert."""

    monitor: Monitor
    run: MonitorRun | None
    alert: Alert | None

    @property
    def state(self) -> str:
        if self.monitor.is_paused:
            return "paused"
        return self.run.state.replace("_", " ") if self.run else "waiting"


def rows_of(monitors: QuerySet[Monitor]) -> list[Row]:
    """The first few hundred monitors of a list with what was measured last."""
    found = list(monitors[:SHOWN_MONITORS])
    runs = newest_runs(found)
    open_alerts = Alert.objects.filter(monitor__in=found).exclude(state=RESOLVED)
    alerts = {each.monitor_id: each for each in open_alerts}
    return [Row(each, runs.get(each.pk), alerts.get(each.pk)) for each in found]


def history_of(monitor: Monitor) -> list[MonitorRun]:
    """The newest measurements without their bodies, oldest first."""
    found = MonitorRun.objects.filter(monitor=monitor).defer("body").order_by("-id")[:SHOWN_RUNS]
    return list(found)[::-1]
